/* The runs that this tab asked for and has no answer to yet: sends them, resumes them after a broken socket or a reload,
   looks after those that take long, and hands each message to `page.js` and `exports.js`. What has ended is watched
   (`watches.js`), and under way again once the gateway says that its tables have changed. */
import { emitter } from "./events.js";
import { user } from "../document.js";
import socket from "./socket.js";
import * as watches from "./watches.js";
import { t } from "../words.js";

const TERMINAL = new Set(["finished", "exported", "failed", "cancelled", "rejected"]);
const REVOKED = new Set(["forbidden", "unknown_report"]); // what was drawn is not the viewer's to see any more
const STORAGE_KEY = "pushboard.runs"; // in the tab's own storage, which a reload keeps
const MAX_RESUMED = 100; // runs that one `resume` may name
const BRIEF = 2_000; // an interruption so short is not shown
const UNACCEPTED = 3_000; // after which a run that the warehouse has not accepted says so
const INSPECT_AFTER = 21_000; // on a resume the gateway inspects the statement of a run that is 20 s old
const GRACE = 60_000; // after a run's own limit; then it counts as lost
const QUIET = 30_000; // without a message of the gateway while a run waits
const ANSWER_TIMEOUT = 20_000; // for the gateway, once it was probed

const { on, emit } = emitter();
const runs = new Map(); // topic -> the run that is not answered yet
let earlier = null; // topic -> the run that the page before the reload waited for
let sentEarly = new Map(); // topic -> the run that `early_socket.js` has sent already
let losses = 0; // answers of the gateway that name no run: one of the messages was lost
let inspectAt = Infinity; // when to resume all after a loss
let tickedAt = Date.now();
let storeTimer = 0;
let wokeAt = 0; // when this computer last woke up

// ---------------------------------------------------------------------------------------------- what a reload keeps

const mayRun = (run) => Date.now() - run.startedAt < run.limit + GRACE;

function storedRuns() {
  try {
    const found = JSON.parse(sessionStorage.getItem(STORAGE_KEY));
    return found?.user === user() ? found.runs.filter(mayRun).map((run) => [run.message.topicName, run]) : [];
  } catch {
    return []; // a browser that keeps nothing asks anew after a reload
  }
}

/* Keeps the runs for a reload; changes that come together are kept together. */
function store() {
  earlier ??= new Map(storedRuns());
  storeTimer ||= setTimeout(storeNow, 0);
}

function storeNow() {
  clearTimeout(storeTimer);
  storeTimer = 0;
  const all = [...(earlier?.values() ?? []), ...runs.values()].map(stored);
  try {
    sessionStorage.setItem(STORAGE_KEY, JSON.stringify({ user: user(), runs: all }));
  } catch {
    /* as above */
  }
}

const stored = ({ message, limit, startedAt, shared, sent, accepted, resumed, repeated }) =>
  ({ message, limit, startedAt, shared, sent, accepted, resumed, repeated });

addEventListener("pagehide", () => storeTimer && storeNow());
addEventListener("submit", ({ target }) => target.matches("[action='/logout']") && forget());

function forget() {
  runs.clear();
  earlier = new Map();
  storeNow();
  sessionStorage.removeItem(STORAGE_KEY);
}

// ------------------------------------------------------------------------------------------------------------ asking

const isSameQuestion = (a, b) =>
  a.report === b.report && !b.refresh && JSON.stringify(a.parameters) === JSON.stringify(b.parameters);

/* The run of the same question that the page before the reload waited for, if it may still be under way. */
function takeEarlier(message) {
  earlier ??= new Map(storedRuns());
  const run = earlier.get(message.topicName);
  earlier.delete(message.topicName);
  return run && mayRun(run) && isSameQuestion(run.message, message) ? run : null;
}

/* The run of the same question that the document has sent already. */
function takeSentEarly(fresh) {
  const run = sentEarly.get(fresh.message.topicName);
  if (!run || !isSameQuestion(run.message, fresh.message)) return null;
  sentEarly.delete(fresh.message.topicName);
  return { ...fresh, ...run, sent: true, onItsWay: true };
}

/* What the document has sent and the page does not ask, such as for a panel too far from a low screen. */
function cancelUnwanted() {
  for (const { message } of sentEarly.values()) socket.send({ action: "cancel", runId: message.runId });
  sentEarly.clear();
}

/* Asks for several runs in one burst, each `{message, about}`. A run of the same question that is under way is kept; one
   of another question of the same topic is cancelled. `about` is what the page knows: timeoutSeconds, title, page, `live`
   of its report, and `source` for a topic without a panel. */
export function requestRuns(wanted) {
  const fresh = wanted.map(({ message, about }) => prepare(message, about)).filter(Boolean);
  sendRuns(fresh);
}

function prepare(message, { timeoutSeconds, ...about }) {
  const underWay = runs.get(message.topicName);
  if (underWay && !underWay.before && isSameQuestion(underWay.message, message)) {
    notify(underWay, underWay.lastEvent);
    return null;
  }
  if (underWay?.sent) socket.send({ action: "cancel", runId: underWay.message.runId });
  const limit = timeoutSeconds * 1000;
  const fresh = { message, limit, startedAt: Date.now(), shared: false };
  const run = takeSentEarly(fresh) ?? takeEarlier(message) ?? fresh;
  Object.assign(run, about, { phase: "", checks: 0 });
  watches.release((each) => each.message.topicName !== message.topicName);
  runs.set(message.topicName, run);
  notify(run, socket.isWanted() ? { type: "submitted" } : { type: "paused", why: socket.whyStopped() });
  return run;
}

/* To the gateway: in full what was never sent, by its id what was. */
function sendRuns(some) {
  if (socket.isLive()) {
    resume(some.filter((run) => run.sent && !isOnItsWay(run)));
    some.filter((run) => !run.sent).forEach(send);
  }
  store();
}

function send(run) {
  run.sent = socket.send(run.message);
  run.watchedOn = socket.serial();
}

/* Whether a run went out on the very socket that is open now; once. */
function isOnItsWay(run) {
  const isOn = run.onItsWay && socket.isFirst();
  run.onItsWay = false;
  if (isOn) run.watchedOn = socket.serial();
  return isOn;
}

/* The gateway answers what became of these runs, or will; for an old one it inspects the statement. */
function resume(some) {
  for (const run of some) Object.assign(run, { resumed: true, checks: checksDue(run) });
  for (let start = 0; start < some.length; start += MAX_RESUMED) {
    const runIds = some.slice(start, start + MAX_RESUMED).map((run) => run.message.runId);
    socket.send({ action: "resume", runIds });
  }
}

export function cancel(topic) {
  const run = runs.get(topic);
  if (!run) return;
  socket.send({ action: "cancel", runId: run.message.runId });
  notify(run, { type: "cancelled" });
}

// --------------------------------------------------------------------------------------------------------- receiving

function receive(message) {
  const run = [...runs.values()].find((each) => each.message.runId === message.runId) ?? turnedRun(message);
  if (message.type === "rejected" && message.code === "expired") return signInEnded(run, message);
  if (message.type === "rejected" && !message.runId) return inspectSoon();
  if (!run || isOldNews(run, message)) return; // ended already, or replaced by another run
  losses = 0;
  if (message.type === "changed") Object.assign(run, { newDataAt: message.at, startedAt: Date.now(), accepted: false });
  if (message.type === "failed" && message.code === "expired" && !run.repeated) return repeat(run);
  run.accepted ||= message.type === "accepted";
  if (!run.resumed) run.shared = message.shared ?? run.shared; // a resumed run is always called shared
  notify(run, message);
}

function signInEnded(run, message) {
  if (run?.renewed) return notify(run, message);
  if (run) Object.assign(run, { renewed: true, sent: false });
  socket.renew();
}

/* It never arrived, or was forgotten: nothing runs under this id, so it can be given to the gateway again. */
function repeat(run) {
  Object.assign(run, { repeated: true, sent: false, resumed: false, accepted: false, startedAt: Date.now(), checks: 0 });
  notify(run, { type: "submitted" });
  sendRuns([run]);
}

function inspectSoon() {
  inspectAt = Math.min(inspectAt, Date.now() + Math.min(60_000, BRIEF * 2 ** losses));
  losses += 1;
}

/* Tells the page what a run has come to; after a terminal message the run is no longer kept here. */
function notify(run, message) {
  const { startedAt, shared, phase, newDataAt, before } = run;
  const isLost = before && message.type !== "finished" && TERMINAL.has(message.type) && !REVOKED.has(message.code);
  const said = { ...message, runId: run.message.runId, startedAt, shared, phase, newDataAt, before };
  const event = isLost ? { ...before, offeredAt: newDataAt } : said; // what is drawn stays, and the new rows are offered
  run.lastEvent = event;
  if (TERMINAL.has(event.type)) {
    runs.delete(run.message.topicName);
    store();
    if (message.type === "finished" || message.type === "failed") keep(run, message);
  }
  emit("event", run, event);
  if (TERMINAL.has(event.type)) emit("ended", run, event);
}

// --------------------------------------------------------------------------------------------------------- turning

function keep(run, { statementId, asOf }) {
  if (!run.message.watch) return;
  if (statementId) Object.assign(run, { answers: [...(run.answers ?? []), statementId], asOf });
  watches.keepWatched(run);
}

const isAnswered = (run, { statementId }) => Boolean(run.answers?.includes(statementId));

/* Whether a message tells an end once more that came before the tables changed. An answer to `resume` is no repetition. */
const isOldNews = (run, message) => run.before && !run.resumed && isAnswered(run, message);

/* The watched run that a message puts under way again: its tables have changed, or, after it was sent again, it is answered
   by rows that the page does not have. */
function turnedRun(message) {
  const run = watches.watchedRun(message.runId);
  if (!run) return undefined;
  if (message.type === "changed") return run.live ? turn(run, message.at) : offer(run, message.at);
  const isAsked = watches.isAskedAgain(run);
  const isNewer = !isAnswered(run, message) && !(message.asOf < run.asOf);
  if (message.type === "finished" && isNewer) return turn(run, message.asOf);
  if (message.type === "accepted") return isAsked && isNewer ? turn(run, new Date().toISOString()) : undefined;
  if (isAsked && REVOKED.has(message.code)) return turn(run);
  watches.answered(run); // by the rows that are drawn, or not at all just now
  return undefined;
}

/* Puts a watched run under way again, as new as any; `before` is the answer that is drawn meanwhile. */
function turn(run, newDataAt) {
  const { before: _, ...last } = run.lastEvent;
  watches.takeWatched(run);
  Object.assign(run, { before: last.type === "finished" ? last : undefined, newDataAt, startedAt: Date.now(), checks: 0 });
  Object.assign(run, { phase: "", shared: false, accepted: false, resumed: false, repeated: false, renewed: false });
  runs.set(run.message.topicName, run);
  store();
  return run;
}

/* A report that is not live is run again by its viewer alone. */
function offer(run, offeredAt) {
  run.lastEvent = { ...run.lastEvent, offeredAt };
  emit("event", run, run.lastEvent);
}

// --------------------------------------------------------------------------------------------------- looking after runs

const lateAfter = (run) => Math.min(INSPECT_AFTER, run.limit / 2);

/* How often the run should have been inspected by now: once it is late, and once its limit has passed. */
function checksDue(run) {
  const age = Date.now() - run.startedAt;
  return age > run.limit + 1000 ? 2 : age > lateAfter(run) ? 1 : 0;
}

function phaseOf(run) {
  if (socket.awayFor() > BRIEF) return "cut";
  if (checksDue(run)) return "late";
  return !run.accepted && Date.now() - run.startedAt > UNACCEPTED ? "unaccepted" : "";
}

function watch() {
  const now = Date.now();
  if (now - tickedAt > 10_000) wokeAt = now;
  tickedAt = now;
  if (!socket.isWanted()) return;
  for (const run of runs.values()) {
    const phase = phaseOf(run);
    if (phase !== run.phase) notify(Object.assign(run, { phase }), run.lastEvent);
  }
  if (socket.isLive()) inspect([...runs.values()], now);
}

function inspect(waiting, now) {
  const isLossKnown = now >= inspectAt;
  if (isLossKnown) inspectAt = Infinity;
  resume(waiting.filter((run) => run.sent && (isLossKnown || run.checks < checksDue(run))));
  const quietFor = Math.min(now - socket.answeredAt(), socket.liveFor());
  if (waiting.length && quietFor > QUIET) socket.startProbe(ANSWER_TIMEOUT, false);
  for (const run of waiting) if (isOver(run, now)) giveUp(run);
}

/* What passed while the connection was cut or the computer slept does not count before an answer could come. */
const isOver = (run, now) => !mayRun(run) && Math.min(socket.liveFor(), now - wokeAt) > ANSWER_TIMEOUT;

function giveUp(run) {
  const message = t("This report did not answer within its limit of {seconds} s.", { seconds: run.limit / 1000 });
  notify(run, { type: "failed", code: "timeout", message });
}

function pauseAll(why) {
  for (const run of [...runs.values()]) notify(run, { type: "paused", why });
}

function continueAll() {
  for (const run of runs.values()) {
    Object.assign(run, { startedAt: Date.now(), checks: 0 });
    notify(run, { type: "submitted" });
  }
}

function handleLive() {
  cancelUnwanted();
  sendRuns([...runs.values()]);
  watches.watchAgain();
}

export function start() {
  sentEarly = new Map(window.pushboardEarlySocket?.runs.map((run) => [run.message.topicName, run]));
  socket.on("live", handleLive);
  socket.on("message", receive);
  socket.on("stopped", pauseAll);
  socket.on("opened", continueAll);
  watches.startWatches();
  setInterval(watch, 1000);
}

export const waiting = () => [...runs.values()];
export { on };
