/* The controller of the open page: which panels stand on it, what they ask, what has to be drawn.
   On the path of a query: a filter changes (`callbacks.js`), the runs that it touches are asked for here in one burst
   (`runs.js`); those that finish are drawn by one request of Dash (`dashboard/panels/results.py`), whose results come to
   `panel.js` as props. */
import { panelElement } from "./document.js";
import { asText, isEmpty, isSame, parametersOf, queryOf, toWire } from "./filter_values.js";
import { panelState, summary } from "./panel_state.js";
import * as runs from "./runs.js";

const BATCH_DELAY = 20; // milliseconds: runs that finish together are drawn by one request
const FIRST_BATCH = 4; // the first drawings do not wait for all others
const SOURCE_TIMEOUT = 60; // seconds, for a report that fills a filter

let page = emptyPage();
let drawTimer = 0;
let summaryTimer = 0;

function emptyPage() {
  return { layoutId: null, path: location.pathname, filters: [], defaults: {}, pinned: new Set(), panels: new Map(), setProps: null };
}

const newId = () => crypto.randomUUID?.() ?? hexId(crypto.getRandomValues(new Uint8Array(16)));

/* As randomUUID, which browsers have on secure pages only. */
function hexId(bytes) {
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

// ----------------------------------------------------------------------------------------------- opening and closing

/* Opens a page as the server laid it out; the same layout is opened once, whoever comes first. */
export function open({ layoutId, department, filters = [] }) {
  if (page.layoutId === layoutId) return;
  const before = department && page.department === department ? page.panels : new Map();
  page = { ...emptyPage(), layoutId, department, filters: filters.map((each) => ({ ...each })), before };
  const inAddress = new URLSearchParams(location.search);
  page.pinned = new Set(filters.filter(({ name }) => inAddress.has(name)).map(({ name }) => name));
  askSources();
}

export const setPageProps = (setProps) => (page.setProps = setProps);
export const isOpen = (layoutId) => page.layoutId === layoutId;

/* Adds a panel, or gives one another spec. It runs once it comes near the screen. */
export function addPanel(spec) {
  const known = page.panels.get(spec.topic) ?? adopted(spec.topic) ?? newPanel();
  const isOther = known.spec && known.spec.version !== spec.version;
  page.panels.set(spec.topic, Object.assign(known, { spec, own: known.ownControls ? known.own : { ...spec.own } }));
  if (isOther && known.wanted) ask([spec.topic]);
  return known;
}

/* The same panel before its page was laid out anew: what it asked stays, what it had drawn is drawn again. */
function adopted(topic) {
  const panel = page.before?.get(topic);
  return panel && Object.assign(panel, { sent: null, result: null, shownRunId: null, listeners: new Set() });
}

const newPanel = () => ({ spec: null, own: {}, wanted: false, asked: null, event: null, listeners: new Set() });

export function removePanel(topic, spec) {
  if (page.panels.get(topic)?.spec === spec) page.panels.delete(topic);
}

// ---------------------------------------------------------------------------------------------------------- asking

/* Asks for panels that have come near the screen. */
export function want(topics) {
  const fresh = topics.map((topic) => page.panels.get(topic)).filter((panel) => panel && !panel.wanted);
  for (const panel of fresh) panel.wanted = true;
  ask(fresh.map(({ spec }) => spec.topic));
}

/* Asks anew for one panel, or for all. */
export const runAgain = (topic) => ask([topic], true);
export function runAll() {
  for (const panel of page.panels.values()) panel.wanted = true;
  ask([...page.panels.keys()], true);
}

/* Asks in one burst for those panels whose question is another than the one asked last. */
function ask(topics, refresh = false) {
  const wanted = topics.map((topic) => question(page.panels.get(topic), refresh)).filter(Boolean);
  for (const { panel, message } of wanted) panel.asked = message;
  runs.requestRuns(wanted.map(({ panel, message }) => ({ message, about: about(panel.spec) })));
}

const about = ({ timeoutSeconds, title }) => ({ timeoutSeconds, title, page: page.path });

function question(panel, refresh) {
  if (!panel?.spec || panel.spec.broken) return null;
  const { topic, report, version } = panel.spec;
  const parameters = parametersOf(panel.spec.parameters, page.filters, panel.own);
  if (panel.spec.required.some((name) => !(name in parameters))) return null;
  const isAsked = panel.asked && panel.version === version && isSame(panel.asked.parameters, parameters);
  if (isAsked && !refresh) return null;
  panel.version = version;
  const message = { action: "run", topicName: topic, report, parameters, runId: newId(), refresh };
  return { panel, message };
}

/* Runs the reports whose rows fill filters; each filter has a store for what comes of them. */
function askSources() {
  const wanted = page.filters.flatMap(({ name, kind, sources }) =>
    sources.map((report) => {
      const topicName = `~${name}:${kind}:${report}`;
      const message = { action: "run", topicName, report, parameters: {}, runId: newId(), refresh: false };
      const source = { type: "filter-source", name, kind };
      return { message, about: { timeoutSeconds: SOURCE_TIMEOUT, page: page.path, source, department: page.department } };
    }),
  );
  runs.requestRuns(wanted);
}

// --------------------------------------------------------------------------------------------------------- filters

/* Takes the values of all controls on the page; asks for what they change, and writes them into the address. */
export function setFilters(values, ownValues, ids, ownIds) {
  if (!page.layoutId) return;
  ids.forEach(({ name, kind }, position) => {
    const filter = page.filters.find((each) => each.name === name && each.kind === kind);
    if (filter && values[position] !== undefined) filter.value = toWire(kind, values[position]);
  });
  ownIds.forEach(({ topic, name, kind }, position) => {
    const panel = page.panels.get(topic);
    if (!panel || ownValues[position] === undefined) return;
    panel.ownControls = true;
    panel.own = { ...panel.own, [name]: toWire(kind, ownValues[position]) };
    tell(panel);
  });
  ask([...page.panels.values()].filter(({ wanted }) => wanted).map(({ spec }) => spec.topic));
  writeAddress();
}

/* Takes the defaults that a filter's source gave: they are not chosen by anybody. */
export function setDefaults(defaults) {
  for (const filter of page.filters) if (filter.name in defaults) filter.default = defaults[filter.name];
  writeAddress();
}

/* The address holds what somebody chose: what stood in it already, and what differs from the default. */
function writeAddress() {
  if (!page.department || location.pathname !== page.path) return;
  for (const { name, value, default: usual } of page.filters) {
    if (!isEmpty(value) && !isEmpty(usual) && !isSame(value, usual)) page.pinned.add(name);
  }
  const query = queryOf(page.filters, ({ name }) => page.pinned.has(name), ownValuesOf());
  const shown = query && `?${query}`;
  if (shown !== location.search) history.replaceState(history.state, "", page.path + shown);
}

const ownValuesOf = () => [...page.panels.values()].map(({ spec, own }) => ({ topic: spec.topic, own }));

/* An address that shows the page as it is, whatever the defaults become. */
export function fullAddress() {
  const query = queryOf(page.filters, () => true, ownValuesOf());
  return `${location.origin}${page.path}${query && `?${query}`}`;
}

// ---------------------------------------------------------------------------------------------- events and drawings

function receive(run, event) {
  if (run.source) return fillFilter(run, event);
  const panel = page.panels.get(run.message.topicName);
  if (!panel?.asked || !isSame(panel.asked.parameters, run.message.parameters)) return;
  panel.asked = run.message; // a run that was under way already has an id of its own
  panel.event = event;
  if (event.type === "finished") scheduleDraw();
  tell(panel);
}

function fillFilter(run, event) {
  if (event.type !== "finished") return;
  const { topicName, report } = run.message;
  const data = { topicName, report, department: run.department, statementId: event.statementId, runId: event.runId };
  whenMounted(() => window.dash_clientside.set_props(run.source, { data }));
}

const mounted = [];

/* Calls when Dash has rendered the page; before, nothing can be given to it. */
function whenMounted(action) {
  if (page.setProps) action();
  else mounted.push(action);
}

export function pageMounted(setProps) {
  setPageProps(setProps);
  mounted.splice(0).forEach((action) => action());
  scheduleDraw();
}

function scheduleDraw() {
  if (!page.setProps || drawTimer) return;
  drawTimer = setTimeout(() => {
    drawTimer = 0;
    drawFinished();
  }, BATCH_DELAY);
}

/* Has the server draw what finished since, in one request, or two where there is much at once. */
function drawFinished() {
  const undrawn = [...page.panels.values()].filter(({ event, sent }) => event?.type === "finished" && sent !== event.runId);
  if (!undrawn.length || !page.setProps) return;
  const batch = page.hasDrawn ? undrawn : undrawn.slice(0, FIRST_BATCH);
  page.hasDrawn = true;
  for (const panel of batch) panel.sent = panel.event.runId;
  page.setProps({ finished: batch.map(finishedRun) });
  if (batch.length < undrawn.length) scheduleDraw();
}

const finishedRun = ({ spec, event }) => ({
  topicName: spec.topic,
  report: spec.report,
  runId: event.runId,
  statementId: event.statementId,
});

/* A request for drawings failed for good: its panels say so. */
export function drawingFailed(finished) {
  for (const { topicName, runId } of finished) {
    const panel = page.panels.get(topicName);
    if (!panel || panel.event?.runId !== runId || panel.result?.runId === runId) continue;
    const message = "The rows of this report could not be fetched. Run it again.";
    panel.event = { ...panel.event, type: "failed", code: "warehouse_unavailable", message };
    tell(panel);
  }
}

/* Whoever is signed out gets no drawing either. */
export function pauseUndrawn() {
  for (const panel of page.panels.values()) {
    if (panel.event?.type !== "finished" || panel.result?.runId === panel.event.runId) continue;
    panel.event = { ...panel.event, type: "paused", why: "signed-out" };
    tell(panel);
  }
}

// ------------------------------------------------------------------------------------------- what a panel looks at

/* Calls `listener` whenever the event or the own filters of a topic change; returns how to stop. */
export function subscribe(topic, listener) {
  const panel = page.panels.get(topic);
  panel?.listeners.add(listener);
  return () => panel?.listeners.delete(listener);
}

function tell(panel) {
  panel.snapshot = { event: panel.event, own: panel.own };
  panel.listeners.forEach((listener) => listener());
  tellSummary();
}

const NOTHING = { event: null, own: {} };
export const snapshot = (topic) => {
  const panel = page.panels.get(topic);
  if (!panel) return NOTHING;
  panel.snapshot ??= { event: panel.event, own: panel.own };
  return panel.snapshot;
};

/* Tells what a panel has on the screen, for the page's summary. */
export function shown(topic, result, shownRunId) {
  const panel = page.panels.get(topic);
  if (panel) Object.assign(panel, { result, shownRunId });
  tellSummary();
}

const stateOf = (panel) => panelState(panel.event, panel.result, panel.shownRunId);

function tellSummary() {
  summaryTimer ||= setTimeout(() => {
    summaryTimer = 0;
    const place = document.getElementById("page-state");
    const words = summary([...page.panels.values()].filter(({ wanted }) => wanted).map((panel) => [stateOf(panel), panel.event]));
    if (place && place.textContent !== words) place.textContent = words;
  }, 100);
}

/* The panel of a topic as downloads and menus need it: spec, asked parameters, last event, state. */
export function panelOf(topic) {
  const panel = page.panels.get(topic);
  return panel && { spec: panel.spec, parameters: panel.asked?.parameters, event: panel.event, state: stateOf(panel) };
}

export const panels = () => [...page.panels.keys()].map(panelOf);

/* Asks for all panels of the page, seen or not, and returns them once every run has ended. */
export async function allEnded() {
  want([...page.panels.keys()]);
  const isOpenStill = page.layoutId;
  while (runs.waiting().some((run) => page.panels.get(run.message.topicName)?.asked === run.message)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    if (page.layoutId !== isOpenStill) break;
  }
  return panels();
}

/* The values that a run's SQL was bound to, a line each. */
export const boundValues = (parameters) => Object.entries(parameters ?? {}).map(([name, value]) => `:${name} = ${asText(value)}`);

// --------------------------------------------------------------------------------------------- which panels are near

const NEAR = 1000; // pixels below the screen
const COLUMNS = { quarter: 3, third: 4, half: 6, "two-thirds": 8, full: 12 };

/* The topics that will be near the screen, before there is a page: by the grid's columns and the panels' heights. */
export function nearTopics(specs, width, height) {
  const near = [];
  let [top, column, rowHeight] = [250, 0, 0];
  for (const { topic, size, kind } of specs) {
    const span = width <= 600 ? 12 : width <= 1100 ? (COLUMNS[size] <= 4 ? 6 : 12) : COLUMNS[size] ?? 6;
    if (column + span > 12) [top, column, rowHeight] = [top + rowHeight, 0, 0];
    if (top > height + NEAR) return near;
    near.push(topic);
    column += span;
    rowHeight = Math.max(rowHeight, kind === "number" ? 165 : 400);
  }
  return near;
}

const observer =
  typeof IntersectionObserver === "undefined"
    ? null
    : new IntersectionObserver(
        (entries) => {
          const near = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
          near.forEach((element) => observer.unobserve(element));
          if (near.length) want(near.map((element) => element.dataset.topic));
        },
        { rootMargin: `${NEAR}px` },
      );

/* Asks for a panel once it is near the screen. */
export function watchNear(topic) {
  const element = panelElement(topic);
  if (element) observer?.observe(element);
  return () => element && observer?.unobserve(element);
}

export function start() {
  runs.on("event", receive);
}

export { newId };
