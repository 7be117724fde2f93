/* This tab's socket to the bridge (`dashboard/bridge`): opens it, notices when it is cut, opens another, and tells its
   state. `runs.js` sends and receives by it; `connection.js` shows its state. */
import { emitter } from "./events.js";
import { user } from "../document.js";

const RENEW_CODES = new Set([4401, 4408]); // the bridge closes with these for "sign in again" and "renew the sign-in"
const SILENCE_TIMEOUT = 18_000; // the bridge sends a heartbeat every 8 s, so two are missing by then
const PROBE_TIMEOUT = 2_000; // for an answer, once something looks wrong
const OPEN_TIMEOUT = 15_000; // for a new connection, which takes the bridge and the gateway
const STABLE_AFTER = 10_000; // a connection that held so long resets the backoff
const MAX_BACKOFF = 30_000;
const BRIEF = 2_000; // an interruption so short is not shown
const HEARTBEATS = new Set(["heartbeat", "beat"]);

const { on, emit } = emitter();
let socket = null;
let live = false;
let stopped = ""; // why no connection is wanted: "closed" by the viewer, or "signed-out"
let renewing = false;
let attempts = 0;
let serial = 0; // of the socket that is open, or was opened last
let isFirst = true; // no socket was lost yet
let timer = 0;
let changedAt = Infinity; // when the connection came or went
let receivedAt = 0;
let answeredAt = 0; // by the gateway; heartbeats come from the bridge
let probe = null; // until when an answer must come, and whether a heartbeat counts as one
let lastState = "";

const awayFor = () => (live ? 0 : Date.now() - changedAt);
const liveFor = () => (live ? Date.now() - changedAt : 0);

function stateName() {
  if (stopped) return stopped;
  if (live && !(probe && !navigator.onLine)) return "live";
  if (!navigator.onLine) return "offline";
  return renewing && awayFor() < BRIEF ? "live" : "reconnecting";
}

/* The connection's state, and whether it has lasted long enough for a notice. */
function state() {
  const name = changedAt === Infinity ? "reconnecting" : stateName();
  return { state: name, lasts: name !== "live" && (name !== "reconnecting" || awayFor() >= BRIEF) };
}

function tellState() {
  const now = state();
  if (lastState === `${now.state} ${now.lasts}`) return;
  lastState = `${now.state} ${now.lasts}`;
  document.documentElement.dataset.connection = now.state;
  emit("state", now);
}

function connect() {
  clearTimeout(timer);
  if (stopped || socket) return;
  const early = takeEarlySocket();
  const opened = early?.socket ?? new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`);
  socket = opened;
  serial += 1;
  changedAt = Math.min(changedAt, Date.now());
  opened.onmessage = (event) => socket === opened && receive(JSON.parse(event.data));
  opened.onclose = (event) => socket === opened && handleClose(event.code);
  receivedAt = Date.now();
  early?.messages.forEach((data) => receive(JSON.parse(data)));
  if (early?.closedWith) handleClose(early.closedWith);
}

/* The socket that `early_socket.js` opened, with what came on it since; once. If it opens only now, the page asks. */
function takeEarlySocket() {
  const early = window.pushboardEarlySocket;
  delete window.pushboardEarlySocket;
  if (early) early.socket.onopen = null;
  return early;
}

function receive(message) {
  const isHeartbeat = HEARTBEATS.has(message.type);
  receivedAt = Date.now();
  if (!isHeartbeat) answeredAt = receivedAt;
  if (probe && (probe.heartbeatCounts || !isHeartbeat)) probe = null;
  if (message.type === "connected") becomeLive(message);
  else if (message.type === "reports") emit("reports", message);
  else if (!isHeartbeat && message.type !== "pong") emit("message", message);
  tellState();
}

function becomeLive(message) {
  if (message.user !== user()) return location.reload(); // somebody else signed in
  live = true;
  renewing = false;
  changedAt = Date.now();
  tellState();
  emit("live");
}

/* Lets go of the socket at once: closing a cut one would take long. */
function drop(code) {
  const open = socket;
  socket = null;
  open?.close(1000);
  return handleClose(code);
}

async function handleClose(code) {
  socket = null;
  isFirst = false;
  probe = null;
  if (live) changedAt = Date.now();
  live = false;
  if (stopped) return;
  renewing = RENEW_CODES.has(code);
  tellState();
  if (renewing && !(await renewSession())) return;
  const backoff = Math.min(MAX_BACKOFF, 500 * 2 ** attempts) * (0.5 + Math.random() / 2);
  timer = setTimeout(connect, renewing && attempts === 0 ? 0 : backoff);
  attempts += 1;
}

/* Whether the sign-in was renewed, or may still be: only a clear no ends the connection (see `http.js`). */
async function renewSession() {
  try {
    await fetch("/auth/renew", { method: "POST", signal: AbortSignal.timeout(OPEN_TIMEOUT) });
  } catch {
    return true;
  }
  return !stopped;
}

function send(message) {
  if (live) socket.send(JSON.stringify(message));
  return live;
}

/* Asks for an answer; without one in time the connection counts as broken. A heartbeat comes from the bridge, and says
   nothing of the gateway behind it. */
function startProbe(timeout, heartbeatCounts) {
  const until = Date.now() + timeout;
  if ((!probe || until < probe.until) && send({ action: "ping" })) probe = { until, heartbeatCounts };
  tellState();
}

function stop(why) {
  if (stopped === "signed-out") return;
  stopped = why;
  clearTimeout(timer);
  drop(1000);
  tellState();
  emit("stopped", why);
}

function open() {
  stopped = "";
  changedAt = Date.now();
  emit("opened");
  reconnectNow();
}

function reconnectNow() {
  attempts = 0;
  connect();
  tellState();
}

function watch() {
  const now = Date.now();
  if (probe && now > probe.until) drop(1006);
  else if (live && now - receivedAt > SILENCE_TIMEOUT) startProbe(PROBE_TIMEOUT, true);
  else if (socket && !live && now - receivedAt > OPEN_TIMEOUT) drop(1006);
  if (liveFor() > STABLE_AFTER) attempts = 0;
  tellState();
}

/* Opens the first connection; called once, as soon as the script is there. */
function start() {
  connect();
  setInterval(watch, 1000);
  addEventListener("offline", () => startProbe(PROBE_TIMEOUT, true));
  addEventListener("online", () => !live && reconnectNow());
  addEventListener("pagehide", () => socket?.close(1000));
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("visibilitychange", () => !document.hidden && !live && reconnectNow());
}

export default {
  on,
  start,
  open,
  close: () => stop("closed"),
  signedOut: () => stop("signed-out"),
  renew: () => drop(4408),
  send,
  startProbe,
  state,
  liveFor,
  awayFor,
  isLive: () => live,
  isFirst: () => isFirst,
  serial: () => serial,
  isWanted: () => !stopped,
  whyStopped: () => stopped,
  answeredAt: () => answeredAt,
};
