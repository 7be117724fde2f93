/* What a panel shows, from the last event of its run and what is drawn: a state, words for it, and a way on. Pure.
   Used by `panel.js`; the states are those of `data-state`. */
import { clock, counted, minute, seconds } from "../format.js";

const LABELS = { idle: "Waiting", running: "Running", finished: "Finished", failed: "Failed", cancelled: "Cancelled" };

/* What holds up a run, in the words of its panel's foot. */
const PHASES = {
  unaccepted: "Waiting for the warehouse",
  late: "Still running, checking",
  cut: "Waiting for the connection",
};

const PAUSES = {
  closed: "The connection is closed. Open it to see this chart.",
  "signed-out": "You are signed out. Sign in to see this chart.",
};

/* Where a limit of the warehouse is in the way, or the day that it keeps results is over, an export is the way on. */
const EXPORT_HELPS = new Set(["result_too_large", "row_too_large", "not_found"]);

/* One answer to a run, of an event or of what the server drew: a run that is watched has several, each a statement's. */
export const answerOf = (each) => (each?.statementId ? `${each.runId} ${each.statementId}` : null);

/* A panel's state. `event` is the last event of its run, `result` what the server drew of a run, `shownAnswer` the answer
   whose chart or table is on the screen in the view that is open. Finished means that this event's is. */
export function panelState(event, result, shownAnswer) {
  if (!event) return "idle";
  if (event.type === "failed" || event.type === "rejected") return "failed";
  if (event.type === "cancelled" || event.type === "paused") return "cancelled";
  if (event.type !== "finished") return "running";
  const drawn = answerOf(result) === answerOf(event) ? result : null;
  if (drawn?.error) return "failed";
  return drawn && (drawn.rows === 0 || shownAnswer === answerOf(event)) ? "finished" : "running";
}

/* Everything the panel's frame shows. While new data is on its way, `isTurning`, it shows and says what it has. */
export function describePanel({ event, result, shownAnswer, kind, changedAt, freshSeconds }) {
  const state = panelState(event, result, shownAnswer);
  const isTurning = state === "running" && Boolean(event.before && result && !result.error);
  const lastLoad = event?.newDataAt ?? changedAt;
  const isOld = (state === "finished" || isTurning) && isOlderThan(lastLoad, freshSeconds);
  const isPaused = event?.type === "paused";
  const hasRows = Boolean(result && !result.error && result.rows > 0);
  return {
    state,
    isTurning,
    offersNewData: Boolean(event?.offeredAt),
    drawn: (state === "finished" || isTurning) && !hasRows ? "empty" : hasRows ? (isPaused ? "kept" : "yes") : "no",
    label: isPaused ? "Paused" : isOld ? "Old data" : LABELS[isTurning ? "finished" : state],
    isOld,
    facts: isTurning ? turningFacts(event, result, kind, lastLoad) : facts(state, event, result, kind, lastLoad),
    trouble: trouble(state, event, result),
    exportHelps: state === "failed" && EXPORT_HELPS.has(event.code ?? result?.error?.code),
  };
}

/* Whether the last load is older than the report allows. */
const isOlderThan = (lastLoad, freshSeconds) =>
  Boolean(lastLoad && freshSeconds && Date.now() - Date.parse(lastLoad) > freshSeconds * 1000);

/* The facts of the foot line; a number card has room for its two times. */
function facts(state, event, result, kind, lastLoad) {
  if (state === "running" && event.type !== "finished" && event.phase) return PHASES[event.phase];
  if (state === "running") return event.shared ? "shared with another viewer" : "";
  if (state !== "finished") return "";
  const loaded = lastLoad && `loaded ${minute(lastLoad)}`;
  if (kind === "number") return `as of ${clock(event.asOf)}${loaded ? `  ·  ${loaded}` : ""}`;
  /* What the statement took is not what a cached answer took, and a narrow card has no room for both. */
  const effort = event.cached ? ["from cache"] : [seconds(event.elapsedMs), event.shared ? "shared" : ""];
  const parts = [`${event.newDataAt ? "new data " : ""}as of ${clock(event.asOf)}`, loaded, counted(result.rows), ...effort, result.note];
  return parts.filter(Boolean).join("  ·  ");
}

const turningFacts = ({ before, phase }, result, kind, lastLoad) =>
  `${facts("finished", before, result, kind, lastLoad)}  ·  ${PHASES[phase] ?? "new data is coming"}`;

function trouble(state, event, result) {
  if (state === "cancelled") return event.type === "paused" ? PAUSES[event.why] : "This run was cancelled.";
  if (state !== "failed") return "";
  return event.message ?? result?.error?.message ?? "This report could not be shown.";
}

/* One line on all panels of a page, from `[state, event]` of each; `turnedAt` is the last change that turned a filter. */
export function summary(panels, turnedAt = "") {
  const count = (wanted) => panels.filter(([state]) => state === wanted).length;
  if (!panels.length) return "";
  const turning = panels.filter(([state, event]) => state === "running" && event?.before).length;
  if (count("running") > turning) return `${count("finished")} of ${panels.length} panels ready`;
  const shared = panels.filter(([, event]) => event?.cached || event?.shared).length;
  const paused = panels.filter(([, event]) => event?.type === "paused").length;
  const newest = panels.map(([, event]) => event?.asOf ?? "").sort().at(-1);
  const offered = panels.filter(([, event]) => event?.offeredAt);
  const changes = panels.map(([state, event]) => (state !== "running" && (event?.newDataAt ?? event?.offeredAt)) || "");
  const newData = [turnedAt, ...changes].sort().at(-1);
  const parts = [
    newData && `New data at ${minute(newData)}`,
    offered.length && `to show in ${counted(offered.length, "panel")}`,
    newest && `as of ${clock(newest)}`,
    shared && `${shared} shared`,
    count("failed") && `${count("failed")} failed`,
    paused && `${paused} paused`,
  ];
  return parts.filter(Boolean).join("  ·  ");
}
