/* From the events of runs to Dash: runs that finish together are drawn by one request, and rows that fill a filter go to
   its store. On the path of a query this comes after `wire/runs.js`; the callback is `dashboard/panels/results.py`, whose
   results come to `panel/panel.js` as props. */
import { dashRendered, setProps } from "../document.js";
import { prepare } from "../panel/chart.js";
import { callCallback } from "../wire/callback.js";
import * as runs from "../wire/runs.js";
import { isSame } from "./filter_values.js";
import * as page from "./open_page.js";

const BATCH_DELAY = 20; // milliseconds in which runs count as finished together
const FIRST_BATCH = 4; // the first drawings do not wait for all others
const NOT_DRAWN = "The rows of this report could not be fetched. Run it again.";

let timer = 0;

function receive(run, event) {
  if (run.source) return fillFilter(run, event);
  const panel = page.panelAt(run.message.topicName);
  if (!panel?.asked || !isSame(panel.asked.parameters, run.message.parameters)) return;
  panel.asked = run.message; // a run that was under way already has an id of its own
  page.setEvent(panel, event);
  if (event.type === "finished") drawSoon();
}

function fillFilter({ message, department, source }, { type, statementId, runId }) {
  if (type !== "finished") return;
  const data = { report: message.report, department, statementId, runId };
  setProps(source, { data });
}

/* Takes the way to the page's Dash component, now that it is on the screen. */
export function pageMounted(setPageProps) {
  dashRendered();
  page.openPage().setProps = setPageProps;
  drawSoon();
}

function drawSoon() {
  timer ||= setTimeout(() => {
    timer = 0;
    draw();
  }, BATCH_DELAY);
}

/* Has the server draw what finished since; the first time in two requests where that is much. */
function draw() {
  const open = page.openPage();
  const undrawn = page.allPanels().filter(({ event, drawnRunId }) => event?.type === "finished" && drawnRunId !== event.runId);
  if (!undrawn.length) return;
  const batch = open.hasDrawn ? undrawn : undrawn.slice(0, FIRST_BATCH);
  open.hasDrawn = true;
  for (const panel of batch) panel.drawnRunId = panel.event.runId;
  drawBatch(open, batch.map(finishedRun));
  if (batch.length < undrawn.length) drawSoon();
}

/* By Dash, or before it has started by the same callback: then panels come to the screen with what is drawn. */
async function drawBatch({ setProps: setPageProps }, finished) {
  if (setPageProps) setPageProps({ finished });
  else (await callCallback("page", "finished", finished)).forEach(showEarly);
  requestAnimationFrame(() => setTimeout(prepare, 0)); // once it is painted
}

function showEarly([{ topic }, { result }]) {
  const panel = page.panelAt(topic);
  if (panel) page.update(panel, { early: result });
}

const finishedRun = ({ spec, event: { runId, statementId } }) => ({ topicName: spec.topic, runId, statementId });

/* A request for drawings failed for good: its panels say so. */
export function drawingFailed(finished) {
  for (const { topicName, runId } of finished) {
    const panel = page.panelAt(topicName);
    if (panel?.event?.runId !== runId || panel.result?.runId === runId) continue;
    page.update(panel, { event: { ...panel.event, type: "failed", code: "warehouse_unavailable", message: NOT_DRAWN } });
  }
}

/* Whoever is signed out gets no drawing either. */
export function pauseUndrawn() {
  for (const panel of page.allPanels()) {
    if (panel.event?.type !== "finished" || panel.result?.runId === panel.event.runId) continue;
    page.update(panel, { event: { ...panel.event, type: "paused", why: "signed-out" } });
  }
}

export const start = () => runs.on("event", receive);
