/* A panel's table of few rows, which come with its drawing (`dashboard/grid/plain_table.py`). Whoever sorts or filters it gets
   AG Grid in its place, with the same rows and looks; see `panel.js`. */
import { actOn } from "../page/clicks.js";
import { t } from "../words.js";

const h = (...parts) => window.React.createElement(...parts);

export function PlainTable({ spec, table, onSort }) {
  const { columns, rows, total, note } = table;
  const lines = (found) => found.map((data, at) => h(Line, { key: at, spec, table, data }));
  const content = [
    h("thead", { key: "head" }, columns.some(({ heading }) => heading) && h(Headings, { columns }), h("tr", null, columns.map((column) => h(Head, { key: column.field, column, onSort })))),
    h("tbody", { key: "body" }, lines(rows)),
    total && h("tfoot", { key: "foot" }, lines([total])),
  ];
  return h("div", { className: "panel-table" },
    note && h("p", { className: "table-note", role: "status" }, note),
    h("div", { className: `plain-table${table.namesRows ? " names-rows" : ""}`, tabIndex: 0, role: "region", "aria-label": spec.title }, h("table", null, content)));
}

/* The line above a pivot's heads: each heading over the columns that it holds. */
function Headings({ columns }) {
  const groups = [];
  for (const { field, heading } of columns) {
    const last = groups.at(-1);
    if (last && last.heading === heading) last.span += 1;
    else groups.push({ field, heading, span: 1 });
  }
  const cells = groups.map(({ field, heading, span }) =>
    heading ? h("th", { key: field, colSpan: span, scope: "colgroup" }, heading) : h("td", { key: field, colSpan: span }));
  return h("tr", { className: "headings" }, cells);
}

function Head({ column: { field, label, isNumber }, onSort }) {
  const words = t("Sort by {column}", { column: label });
  const button = h("button", { type: "button", className: "sort-head", title: words, "aria-label": words, onClick: () => onSort(field) }, label);
  return h("th", { scope: "col", "aria-label": label, className: isNumber ? "list-number" : undefined }, button);
}

function Line({ spec, table: { columns, namesRows }, data }) {
  const cells = columns.map((column, at) => h(Cell, { key: column.field, spec, column, data, tag: namesRows && at === 0 ? "th" : "td" }));
  return h("tr", { className: data.kind && `line-${data.kind}` }, cells);
}

function Cell({ spec, column: { field, isNumber, isGroup, clicks }, data, tag }) {
  const mark = (letter) => data[field.replace("c", letter)];
  const [bar, tone, link] = [mark("b"), mark("t"), mark("l")];
  const classes = [isNumber && "list-number", bar && "has-bar", tone && `tone-${tone}`, isGroup && !data.kind && "in-group"];
  const style = bar && { "--bar-left": `${bar[0]}%`, "--bar-width": `${bar[1]}%` };
  const text = h("span", { className: "cell-value" }, mark("d") ?? data[field] ?? "");
  const act = clicks && spec.click && !data.kind && (() => actOn(spec.topic, clicks, data));
  const content = link ? h(Link, { link, text }) : act ? h("button", { type: "button", className: "cell-button can-click", onClick: act }, text) : text;
  return h(tag, { className: classes.filter(Boolean).join(" ") || undefined, style, scope: tag === "th" ? "row" : undefined }, content);
}

/* Another site opens in a tab of its own. */
function Link({ link, text }) {
  const away = link.startsWith("/") ? {} : { target: "_blank", rel: "noopener noreferrer" };
  return h("a", { href: link, ...away }, text);
}
