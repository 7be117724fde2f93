/* What the page says of its connection: in the side bar, and over the page once it lasts; with the way back to it. */
(() => {
  "use strict";

  const { pushboard } = window;
  const callbacks = window.dash_clientside.pushboard;

  const CONNECTION = {
    live: ["Live", "Close"],
    reconnecting: ["Reconnecting", "Close"],
    offline: ["Offline", "Close"],
    closed: ["Closed", "Open"],
    "signed-out": ["Signed out", "Sign in"],
  };

  /* What is said of it on the page itself, once it lasts. */
  const NOTICES = {
    reconnecting: "The connection was lost. It is being restored, and what you asked for goes on.",
    offline: "You are offline. The page goes on by itself once the network is back.",
    "signed-out": "Your session has ended, or you signed out in another tab. What is drawn stays.",
  };

  callbacks.connection = (now) => {
    if (!now) {
      pushboard.connect();
      return ["Connecting", "Close", "reconnecting", "", ""];
    }
    const [text, button] = CONNECTION[now.state];
    const notice = (now.lasts && NOTICES[now.state]) || "";
    return [text, button, now.state, notice, notice && now.state];
  };

  pushboard.signIn = () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);

  callbacks.toggle = () => {
    if (pushboard.whyStopped() === "signed-out") pushboard.signIn();
    else if (pushboard.isWanted()) pushboard.close();
    else pushboard.open();
    return window.dash_clientside.no_update;
  };

  /* A page that the server could not give is asked for again, a while after it last failed. */
  const PATIENCE = 5_000;
  let unopened = false;
  pushboard.listeners.unanswered = (body) => {
    unopened ||= typeof body === "string" && body.includes('"output":"content.children"');
  };
  setInterval(() => {
    if (!unopened || !pushboard.isLive() || Date.now() - pushboard.troubleAt() < PATIENCE) return;
    unopened = false;
    window.dash_clientside.set_props("url", { pathname: location.pathname, search: location.search });
  }, 1000);
})();
