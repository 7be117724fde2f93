/* The runs that have ended and stay watched: the gateway runs each again whenever a table of its report changes. A watch
   belongs to a socket, and to a tab that somebody looks at; elsewhere it is ended, and begun again by sending the run once
   more, which is answered by the rows that are there. `runs.js` keeps the runs that are under way. */
import socket from "./socket.js";

const MAX_NAMED = 100; // runs that one `unwatch` may name
const AWAY_AFTER = 3_000; // milliseconds; a tab that is out of sight for so long is not looked at
const BURST = 40; // runs that are sent again at once; the bridge takes 100 messages, and new runs go out beside them
const PER_TICK = 15; // and as many each second: the bridge takes 20
const ANSWER_TIMEOUT = 30_000; // milliseconds after which a run that was sent again counts as lost
const TICK = 1_000;

const watched = new Map(); // run id -> a run that has ended
let ending = []; // the ids of runs whose watch is to be ended
let allowance = BURST;
let isAway = false;
let awayTimer = 0;

export const watchedRun = (runId) => watched.get(runId);

/* Whether a run was sent again and is not answered since. */
export const isAskedAgain = (run) => Boolean(run.askedAgainAt);

/* Keeps a run that has ended. One that was not sent on this very socket, such as after a reload, is sent once more. */
export function keepWatched(run) {
  watched.set(run.message.runId, run);
  answered(run);
  if (isAway) endWatch(run);
  else watchAgain();
}

export const answered = (run) => (run.askedAgainAt = 0);

/* Lets go of a run that is under way again; its watch goes on. */
export const takeWatched = (run) => watched.delete(run.message.runId);

/* Ends the watch of the runs that are not wanted any more. */
export function release(isWanted) {
  for (const run of [...watched.values()].filter((each) => !isWanted(each))) {
    takeWatched(run);
    unwatch(run);
  }
}

function unwatch(run) {
  if (run.watchedOn !== socket.serial()) return;
  run.watchedOn = 0;
  ending.push(run.message.runId);
  if (ending.length === 1) setTimeout(sendUnwatch, 0);
}

function sendUnwatch() {
  for (let start = 0; start < ending.length; start += MAX_NAMED) {
    socket.send({ action: "unwatch", runIds: ending.slice(start, start + MAX_NAMED) });
  }
  ending = [];
}

/* Ends a watch while nobody looks. A report that is not live costs nothing while it is watched, and might when it is sent
   again: it stays watched. */
function endWatch(run) {
  if (run.live) unwatch(run);
  answered(run);
}

/* Sends again what is not watched on this socket. What failed is left to the viewer. */
export function watchAgain() {
  if (!socket.isLive() || isAway) return;
  for (const run of watched.values()) {
    if (run.watchedOn === socket.serial()) continue;
    if (run.lastEvent.type === "failed") takeWatched(run);
    else if (allowance > 0) sendAgain(run);
  }
}

function sendAgain(run) {
  allowance -= 1;
  socket.send({ ...run.message, refresh: false });
  Object.assign(run, { watchedOn: socket.serial(), askedAgainAt: Date.now() });
}

function tick() {
  allowance = Math.min(BURST, allowance + PER_TICK);
  for (const run of watched.values()) {
    if (run.askedAgainAt && Date.now() - run.askedAgainAt > ANSWER_TIMEOUT) run.watchedOn = 0;
  }
  watchAgain();
}

function leave() {
  isAway = true;
  watched.forEach(endWatch);
}

function visibilityChanged() {
  clearTimeout(awayTimer);
  if (document.hidden) {
    awayTimer = setTimeout(leave, AWAY_AFTER);
    return;
  }
  isAway = false;
  watchAgain();
}

export function startWatches() {
  isAway = document.hidden;
  document.addEventListener("visibilitychange", visibilityChanged);
  setInterval(tick, TICK);
}
