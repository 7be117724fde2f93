/* What the page asks: the runs of its panels, each change in one burst, and those of the reports that fill its filters.
   On the path of a query this comes first; the runs go on to `wire/runs.js`. */
import * as runs from "../wire/runs.js";
import { asText, isEmpty, isSame, parametersOf } from "./filter_values.js";
import * as page from "./open_page.js";
import { releaseUnshown } from "./watching.js";

const SOURCE_TIMEOUT = 60; // seconds, for a report that fills a filter
const POLL = 100; // milliseconds

/* A new run id. Browsers have randomUUID on secure pages only. */
export const newId = () => crypto.randomUUID?.() ?? hexId(crypto.getRandomValues(new Uint8Array(16)));

function hexId(bytes) {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

/* Opens a page and runs what fills its filters; the same layout is opened once, by `start.js` or by its component. */
export function openPage(props) {
  if (!page.open(props)) return;
  requestSources();
  releaseUnshown();
}

/* Adds a panel to the page, or sets its spec; one that runs already runs anew when its report has changed. */
export function addPanel(spec) {
  const { panel, isChanged } = page.setPanel(spec);
  if (isChanged && panel.wanted) requestRuns([panel]);
}

/* Runs panels that have come near the screen. */
export function want(topics) {
  const fresh = topics.map(page.panelAt).filter((panel) => panel && !panel.wanted);
  for (const panel of fresh) panel.wanted = true;
  requestRuns(fresh);
}

/* Runs all panels that have been near the screen and whose question has changed. */
export const requestChanged = () => requestRuns(page.allPanels().filter(({ wanted }) => wanted));

export const runAgain = (topic) => requestRuns([page.panelAt(topic)], { again: true, refresh: true });

/* Asks a panel's question once more; one statement answers everybody who does. */
export const askAgain = (panel) => requestRuns([panel], { again: true, refresh: false });

/* Runs a panel whose tables have changed. */
export const showNewData = (topic) => askAgain(page.panelAt(topic));

export function runAll() {
  for (const panel of page.allPanels()) panel.wanted = true;
  requestRuns(page.allPanels(), { again: true, refresh: true });
}

function requestRuns(panels, { again, refresh } = { again: false, refresh: false }) {
  const wanted = panels.filter((panel) => setQuestion(panel, again, refresh));
  runs.requestRuns(wanted.map(({ asked, spec }) => ({ message: asked, about: about(spec) })));
}

const about = ({ timeoutSeconds, title, live }) => ({ timeoutSeconds, title, live, page: page.openPage().path });

/* Sets what a panel asks by now; false when it asked just that and is not to ask again, or cannot ask yet. */
function setQuestion(panel, again, refresh) {
  if (!panel || panel.spec.broken) return false;
  const { topic, report, version, required } = panel.spec;
  const parameters = parametersOf(panel.spec.parameters, filtersFor(panel.spec.place?.pageId), panel.spec.preset, panel.own);
  if (required.some((name) => !(name in parameters))) return false;
  const isAsked = panel.asked && panel.version === version && isSame(panel.asked.parameters, parameters);
  if (isAsked && !again) return false;
  const asked = { action: "run", topicName: topic, report, parameters, runId: newId(), refresh, watch: true };
  Object.assign(panel, { asked, version });
  return true;
}

/* The filters of a page by their own names: of the open one, or, where panels of several pages stand, of one of those. */
const filtersFor = (pageId) => page.openPage().filters
  .filter((each) => each.pageId === pageId)
  .map((each) => ({ ...each, name: each.parameter ?? each.name }));

/* Asks for the rows that fill filters, anew where they depend on what another filter is set to. Each filter has a store for
   them; see `drawings.js`. */
export function requestSources() {
  const isWanted = ({ pageId }) => (source) => setSourceQuestion(source, pageId);
  const wanted = page.openPage().filters.flatMap((filter) => filter.sources.filter(isWanted(filter)).map((source) => sourceRun(filter, source)));
  runs.requestRuns(wanted);
}

/* Sets what a source is asked with by now; false when it was asked just that, or a filter that it needs has no value yet. */
function setSourceQuestion(source, pageId) {
  const kept = filtersFor(pageId).filter(({ name, value }) => source.with.includes(name) && !isEmpty(value));
  const asked = Object.fromEntries(kept.map(({ name, value }) => [name, value]));
  if (kept.length < source.with.length || isSame(source.asked, asked)) return false;
  source.asked = asked;
  return true;
}

function sourceRun({ name, kind, pageId = page.openPage().pageId }, { report, asked }) {
  const { path } = page.openPage();
  const topicName = `~${name}:${kind}:${report}`;
  const message = { action: "run", topicName, report, parameters: asked, runId: newId(), refresh: false, watch: true };
  const source = { type: "filter-source", name, kind };
  return { message, about: { timeoutSeconds: SOURCE_TIMEOUT, page: path, source, pageId, live: true } };
}

/* Runs all panels of the page, seen or not, and returns them once every run has ended. */
export async function allEnded() {
  want(page.allPanels().map(({ spec }) => spec.topic));
  return allOnce(() => !runs.waiting().some(isOfPanel));
}

/* The same once what has come is on the screen, too. */
export async function allShown() {
  await allEnded();
  return allOnce(() => !described().some(({ state }) => state === "running"));
}

/* The page's panels once something is so, or another page is open. */
async function allOnce(isSo) {
  const { layoutId } = page.openPage();
  while (page.openPage().layoutId === layoutId && !isSo()) await new Promise((resolve) => setTimeout(resolve, POLL));
  return described();
}

const described = () => page.allPanels().map(({ spec }) => page.describe(spec.topic));
const isOfPanel = ({ message }) => page.panelAt(message.topicName)?.asked === message;

/* The values that a run's SQL was bound to, a line each. */
export const boundValues = (parameters) =>
  Object.entries(parameters ?? {}).map(([name, value]) => `:${name} = ${asText(value)}`);
