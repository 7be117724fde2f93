/* The open page: its filters, its panels, and what each panel asked, heard and shows. The other modules of this folder
   change it, `panel/panel.js` looks at it. */
import { describePanel, panelState, summary } from "../panel/panel_state.js";

const SUMMARY_DELAY = 100; // milliseconds

let page = emptyPage();
let summaryTimer = 0;

function emptyPage() {
  return { layoutId: null, path: location.pathname, filters: [], inAddress: new Set(), pinned: new Set(), chosen: new Map(), panels: new Map() };
}

const newPanel = () => ({ spec: null, own: {}, wanted: false, asked: null, event: null, result: null, listeners: new Set() });

/* The page that is open. `filters` are `{name, kind, value, default, sources}`, values as on the wire; `pinned` the names
   of those that belong into the address, `chosen` what clicks have set: by filter its value and the one before. */
export const openPage = () => page;

const ownFilter = (each) => ({ ...each, sources: each.sources.map((source) => ({ ...source })) });

/* Opens a page as the server laid it out; true unless this layout is open already. One that is laid out anew keeps what
   its panels asked. */
export function open({ layoutId, pageId, tab, firstTab, apply, filters = [] }) {
  if (page.layoutId === layoutId) return false;
  const isSame = pageId && page.pageId === pageId;
  const before = isSame ? page.panels : new Map();
  const chosen = isSame ? page.chosen : new Map();
  page = { ...emptyPage(), chosen, layoutId, pageId, tab, firstTab, apply, filters: filters.map(ownFilter), before };
  const address = new URLSearchParams(location.search);
  for (const filter of page.filters) filter.word = address.get(filter.name);
  page.inAddress = new Set(filters.filter(({ name }) => address.has(name)).map(({ name }) => name));
  page.pinned = new Set(page.inAddress);
  return true;
}

// ------------------------------------------------------------------------------------------------------------ panels

/* Adds a panel, or sets its spec; returns it, and whether its report is another version than before. */
export function setPanel(spec) {
  const panel = page.panels.get(spec.topic) ?? adopted(spec.topic) ?? newPanel();
  const isChanged = Boolean(panel.spec) && panel.spec.version !== spec.version;
  page.panels.set(spec.topic, Object.assign(panel, { spec, own: panel.hasControls ? panel.own : { ...spec.own } }));
  return { panel, isChanged };
}

/* The same panel before its page was laid out anew: what it asked stays, what it had drawn is drawn again. */
function adopted(topic) {
  const panel = page.before?.get(topic);
  return panel && Object.assign(panel, { drawnAnswer: null, result: null, shownAnswer: null, listeners: new Set() });
}

export function removePanel(topic, spec) {
  if (page.panels.get(topic)?.spec === spec) page.panels.delete(topic);
}

export const panelAt = (topic) => page.panels.get(topic);
export const allPanels = () => [...page.panels.values()];

const stateOf = (panel) => panelState(panel.event, panel.result, panel.shownAnswer);

/* A panel as downloads and menus need it: its spec, the parameters it asked with, the last event of its run, its state. */
export function describe(topic) {
  const panel = page.panels.get(topic);
  return panel && { spec: panel.spec, parameters: panel.asked?.parameters, event: panel.event, state: stateOf(panel) };
}

// ----------------------------------------------------------------------------------------- what a panel looks at

/* Calls `listener` whenever what `snapshot` tells of a panel changes; returns how to stop. */
export function subscribe(topic, listener) {
  const panel = page.panels.get(topic);
  panel?.listeners.add(listener);
  return () => panel?.listeners.delete(listener);
}

const NOTHING = { event: null, own: {}, result: null };

/* The event, the own filters and what the server drew of a panel; the same object until one of them changes. */
export function snapshot(topic) {
  const panel = page.panels.get(topic);
  if (!panel) return NOTHING;
  panel.snapshot ??= { event: panel.event, own: panel.own, result: panel.result };
  return panel.snapshot;
}

/* Changes a panel, and tells those who look at it. */
export function update(panel, changes) {
  Object.assign(panel, changes, { snapshot: null });
  panel.listeners.forEach((listener) => listener());
  summarizeSoon();
}

/* Takes an event of a panel's run. It is told only where it shows: that a run was accepted does not, and that it has ended
   only where the panel's table asks for rows then. */
export function setEvent(panel, event) {
  const before = looks(panel);
  Object.assign(panel, { event, snapshot: null });
  if (looks(panel) !== before || (event.type === "finished" && isTable(panel.spec))) update(panel, {});
  summarizeSoon();
}

/* Whether a panel has its rows and nothing else to show. */
export const isTable = ({ kind, picture }) => kind !== "number" && !picture;

const looks = ({ event, result, shownAnswer, spec }) =>
  JSON.stringify(describePanel({ event, result, shownAnswer, ...spec }));

/* Notes that a filter has turned: its panels ask something new then, and say nothing of it themselves. */
export function setTurned(at) {
  page.turnedAt = at;
  summarizeSoon();
}

/* Notes which answer a panel has on the screen. */
export function setShown(topic, shownAnswer) {
  const panel = page.panels.get(topic);
  if (panel) Object.assign(panel, { shownAnswer });
  summarizeSoon();
}

function summarizeSoon() {
  summaryTimer ||= setTimeout(() => {
    summaryTimer = 0;
    const place = document.getElementById("page-state");
    const words = summary(allPanels().filter(({ wanted }) => wanted).map((panel) => [stateOf(panel), panel.event]), page.turnedAt);
    if (place && place.textContent !== words) place.textContent = words;
  }, SUMMARY_DELAY);
}
