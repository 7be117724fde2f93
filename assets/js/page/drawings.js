/* From the events of runs to what their panels show: runs that finish together are drawn by one request, and rows that
   fill a filter go to its store. On the path of a query this comes after `wire/runs.js`; the Dash callback is
   `draw_finished` in `dashboard/callbacks.py`, and `panel/panel.js` shows what it sets. */
import { dashRendered, setProps } from "../document.js";
import { prepare } from "../panel/chart.js";
import { panelsPainted } from "../panel/first_frame.js";
import { answerOf } from "../panel/panel_state.js";
import { callCallback } from "../wire/callback.js";
import * as runs from "../wire/runs.js";
import { isSame } from "./filter_values.js";
import * as page from "./open_page.js";
import { noop } from "../words.js";

const BATCH_DELAY = 20; // milliseconds in which runs count as finished together
const FIRST_BATCH = 4; // the first drawings do not wait for all others
const PATIENCE = 300; // milliseconds that what finishes next waits for the drawings before
const NOT_DRAWN = noop("The rows of this report could not be fetched. Run it again.");

let timer = 0;
let isDrawing = false;

function receive(run, event) {
  if (run.source) return fillFilter(run, event);
  const panel = page.panelAt(run.message.topicName);
  if (!panel?.asked || !isSame(panel.asked.parameters, run.message.parameters)) return;
  panel.asked = run.message; // a run that was under way already has an id of its own
  page.setEvent(panel, event);
  if (event.type === "finished") drawSoon();
}

function fillFilter({ message, pageId, source }, { type, statementId, runId, newDataAt }) {
  if (type !== "finished" || isSuperseded(message, source)) return;
  if (newDataAt) page.setTurned(newDataAt);
  const pinned = page.openPage().pinned.has(source.name);
  const data = { report: message.report, page: pageId, statementId, runId, pinned, values: message.parameters };
  setProps(source, { data });
}

/* Whether a filter has been asked for with other values since. */
function isSuperseded({ report, parameters }, { name, kind }) {
  const filter = page.openPage().filters.find((each) => each.name === name && each.kind === kind);
  const source = filter?.sources.find((each) => each.report === report);
  return Boolean(source?.asked) && !isSame(source.asked, parameters);
}

/* The page's Dash component is on the screen. */
export function pageMounted() {
  dashRendered();
  drawSoon();
}

function drawSoon() {
  timer ||= setTimeout(() => {
    timer = 0;
    draw();
  }, BATCH_DELAY);
}

/* Has the server draw what finished since. What finishes meanwhile is drawn together once these drawings are there. */
async function draw() {
  if (isDrawing) return;
  isDrawing = true;
  try {
    for (let batch = takeUndrawn(); batch.length; batch = takeUndrawn()) {
      await Promise.race([drawBatch(batch.map(finishedRun)), new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
    }
  } finally {
    isDrawing = false;
  }
}

/* The panels whose run has an answer that was not drawn yet; the first time only some, where that is many. */
function takeUndrawn() {
  const open = page.openPage();
  const undrawn = page.allPanels().filter(({ event, drawnAnswer }) => event?.type === "finished" && drawnAnswer !== answerOf(event));
  const batch = open.hasDrawn ? undrawn : undrawn.slice(0, FIRST_BATCH);
  open.hasDrawn ||= batch.length > 0;
  for (const panel of batch) panel.drawnAnswer = answerOf(panel.event);
  return batch;
}

async function drawBatch(finished) {
  (await callCallback("page", "finished", finished)).forEach(show);
  panelsPainted.then(prepare);
}

function show([{ topic }, { result }]) {
  const panel = page.panelAt(topic);
  if (panel?.drawnAnswer === answerOf(result)) page.update(panel, { result });
}

const isDrawn = ({ event, result }) => answerOf(result) === answerOf(event);

const finishedRun = ({ spec, event: { runId, statementId } }) => ({ topicName: spec.topic, runId, statementId });

/* A request for drawings failed for good: its panels say so. */
export function drawingFailed(finished) {
  for (const each of finished) {
    const panel = page.panelAt(each.topicName);
    if (!panel?.event || answerOf(panel.event) !== answerOf(each) || isDrawn(panel)) continue;
    const { before, newDataAt: offeredAt } = panel.event;
    const failed = { ...panel.event, type: "failed", code: "warehouse_unavailable", message: NOT_DRAWN };
    page.update(panel, before ? { event: { ...before, offeredAt }, drawnAnswer: answerOf(before) } : { event: failed });
  }
}

/* Whoever is signed out gets no drawing either. */
export function pauseUndrawn() {
  for (const panel of page.allPanels()) {
    if (panel.event?.type !== "finished" || isDrawn(panel)) continue;
    page.update(panel, { event: { ...panel.event, type: "paused", why: "signed-out" } });
  }
}

export const start = () => runs.on("event", receive);
