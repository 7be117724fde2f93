/* What a click on a mark does, or on a cell of a table: it sets filters of the page, or opens a report or page with values. What it
   has set is told by a chip in the filter bar, which takes it back, as does a second click. `dashboard/layouts/click_targets.py`
   tells what a panel's clicks do; the values behind marks come with the drawing (`dashboard/charts/clicks.py`). */
import { element, setProps } from "../document.js";
import { asRead, asText, fromText, isSame, ofKind, toControl } from "./filter_values.js";
import * as page from "./open_page.js";
import { go } from "../views/go.js";
import { t } from "../words.js";

const filterOf = (name) => page.openPage().filters.find((each) => each.name === name);
const valueOf = ({ value, next }) => (next === undefined ? value : next);
const set = ({ name, kind }, value) => setProps({ type: "filter", name, kind }, { value: toControl(kind, value) });

/* Whether a range can be drawn on a panel's chart: a click of it sets a filter of days. */
export const drawsRange = ({ click }) => Boolean(click && !click.href && Object.keys(click.columns).some((name) => filterOf(name)?.kind === "daterange"));

/* A click on what stands for these values, `texts`, by the parameters' names; a range has two. */
export function choose({ click }, texts) {
  if (click.href) return open(click, texts);
  const wanted = Object.entries(texts).map(([name, text]) => [filterOf(name), text]).filter(([filter]) => filter);
  const values = wanted.map(([filter, text]) => [filter, ofKind(filter.kind, text)]);
  if (!values.length) return;
  history.pushState(history.state, "", location.href); // going back leads to what was set before
  const { chosen } = page.openPage();
  const isAgain = values.every(([filter, wish]) => chosen.has(filter.name) && isSame(valueOf(filter), wish));
  for (const [filter, value] of values) isAgain ? takeBack(filter.name) : choosesOne(filter, value);
}

function choosesOne(filter, value) {
  const { chosen } = page.openPage();
  const before = chosen.has(filter.name) ? chosen.get(filter.name).before : valueOf(filter);
  chosen.set(filter.name, { value, before });
  set(filter, value);
}

function takeBack(name) {
  const { chosen, inAddress, pinned } = page.openPage();
  const { before } = chosen.get(name);
  const filter = filterOf(name);
  chosen.delete(name);
  if (isSame(before, filter.default) && !inAddress.has(name)) pinned.delete(name);
  set(filter, before);
}

/* Leads to a page or panel with these values. */
function open({ href, panel, kinds }, texts) {
  const query = new URLSearchParams();
  for (const [name, text] of Object.entries(texts)) if (kinds[name]) query.set(name, asText(ofKind(kinds[name], text)));
  go(`${href}${query.size ? `?${query}` : ""}${panel ? `#${panel}` : ""}`);
}

/* The values that a clicked mark stands for, by parameters; null where it stands for none, as `Other` does. */
export function valuesOf(clicks, point) {
  const texts = {};
  for (const { name, part, values } of clicks) {
    const text = values[partOf(point, part)];
    if (text === undefined) return null;
    texts[name] = text;
  }
  return texts;
}

function partOf({ data, pointNumber }, part) {
  if (part === "name") return data.name;
  return String(data[part][Array.isArray(pointNumber) ? pointNumber[part === "y" ? 0 : 1] : pointNumber]);
}

// ------------------------------------------------------------------------------------------------------------ chips

/* Shows what clicks have set; a filter that has got another value since is no longer theirs. */
export function showChips() {
  const { chosen } = page.openPage();
  for (const [name, { value }] of chosen) if (!isSame(valueOf(filterOf(name) ?? {}), value)) chosen.delete(name);
  const place = document.getElementById("click-chips");
  if (!place) return;
  place.hidden = !chosen.size;
  place.replaceChildren(...[...chosen].map(([name, { value }]) => chip(name, filterOf(name).label, asRead(filterOf(name), value))));
}

function chip(name, label, value) {
  const made = element("button", "chip", `${label}: ${value}`, element("span", "icon icon-close"));
  Object.assign(made, { type: "button", onclick: () => takeBack(name) });
  made.setAttribute("aria-label", t("{label}: {value}. Take back", { label, value }));
  return made;
}

// ----------------------------------------------------------------------------------------------------------- tables

/* Does what a click on a cell does, whose `fields` hold the values of a row, by parameters; nothing where one is missing. */
export function actOn(topic, fields, data) {
  const { spec } = page.panelAt(topic) ?? {};
  const texts = Object.entries(fields).map(([name, field]) => [name, data[field]]);
  if (spec?.click && texts.every(([, text]) => text !== null && text !== undefined)) choose(spec, Object.fromEntries(texts));
}

/* Hears clicks on a grid's cells, and the key Enter; the columns' own context names them. The lines of totals stand for no value. */
export function listenToTable(topic, grid) {
  const act = ({ colDef, data }) => data && !data.kind && colDef.context?.clicks && actOn(topic, colDef.context.clicks, data);
  grid.addEventListener("cellClicked", act);
  grid.addEventListener("cellKeyDown", (event) => event.event.key === "Enter" && act(event));
}

// ------------------------------------------------------------------------------------------------------ back

/* Back and forward within a page: its filters are what the address says. */
function onBack() {
  const { path, filters, pinned } = page.openPage();
  if (location.pathname !== path) return;
  const query = new URLSearchParams(location.search);
  for (const filter of filters) {
    const text = query.get(filter.name);
    if (text === null) pinned.delete(filter.name);
    const value = text === null ? filter.default : (filter.words?.[text] ?? fromText(filter.kind, text));
    if (!isSame(value, valueOf(filter))) set(filter, value);
  }
}

export const start = () => addEventListener("popstate", onBack);
