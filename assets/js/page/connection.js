/* The words for the connection: in the side bar, and over the page once it lasts; with the way back to it. */
import { setProps } from "../document.js";
import socket from "../wire/socket.js";

const LABELS = {
  live: ["Live", "Close"],
  reconnecting: ["Reconnecting", "Close"],
  offline: ["Offline", "Close"],
  closed: ["Closed", "Open"],
  "signed-out": ["Signed out", "Sign in"],
};

/* What stands over the page itself, once the state lasts. */
const NOTICES = {
  reconnecting: "The connection was lost. It is being restored, and what you asked for goes on.",
  offline: "You are offline. The page goes on by itself once the network is back.",
  "signed-out": "Your session has ended, or you signed out in another tab. What is drawn stays.",
};

/* The texts and states of the side bar's line and of the notice, in the order of the callback's outputs. */
export function describeConnection() {
  const { state, lasts } = socket.state();
  const notice = (lasts && NOTICES[state]) || "";
  return [...LABELS[state], state, notice, notice && state];
}

export function toggleConnection() {
  if (socket.whyStopped() === "signed-out") signIn();
  else if (socket.isWanted()) socket.close();
  else socket.open();
}

export const signIn = () => location.assign(`/login?next=${encodeURIComponent(location.pathname + location.search)}`);

export const start = () => socket.on("state", (data) => setProps("connection", { data }));
