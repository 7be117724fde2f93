/* The page on paper: light, as wide as a sheet, each chart drawn anew for that width, tables as plain rows. It is laid out
   so whenever the browser prints, also by the browser's own command, and as it was once that is done. The button Print has
   all panels run first (`downloads/downloads.js`). The style sheet has the rest, under `data-paper`. */
import * as chart from "../panel/chart.js";
import { element, panelElement } from "../document.js";
import { dated, whole } from "../format.js";
import { gridOf, rowAt } from "../panel/rows.js";
import { rows, t } from "../words.js";
import * as page from "./open_page.js";

const MOST_ROWS = 50; // of one table; a workbook has all

const root = document.documentElement;
let screen = null; // what has to be put back: {scheme, added}

/* Lays the page out for paper. Everything here happens before this returns: the browser prints right behind it. */
function layOut() {
  if (screen) return;
  screen = { scheme: root.dataset.mantineColorScheme, added: [] };
  Object.assign(root.dataset, { paper: "yes", mantineColorScheme: "light" });
  add(document.querySelector(".page-head > div"), facts());
  for (const { spec } of page.allPanels()) layOutTable(spec);
  chart.drawNow();
}

function putBack() {
  if (!screen) return;
  const { scheme, added } = screen;
  screen = null;
  added.forEach((each) => each.remove());
  Object.assign(root.dataset, { paper: "over", mantineColorScheme: scheme }); // at once, not in a transition
  chart.drawNow();
  delete root.dataset.paper;
}

function add(place, made) {
  if (!place) return;
  place.append(made);
  screen.added.push(made);
}

// --------------------------------------------------------------------------------------------------------- the head

/* What the filters are set to, and how old the rows are. */
function facts() {
  const filters = [...document.querySelectorAll(".filters > div")].map(filterWords).filter(Boolean);
  const asOf = page.allPanels().map(({ event }) => event?.asOf ?? "").sort().at(-1);
  const times = [asOf && t("Data as of {time}", { time: dated(asOf) }), t("Printed {time}", { time: dated(Date.now()) })].filter(Boolean);
  return element("div", "paper-facts", ...[...filters, ...times].map((words) => element("p", "", words)));
}

/* A filter's label and value, as they stand in its control; nothing of a filter that is not set. */
function filterWords(slot) {
  const label = slot.querySelector(".mantine-InputWrapper-label")?.textContent;
  const chosen = [...slot.querySelectorAll(".mantine-Pill-label")].map(({ textContent }) => textContent);
  const control = slot.querySelector("input:not([type=hidden]), button[data-dates-input]");
  const value = chosen.join(", ") || control?.value || control?.textContent; // a button has its value as text
  return label && value ? `${label}: ${value}` : "";
}

// ----------------------------------------------------------------------------------------------------------- tables

/* A grid draws the rows that one sees; on paper stand the first ones, sorted and filtered as on the screen. Of a plain table
   stand all. */
function layOutTable({ topic }) {
  const body = panelElement(topic)?.querySelector(".panel-body");
  const plain = body?.querySelector(".plain-table");
  if (plain) return add(body, element("div", "paper-table", plain.firstElementChild.cloneNode(true)));
  const grid = body?.querySelector(".table-view") && gridOf(topic);
  if (grid) add(body, tableOf(grid));
}

function tableOf(grid) {
  const columns = grid.getAllDisplayedColumns();
  const count = grid.getDisplayedRowCount();
  const name = (column) => [headingOf(column), grid.getDisplayNameForColumn(column, null)].filter(Boolean).join(" · ");
  const head = element("tr", "", ...columns.map((column) => cell("th", column, name(column))));
  const first = Array.from({ length: Math.min(count, MOST_ROWS) }, (_, at) => rowAt(grid, at));
  const lines = [...first, grid.getPinnedBottomRow(0)?.data].filter(Boolean).map((data) => rowOf(columns, data));
  const table = element("table", "", element("thead", "", head), element("tbody", "", ...lines));
  const rest = count > MOST_ROWS ? [element("p", "table-note", t("The first {shown} of {rows}; a workbook has all.", { shown: whole(MOST_ROWS), rows: rows(count) }))] : [];
  return element("div", "paper-table", table, ...rest);
}

const headingOf = (column) => column.getParent()?.getColGroupDef()?.headerName;

function rowOf(columns, data) {
  const { shown } = window.dashAgGridFunctions;
  const cells = columns.map((column) => cell("td", column, shown({ colDef: column.getColDef(), data })));
  return element("tr", data.kind ? `line-${data.kind}` : "", ...cells);
}

const cell = (tag, column, text) => element(tag, column.getColDef().type.includes("rightAligned") ? "list-number" : "", text ?? "");

export function start() {
  addEventListener("beforeprint", layOut);
  addEventListener("afterprint", putBack);
}
