/* One panel: head, body, foot, in every state of the same shape. A Dash component (`dashboard/panels/component.py`).
   The events of its run, and what the server drew of its rows, come from `page/open_page.js`: they change often, and each
   change of a prop would wake all components of the page. What state it is in is decided in `panel_state.js`. */
import * as chart from "./chart.js";
import { loadScript, panelElement, polyfillUrl, setProps as setDashProps } from "../document.js";
import { download, exportRows, picture } from "../downloads/downloads.js";
import { isEmpty, isSame } from "../page/filter_values.js";
import * as clicks from "../page/clicks.js";
import { usePanelsShown } from "./first_frame.js";
import { Dialog, Menu } from "./menu.js";
import { watchNear } from "../page/near.js";
import * as page from "../page/open_page.js";
import { addPanel, boundValues, runAgain, showNewData } from "../page/requests.js";
import { removePanel } from "../page/watching.js";
import { answerOf, describePanel } from "./panel_state.js";
import { cancel } from "../wire/runs.js";
import { PanelTitle, panelWords } from "../views/place.js";
import { Star } from "../views/star.js";
import { PlainTable } from "./plain_table.js";
import { beginAnew, gridOf, showsRows, sortBy } from "./rows.js";
import { t } from "../words.js";

const h = (...parts) => window.React.createElement(...parts);
const FORMS = { CSV: "csv", Excel: "xlsx", Parquet: "parquet", JSON: "json" };
const EXPORTS = { CSV: "csv", Parquet: "parquet" };
const GRID_POLL = 30; // milliseconds between two looks whether a table has its rows

export function Panel({ spec, ...props }) {
  if (!usePanelsShown()) return h(ComingPanel, { spec });
  return spec.broken ? h(BrokenPanel, { spec }) : h(RunningPanel, { spec, ...props });
}

/* In the place of a panel while the page around it comes to the screen. */
function ComingPanel({ spec }) {
  return h("section", rootProps(spec, "chart", { state: "idle", drawn: "no" }),
    h("div", { className: "panel-body" }, h("div", { className: "panel-skeleton", "aria-hidden": true })));
}

function RunningPanel({ spec, table, tableAnswer, ownControls, setProps }) {
  const { topic, kind } = spec;
  const { event, own, result } = usePanelEvents(spec);
  const [view, setView] = window.React.useState(kind === "table" || kind === "pivot" ? "table" : "chart");
  const [chartElement, chartAnswer] = useChart(result, spec);
  const [grid, setGrid] = window.React.useState(null); // {field, isShown}, once somebody sorts a plain table
  const [tableElement, shownTableAnswer] = useShownTable({ view, tableAnswer, spec, grid, setGrid });
  useTable({ view, result, event, tableElement, spec, setProps, grid, setGrid });
  const plain = view === "table" && page.isTable(spec) && !grid?.isShown ? result?.table : null;
  const isDrawnHere = plain || (view === "chart" && kind === "number");
  const shownAnswer = isDrawnHere ? answerOf(result) : view === "table" ? shownTableAnswer : chartAnswer;
  const shown = describePanel({ event, result, shownAnswer, ...spec });
  useShown(topic, shownAnswer);
  const onGrid = (field) => setGrid({ field, isShown: false });
  const body = { spec, result, table, shown, chartElement, tableElement, view, plain, grid, onGrid };
  return h("section", rootProps(spec, view, shown),
    h(Head, { spec, own, view, setView, ownControls, setProps, onGrid: plain && onGrid }),
    h(Body, body),
    h("footer", { className: "panel-foot" },
      h("span", { className: "panel-state", role: "status" }, shown.label),
      h("span", { className: "panel-elapsed" }),
      h("span", { className: "panel-detail", title: shown.facts }, shown.facts)),
    shown.offersNewData && h(NewData, { spec }));
}

const rootProps = (spec, view, { state, drawn, isTurning, isOld }) => ({
  className: `panel panel-kind-${spec.kind} slot slot-${spec.size}`,
  "aria-label": spec.title,
  "data-topic": spec.topic,
  "data-state": state,
  "data-view": view,
  "data-drawn": drawn,
  "data-turning": isTurning ? "yes" : undefined,
  "data-old": isOld ? "yes" : undefined,
  "data-click": spec.click ? "yes" : undefined,
});

// ------------------------------------------------------------------------------------------------------------ hooks

/* Registers the panel with the page, and re-renders it when something about it changes. */
function usePanelEvents(spec) {
  const { useCallback, useEffect, useMemo, useSyncExternalStore } = window.React;
  useMemo(() => addPanel(spec), [spec]);
  useEffect(() => () => removePanel(spec.topic, spec), [spec]);
  useEffect(() => watchNear(spec.topic), [spec.topic]);
  const subscribe = useCallback((listener) => page.subscribe(spec.topic, listener), [spec]);
  return useSyncExternalStore(subscribe, () => page.snapshot(spec.topic));
}

/* Draws each result once; returns the chart's element, and the answer whose chart it shows. */
function useChart(result, spec) {
  const { useEffect, useRef, useState } = window.React;
  const element = useRef(null);
  const [answer, setAnswer] = useState(null);
  useEffect(() => {
    if (!result || result.error || spec.kind === "number") return;
    if (!result.figure) return setAnswer(answerOf(result));
    chart.listen(element.current, clicksOf(spec, result));
    chart.draw(element.current, result.figure, questionOf(spec)).then((isDrawn) => isDrawn && setAnswer(answerOf(result)));
  }, [result]);
  useEffect(() => () => element.current && chart.clear(element.current), []);
  return [element, answer];
}

/* What clicks on a chart's marks do, and a range that is drawn on it. */
function clicksOf(spec, { clicks: found }) {
  if (!spec.click || !found) return {};
  const onMark = (point) => {
    const texts = clicks.valuesOf(found, point);
    if (texts) clicks.choose(spec, texts);
  };
  const [{ name }] = found;
  return { onMark, onRange: clicks.drawsRange(spec) ? (range) => clicks.choose(spec, { [name]: range }) : undefined };
}

/* What a panel asks by now: as long as it is the same, what one does to its chart and its table stays. */
const questionOf = ({ topic, version }) => JSON.stringify([version, page.describe(topic)?.parameters]);

/* Whose rows a table shows: of a panel that has nothing else, as soon as its run has ended; else once its chart is drawn. */
function rowsOf({ event, result, spec, grid }) {
  if (page.isTable(spec)) return event?.type === "finished" && needsGrid(event, result, spec, grid) ? event : null;
  return result?.rows && !result.error && answerOf(result) === answerOf(event) ? result : null;
}

/* Whether an answer takes a grid: it has many rows, or more than came with its drawing, or somebody has sorted the table. */
function needsGrid(event, result, { plainRows }, grid) {
  if (grid || event.rows > plainRows) return true;
  return Boolean(result?.rows && !result.error && !result.table && answerOf(result) === answerOf(event));
}

/* Asks for the rows of an answer when somebody looks at them. */
function useTable({ view, result, event, tableElement, spec, setProps, grid, setGrid }) {
  const shownQuestion = window.React.useRef(null);
  const ended = rowsOf({ event, result, spec, grid });
  window.React.useEffect(() => {
    if (view !== "table" || !ended) return;
    const question = questionOf(spec);
    const inPlace = tableElement.current?.querySelector(".table-view")?.dataset.rows ?? "";
    if (inPlace && shownQuestion.current !== question) beginAnew(spec.topic);
    const tableWanted = { answer: answerOf(ended), statementId: ended.statementId, inPlace };
    shownQuestion.current = question;
    const loaded = import("./table.js").then(({ loadGrid }) => loadGrid());
    loaded.then(() => setProps({ tableWanted }), () => grid && setGrid(null)); // a plain table stays, and can be sorted again
  }, [view, answerOf(ended)]);
}

/* The table's element, and the answer whose rows it shows: AG Grid draws them some time after it is there. */
function useShownTable({ view, tableAnswer, spec, grid, setGrid }) {
  const { useEffect, useRef, useState } = window.React;
  const element = useRef(null);
  const [answer, setAnswer] = useState(null);
  useEffect(() => {
    if (view !== "table" || !tableAnswer || answer === tableAnswer) return undefined;
    const timer = setInterval(() => {
      if (!isTableDrawn(element.current, spec.topic, tableAnswer)) return;
      setAnswer(tableAnswer);
      hearTable(spec);
      if (grid && !grid.isShown) setGrid({ ...grid, isShown: true });
    }, GRID_POLL);
    return () => clearInterval(timer);
  }, [view, tableAnswer, answer === tableAnswer]);
  useEffect(() => {
    if (grid?.isShown && grid.field) sortBy(spec.topic, grid.field); // as soon as it stands in the plain table's place
  }, [grid?.isShown]);
  return [element, answer];
}

const heardGrids = new WeakSet();

/* Hears what somebody clicks in a table, once it is there. */
function hearTable(spec) {
  const grid = spec.click && gridOf(spec.topic);
  if (!grid || heardGrids.has(grid)) return;
  heardGrids.add(grid);
  clicks.listenToTable(spec.topic, grid);
}

const isTableDrawn = (element, topic, answer) =>
  element && (!element.querySelector(".table-view") || showsRows(topic, answer.split(" ")[1], element));

function useShown(topic, shownAnswer) {
  window.React.useEffect(() => page.setShown(topic, shownAnswer), [shownAnswer]);
}

// -------------------------------------------------------------------------------------------------------------- head

function Head({ spec, own, view, setView, ownControls, setProps, onGrid }) {
  const hasOwn = Object.entries(own).some(([name, value]) => !isEmpty(value) && !isSame(value, spec.preset[name]));
  const tools = [
    h(Star, { key: "star", spec }),
    spec.picture && h(ViewSwitch, { key: "view", spec, view, setView }),
    spec.ownFilters && h(OwnFilters, { key: "own", spec, own, ownControls, setProps }),
    spec.download && h(Menu, { key: "download", shape: "download", label: t("Download {title}", spec), items: downloadItems(spec) }),
    h(Menu, { key: "more", shape: "more", label: t("More for {title}", spec), items: moreItems(spec, onGrid) }),
  ];
  return h("header", { className: "panel-head" },
    h("h2", { title: spec.description }, h(PanelTitle, { spec }), hasOwn && h("span", { className: "own-mark" }, t("own filters"))),
    h("div", { className: "panel-tools" }, tools),
    h("p", { title: panelWords(spec) }, panelWords(spec)));
}

function ViewSwitch({ spec, view, setView }) {
  const choice = (value, label) => h("label", { key: value },
    h("input", { type: "radio", name: `view-${spec.topic}`, value, checked: view === value, onChange: () => setView(value) }),
    h("span", null, label));
  return h("div", { className: "view-switch", role: "radiogroup", "aria-label": t("{title}: chart or table", spec) },
    choice("chart", t("Chart")), choice("table", t("Table")));
}

function OwnFilters({ spec, own, ownControls, setProps }) {
  const onOpen = () => ownControls || setProps({ ownOpened: { values: { ...spec.preset, ...own } } });
  const content = ownControls && h("div", { className: "own-filters" },
    h("p", { className: "own-words" }, t("Only for this panel. Empty filters follow the page.")), ownControls);
  return h(Dialog, { shape: "filter", label: t("Own filters of {title}", spec), onOpen }, content);
}

function moreItems({ topic, sql }, onGrid) {
  const items = [
    ...(onGrid ? [{ label: t("Sort and filter"), onSelect: () => onGrid() }] : []),
    { label: t("Run again"), onSelect: () => runAgain(topic) },
    { label: t("Cancel this run"), onSelect: () => cancel(topic) },
    { label: t("Full screen"), onSelect: () => panelElement(topic)?.requestFullscreen() },
  ];
  return sql ? [...items, { label: t("Show the SQL"), onSelect: () => showSql(topic) }] : items;
}

async function showSql(topic) {
  const { spec, parameters } = page.describe(topic);
  await loadScript(polyfillUrl()); // for the loader of Mantine's code block
  setDashProps("sql-code", { code: spec.sql });
  setDashProps("sql-values", { children: boundValues(parameters).join("\n") || t("No values are bound.") });
  setDashProps("sql-modal", { opened: true, title: spec.title });
}

/* What can be downloaded: the rows on the screen, the chart as a picture, and all rows written by the warehouse. */
function downloadItems({ topic, picture: hasPicture }) {
  const entries = (forms, words, action) =>
    Object.entries(forms).map(([label, form]) => ({ label: words(label), onSelect: () => action(topic, form) }));
  return [
    { heading: t("These rows") },
    ...entries(FORMS, String, download),
    ...(hasPicture ? [{ heading: t("The chart") }, ...entries({ PNG: "png", SVG: "svg" }, String, picture)] : []),
    { heading: t("All rows, written by the warehouse") },
    ...entries(EXPORTS, (form) => t("Export to {form}", { form }), exportRows),
  ];
}

// -------------------------------------------------------------------------------------------------------------- body

function Body({ spec, result, table, shown, chartElement, tableElement, view, plain, grid, onGrid }) {
  return h("div", { className: "panel-body" },
    spec.kind === "number"
      ? h("div", { className: "panel-chart" }, result?.number && h(Headline, result.number), result?.sparkline && h(Sparkline, result.sparkline))
      : h("div", { className: "panel-chart" },
          h("div", { className: "panel-graph", ref: chartElement }),
          h("button", { type: "button", className: "zoom-back plain-button", onClick: () => chart.zoomBack(chartElement.current) }, t("Show all"))),
    plain && h(PlainTable, { spec, table: plain, onSort: onGrid }),
    view === "table" && (!plain || grid) && h("div", { className: "panel-table", ref: tableElement, "data-coming": plain ? "yes" : undefined }, table),
    h("div", { className: "panel-skeleton", "aria-hidden": true }),
    h("div", { className: "panel-empty" }, spec.empty),
    h(Trouble, { spec, shown }));
}

/* The big figure of a number card, with its change against the row before it. */
function Headline({ text, change, tone, versus, target }) {
  return h("div", { className: "headline" },
    h("div", { className: "headline-figure" }, text),
    (change || target) && h("div", { className: "headline-line" },
      change && h("span", { className: "headline-change", "data-tone": tone }, change), " ", change && h("span", { className: "headline-versus" }, versus),
      target && h("span", { className: "headline-target" }, target)));
}

/* All rows of a number card as a small line. */
function Sparkline({ x, y }) {
  const known = y.filter((value) => value !== null);
  const [low, high, last] = [Math.min(...known), Math.max(...known), Math.max(...x, 1)];
  const place = (value) => (high === low ? 50 : 96 - (92 * (value - low)) / (high - low));
  const points = x.map((at, position) => [at, y[position]]).filter(([, value]) => value !== null);
  const line = points.map(([at, value]) => `${(100 * at) / last},${place(value).toFixed(2)}`).join(" ");
  return h("svg", { className: "sparkline", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": true },
    h("polyline", { points: line, vectorEffect: "non-scaling-stroke" }));
}

/* What went wrong, and the ways on. It is always there, so that its words are announced. */
function Trouble({ spec, shown }) {
  const again = h("button", { type: "button", className: "plain-button", onClick: () => runAgain(spec.topic) }, t("Run again"));
  const exports = shown.exportHelps && spec.download
    ? Object.entries(EXPORTS).map(([label, form]) =>
        h("button", { key: form, type: "button", className: "plain-button", onClick: () => exportRows(spec.topic, form) }, t("Export to {form}", { form: label })))
    : null;
  return h("div", { className: "panel-trouble", role: "alert" },
    shown.trouble && h("p", null, shown.trouble),
    shown.trouble && h("div", { className: "panel-ways" }, again, exports));
}

/* The way to new rows that are not shown by themselves. */
function NewData({ spec }) {
  const words = t("New data · Show it");
  const props = { type: "button", className: "new-data", "aria-label": `${words}: ${spec.title}`, onClick: () => showNewData(spec.topic) };
  return h("button", props, words);
}

/* In the place of a report whose file has a mistake. */
function BrokenPanel({ spec }) {
  return h("section", { className: "panel slot slot-half", "data-topic": spec.topic, "data-state": "failed", "aria-label": spec.title },
    h("header", { className: "panel-head" }, h("h2", null, spec.title)),
    h("div", { className: "panel-body" },
      h("div", { className: "panel-trouble", role: "alert" }, h("p", null, spec.broken.message), spec.broken.reason && h("code", null, spec.broken.reason))),
    h("footer", { className: "panel-foot" }, h("span", { className: "panel-state" }, t("Failed"))));
}
