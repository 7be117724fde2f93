/* What a panel shows, from the last event of its run and what is drawn: a state, words for it, and a way on. Pure.
   Used by `panel.js`; the states are those of `data-state`. */
import { clock, line, minute, seconds, whole } from "../format.js";
import { counted, noop, rows, t } from "../words.js";

const LABELS = { idle: noop("Waiting"), running: noop("Running"), finished: noop("Finished"), failed: noop("Failed"), cancelled: noop("Cancelled") };

/* What holds up a run, in the words of its panel's foot. */
const PHASES = {
  unaccepted: noop("Waiting for the warehouse"),
  late: noop("Still running, checking"),
  cut: noop("Waiting for the connection"),
};

const PAUSES = {
  closed: noop("The connection is closed. Open it to see this chart."),
  "signed-out": noop("You are signed out. Sign in to see this chart."),
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
    label: isPaused ? t("Paused") : isOld ? t("Old data") : t(LABELS[isTurning ? "finished" : state]),
    isOld,
    facts: isTurning ? turningFacts(event, result, kind, lastLoad) : facts(state, event, result, kind, lastLoad),
    trouble: trouble(state, event, result),
    exportHelps: state === "failed" && EXPORT_HELPS.has(event.code ?? result?.error?.code),
  };
}

/* Whether the last load is older than the report allows. */
const isOlderThan = (lastLoad, freshSeconds) =>
  Boolean(lastLoad && freshSeconds && Date.now() - Date.parse(lastLoad) > freshSeconds * 1000);

const asOf = (moment) => t("as of {time}", { time: clock(moment) });

/* The facts of the foot line; a number card has room for its two times. */
function facts(state, event, result, kind, lastLoad) {
  if (state === "running" && event.type !== "finished" && event.phase) return t(PHASES[event.phase]);
  if (state === "running") return event.shared ? t("shared with another viewer") : "";
  if (state !== "finished") return "";
  const loaded = lastLoad && t("loaded {time}", { time: minute(lastLoad) });
  if (kind === "number") return line([asOf(event.asOf), loaded]);
  /* What the statement took is not what a cached answer took, and a narrow card has no room for both. */
  const effort = event.cached ? [t("from cache")] : [seconds(event.elapsedMs), event.shared ? t("shared") : ""];
  const parts = [event.newDataAt ? t("new data as of {time}", { time: clock(event.asOf) }) : asOf(event.asOf), loaded, rows(result.rows), ...effort, result.note];
  return line(parts);
}

const turningFacts = ({ before, phase }, result, kind, lastLoad) =>
  line([facts("finished", before, result, kind, lastLoad), t(PHASES[phase] ?? noop("new data is coming"))]);

function trouble(state, event, result) {
  if (state === "cancelled") return event.type === "paused" ? t(PAUSES[event.why]) : t("This run was cancelled.");
  if (state !== "failed") return "";
  return t(event.message ?? result?.error?.message ?? noop("This report could not be shown."));
}

/* One line on all panels of a page, from `[state, event]` of each; `turnedAt` is the last change that turned a filter. */
export function summary(panels, turnedAt = "") {
  const count = (wanted) => panels.filter(([state]) => state === wanted).length;
  if (!panels.length) return "";
  const turning = panels.filter(([state, event]) => state === "running" && event?.before).length;
  if (count("running") > turning) return t("{ready} of {count} panels ready", { ready: whole(count("finished")), count: whole(panels.length) });
  const shared = panels.filter(([, event]) => event?.cached || event?.shared).length;
  const paused = panels.filter(([, event]) => event?.type === "paused").length;
  const newest = panels.map(([, event]) => event?.asOf ?? "").sort().at(-1);
  const offered = panels.filter(([, event]) => event?.offeredAt);
  const changes = panels.map(([state, event]) => (state !== "running" && (event?.newDataAt ?? event?.offeredAt)) || "");
  const newData = [turnedAt, ...changes].sort().at(-1);
  const parts = [
    newData && t("New data at {time}", { time: minute(newData) }),
    offered.length && counted("to show in {count} panel", "to show in {count} panels", offered.length),
    newest && asOf(newest),
    shared && t("{count} shared", { count: whole(shared) }),
    count("failed") && t("{count} failed", { count: whole(count("failed")) }),
    paused && t("{count} paused", { count: whole(paused) }),
  ];
  return line(parts);
}
