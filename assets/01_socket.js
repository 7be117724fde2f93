/* This tab's socket to the bridge: opens it, keeps it open, says how it is, and hands each answer to its panel.
   `02_panels.js` asks through `pushboard.run`; answers go into the panels' stores by `dash_clientside.set_props`. */
window.pushboard = (() => {
  "use strict";

  const RENEW = new Set([4401, 4408]); // the bridge's closing codes for "sign in again" and "renew the sign-in"
  const TERMINAL = new Set(["finished", "failed", "cancelled", "rejected"]);
  const PING_EVERY = 50_000;
  const SILENCE = 20_000; // after a ping; then the socket counts as broken
  const GRACE = 60_000; // after a run's own limit; then it counts as lost

  const runs = new Map(); // topic -> the run that is not answered yet
  const listeners = { ended: () => {}, reports: () => {} };
  let socket = null;
  let wanted = true; // whether the viewer wants a connection
  let live = false;
  let attempts = 0;
  let timer = 0;
  let heardAt = 0;
  let pinged = 0;

  const put = (id, data) => window.dash_clientside?.set_props?.(id, { data });
  const isShown = (topic) => document.querySelector(`[data-topic="${CSS.escape(topic)}"]`) !== null;

  function say(state) {
    document.documentElement.dataset.connection = state;
    put("connection", { state, attempts });
  }

  function connect() {
    clearTimeout(timer);
    if (!wanted || socket) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const opened = new WebSocket(`${scheme}://${location.host}/ws`);
    socket = opened;
    opened.onmessage = (event) => socket === opened && receive(JSON.parse(event.data));
    opened.onclose = (event) => socket === opened && closed(event.code);
    heardAt = Date.now();
  }

  function receive(message) {
    heardAt = Date.now();
    pinged = 0;
    if (message.type === "connected") return becameLive();
    if (message.type === "reports") return listeners.reports(message);
    const run = message.topicName && runs.get(message.topicName);
    if (!run || (message.runId && message.runId !== run.message.runId)) return;
    tell(run, message);
  }

  function becameLive() {
    live = true;
    attempts = 0;
    say("live");
    for (const run of runs.values()) send(run.message);
  }

  /* Says to the run's panel what there is to say; `put` decides where, since not every topic is a panel. */
  function tell(run, message) {
    const topic = run.message.topicName;
    run.shared = message.shared ?? run.shared;
    const said = { ...message, runId: run.message.runId, startedAt: run.startedAt, shared: run.shared };
    run.said = said;
    if (TERMINAL.has(message.type)) {
      runs.delete(topic);
      listeners.ended(run, said);
    }
    if (run.into) return message.type === "finished" && put(run.into, said);
    if (!isShown(topic)) return;
    put({ type: "event", topic }, said);
    if (message.type === "finished") put({ type: "finished", topic }, said);
  }

  async function closed(code) {
    socket = null;
    live = false;
    if (!wanted) return;
    say("reconnecting");
    if (RENEW.has(code) && !(await renewed())) return;
    const soon = Math.min(30_000, 500 * 2 ** attempts) * (0.5 + Math.random() / 2);
    const wait = RENEW.has(code) && attempts === 0 ? 0 : soon;
    attempts += 1;
    timer = setTimeout(connect, wait);
  }

  /* Whether the sign-in could be renewed, or may still be: only a clear no ends the connection. */
  async function renewed() {
    try {
      const answer = await fetch("/auth/renew", { method: "POST" });
      if (answer.status !== 401) return true;
    } catch {
      return true;
    }
    wanted = false;
    say("signed-out");
    return false;
  }

  function send(message) {
    if (live) socket.send(JSON.stringify(message));
  }

  const sameQuestion = (a, b) =>
    a.report === b.report && !b.refresh && JSON.stringify(a.parameters) === JSON.stringify(b.parameters);

  /* Asks, or takes up again a run of the same question that is still under way; gives the message that counts.
     `about` is what the page knows of the run: timeoutSeconds, title, page, and `into` for a topic without a panel. */
  function run(message, about) {
    const underWay = runs.get(message.topicName);
    if (underWay && sameQuestion(underWay.message, message)) {
      tell(underWay, underWay.said);
      return underWay.message;
    }
    const { timeoutSeconds, ...more } = about;
    const asked = { message, startedAt: Date.now(), limit: timeoutSeconds * 1000, shared: false, ...more };
    runs.set(message.topicName, asked);
    tell(asked, { type: wanted ? "submitted" : "paused" });
    send(message);
    return message;
  }

  function cancel(topic) {
    const run = runs.get(topic);
    if (!run) return;
    send({ action: "cancel", runId: run.message.runId });
    tell(run, { type: "cancelled" });
  }

  function close() {
    wanted = false;
    clearTimeout(timer);
    const open = socket;
    socket = null;
    live = false;
    open?.close(1000);
    say("closed");
    for (const run of runs.values()) tell(run, { type: "paused" });
  }

  function open() {
    wanted = true;
    attempts = 0;
    say("reconnecting");
    for (const run of runs.values()) {
      run.startedAt = Date.now();
      tell(run, { type: "submitted" });
    }
    connect();
  }

  /* Once a second: is the socket still there, and is a run longer under way than it may be? */
  function watch() {
    const now = Date.now();
    if (live && pinged && now - pinged > SILENCE) socket.close();
    else if (live && !pinged && now - heardAt > PING_EVERY) {
      pinged = now;
      send({ action: "ping" });
    }
    if (!wanted) return;
    for (const run of [...runs.values()]) {
      if (now - run.startedAt > run.limit + GRACE) {
        const message = `This report did not answer within its limit of ${run.limit / 1000} s.`;
        tell(run, { type: "failed", code: "timeout", message });
      }
    }
  }

  setInterval(watch, 1000);
  addEventListener("online", () => wanted && !socket && connect());
  addEventListener("pagehide", () => socket?.close(1000));
  addEventListener("pageshow", (event) => event.persisted && connect());

  return { connect, run, cancel, close, open, put, isShown, listeners, waiting: () => [...runs.values()], isWanted: () => wanted };
})();
