/* Draws charts with Plotly, each once per result, one after another so that the page stays responsive. Colours that
   depend on light or dark come from a template, which follows the page's colour scheme. */
import { answer, loadScript, plotlyUrl } from "../document.js";

const CONFIG = { displayModeBar: false, responsive: true, scrollZoom: false };
const OWN = "own";
const drawn = new Map(); // element -> {figure, question} that it shows
const heard = new WeakMap(); // element -> {onMark, onRange}: what a click on a mark does, and a range that is drawn
const queue = []; // {element, figure, question, isVisible, done}
let working = false;
let templates = null;

const BUSY = 40; // milliseconds of drawing after which input and painting come between two charts
const IDLE = 2_000; // milliseconds after which Plotly is loaded although nothing is to be drawn yet
const MUCH = 100_000; // bytes of one script that came over the network

const nextTask = () => new Promise((resolve) => setTimeout(resolve, 0));
let loading = null;

/* Plotly fetches the coastlines of the world from elsewhere for any map, also for one that shows none: so it finds them here, empty. */
const COASTLINES = { topojson: { world_110m: {} } };

/* Plotly, once it is evaluated: that is a long task, so the first chart is drawn in another. */
function loadPlotly() {
  window.PlotlyGeoAssets ??= COASTLINES;
  loading ??= loadScript(plotlyUrl()).then(nextTask).then(() => window.Plotly);
  loading.catch(() => (loading = null));
  return loading;
}

/* Loads Plotly while the server draws: its evaluation keeps the page busy for a tenth of a second. A chart that finds it
   missing tries again. */
export const prepare = () => loadPlotly().catch(() => {});

const scheme = () => (document.documentElement.dataset.mantineColorScheme === "dark" ? "dark" : "light");

/* How Plotly writes: the document describes another language than English, and the chart's currency is its own. */
function configOf({ layout }) {
  const [language, currency] = [answer("locale")?.plotly, layout.meta?.currency];
  if (!language && !currency) return CONFIG;
  return { ...CONFIG, locale: OWN, locales: { [OWN]: { dictionary: {}, format: { ...language, ...(currency && { currency }) } } } };
}

/* Plotly's d3 has no other digits than Latin ones, and glues `%` to them: the numbers of a chart are written anew, and its
   words are left alone. */
function rewrite(records) {
  const { digits, percent } = answer("locale");
  for (const { target } of records) {
    for (const walker = document.createTreeWalker(target, NodeFilter.SHOW_TEXT); walker.nextNode(); ) {
      const node = walker.currentNode;
      if (/[a-z]/.test(node.data)) continue;
      const text = node.data.replace(/(\d[\d.,\u066b\u066c]*)%/g, (_, number) => percent.join(number)).replace(/\d/g, (digit) => digits[digit]);
      if (text !== node.data) node.data = text;
    }
  }
}

const rewritten = new WeakSet();
function rewriteTexts(element) {
  if (!answer("locale") || rewritten.has(element)) return;
  rewritten.add(element);
  new MutationObserver(rewrite).observe(element, { childList: true, subtree: true });
}

/* Zoom, pan and hidden series stay as long as the question does. */
function styled({ data, layout }, question, element) {
  templates ??= answer("templates");
  const range = heard.get(element)?.onRange && { dragmode: "select", selectdirection: "h" };
  return { ...layout, ...range, template: withRoles(templates[scheme()], data), uirevision: question };
}

/* The n-th trace of a type takes the template's n-th look of it. One that names a role in its `meta` takes that one's. */
export function withRoles(template, data) {
  if (!data.some(({ meta }) => meta)) return template;
  const looks = {};
  for (const { type, meta } of data) {
    const [own, turns] = [(looks[type] ??= []), template.data[type] ?? [{}]];
    own.push(template.layout.meta[meta] ?? turns[own.length % turns.length]);
  }
  return { ...template, data: looks };
}

/* What a click on a mark of an element's chart does, and a range drawn on it; either may be missing. */
export const listen = (element, handlers) => heard.set(element, handlers);

function hear(element) {
  element.on("plotly_click", ({ points }) => heard.get(element)?.onMark?.(points[0]));
  element.on("plotly_selected", (event) => {
    if (!event?.range?.x) return;
    heard.get(element)?.onRange?.(event.range.x);
    window.Plotly.relayout(element, { selections: [] });
  });
  element.on("plotly_relayout", (event) => {
    if (Object.keys(event).some((key) => key.includes(".range"))) element.dataset.zoomed = "yes";
    if (Object.keys(event).some((key) => key.endsWith(".autorange"))) delete element.dataset.zoomed;
  });
}

/* Shows all of an element's chart again. */
export function zoomBack(element) {
  const { figure, question } = drawn.get(element) ?? {};
  if (!figure) return;
  delete element.dataset.zoomed;
  const layout = { ...styled(figure, question, element), uirevision: {} };
  window.Plotly.react(element, figure.data, layout, configOf(figure));
}

/* Draws the figure of a question's answer into an element; the promise is kept once it is on the screen, or replaced by a
   newer one. */
export function draw(element, figure, question) {
  return new Promise((done) => {
    const waiting = queue.findIndex((each) => each.element === element);
    if (waiting >= 0) queue.splice(waiting, 1)[0].done(false);
    queue.push({ element, figure, question, done, isVisible: element.getBoundingClientRect().top < innerHeight });
    work();
  });
}

async function work() {
  if (working) return;
  working = true;
  try {
    const Plotly = await loadPlotly();
    let since = performance.now();
    for (let next = takeNext(); next; next = takeNext()) {
      await drawOne(Plotly, next);
      if (performance.now() - since < BUSY) continue;
      await nextTask();
      since = performance.now();
    }
  } finally {
    working = false;
  }
}

/* What is on the screen comes first. Of all charts the first wakes Plotly, which takes as long as drawing it: let it be one
   that is soon drawn. */
function takeNext() {
  const isFirst = ({ isVisible, figure }) => isVisible && (drawn.size > 0 || !hasAxes(figure));
  const chosen = queue.findIndex(isFirst);
  const visible = chosen >= 0 ? chosen : queue.findIndex(({ isVisible }) => isVisible);
  return queue.splice(Math.max(visible, 0), 1)[0];
}

const hasAxes = ({ data }) => data.some(({ type }) => type !== "pie");

async function drawOne(Plotly, { element, figure, question, done }) {
  if (!element.isConnected) return done(false);
  const isFirst = !drawn.has(element);
  if (drawn.get(element)?.question !== question) delete element.dataset.zoomed;
  drawn.set(element, { figure, question });
  rewriteTexts(element);
  await Plotly.react(element, figure.data, styled(figure, question, element), configOf(figure));
  if (isFirst) hear(element);
  done(true);
}

/* Lets go of an element's chart. */
export function clear(element) {
  if (drawn.delete(element)) window.Plotly?.purge(element);
}

function applyTheme() {
  for (const [element, { figure, question }] of drawn) draw(element, figure, question);
}

/* Draws all charts anew at once, as large as their elements are now and in the page's colours: for paper, and back. */
export function drawNow() {
  for (const [element, { figure, question }] of drawn) {
    const { offsetWidth: width, offsetHeight: height } = element;
    if (width) window.Plotly.react(element, figure.data, { ...styled(figure, question, element), width, height }, configOf(figure));
  }
}

/* A browser that comes for the first time fetches Plotly while the page begins; one that has it is busy enough. */
function fetchEarly() {
  const isNew = performance.getEntriesByType("resource").some(({ transferSize }) => transferSize > MUCH);
  if (isNew) document.head.append(Object.assign(document.createElement("link"), { rel: "preload", as: "script", href: plotlyUrl() }));
}

export function start() {
  fetchEarly();
  setTimeout(prepare, IDLE);
  let known = scheme();
  const follow = () => scheme() !== known && ((known = scheme()), applyTheme());
  const watched = { attributes: true, attributeFilter: ["data-mantine-color-scheme"] };
  new MutationObserver(follow).observe(document.documentElement, watched);
}

/* Saves the chart of an element as PNG or SVG; false when there is none. */
export function downloadPicture(element, format, title) {
  if (!element || !drawn.has(element)) return false;
  const { offsetWidth: width, offsetHeight: height } = element;
  const filename = title.replace(/[^\p{L}\p{N}]+/gu, "_");
  window.Plotly.downloadImage(element, { format, width, height, scale: format === "png" ? 2 : 1, filename });
  return true;
}
