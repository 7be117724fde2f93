/* The words for the connection: in the side bar, and over the page once it lasts; with the way back to it. */
import { setProps } from "../document.js";
import socket from "../wire/socket.js";
import { noop, t } from "../words.js";

const LABELS = {
  live: [noop("Live"), noop("Close")],
  reconnecting: [noop("Reconnecting"), noop("Close")],
  offline: [noop("Offline"), noop("Close")],
  closed: [noop("Closed"), noop("Open")],
  "signed-out": [noop("Signed out"), noop("Sign in")],
};

/* What stands over the page itself, once the state lasts. */
const NOTICES = {
  reconnecting: noop("The connection was lost. It is being restored, and what you asked for goes on."),
  offline: noop("You are offline. The page goes on by itself once the network is back."),
  "signed-out": noop("Your session has ended, or you signed out in another tab. What is drawn stays."),
};

/* The texts and states of the side bar's line and of the notice, in the order of the callback's outputs. */
export function describeConnection() {
  const { state, lasts } = socket.state();
  const notice = (lasts && NOTICES[state] && t(NOTICES[state])) || "";
  return [...LABELS[state].map((words) => t(words)), state, notice, notice && state];
}

export function toggleConnection() {
  if (socket.whyStopped() === "signed-out") signIn();
  else if (socket.isWanted()) socket.close();
  else socket.open();
}

export const signIn = () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);

export const start = () => socket.on("state", (data) => setProps("connection", { data }));
