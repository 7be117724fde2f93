/* Values of filters: as controls hold them, as the wire takes them, and as the address writes them. Pure.
   `dashboard/filters/query_codec.py` reads the address. */

export const isEmpty = (value) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && (!value.length || value.includes(null)));

/* A control's value on the wire: months as 2015-12, years as 2015, numbers as text, everything else as it is. */
const WIRE = { month: (value) => value.slice(0, 7), year: (value) => value.slice(0, 4), integer: String, number: String };
export const toWire = (kind, value) => (WIRE[kind] && !isEmpty(value) ? WIRE[kind](value) : value);

/* Several values are joined by commas; a value's own comma or backslash has a backslash before it. */
export const asText = (value) =>
  Array.isArray(value) ? value.map((part) => String(part).replace(/[\\,]/g, "\\$&")).join(",") : String(value);

/* A filter's value as people read it: its choices may have labels. */
const labelled = (labels, value) => (labels && Object.hasOwn(labels, value) ? labels[value] : value);
export const asRead = ({ labels }, value) =>
  asText(Array.isArray(value) ? value.map((part) => labelled(labels, part)) : labelled(labels, value));

/* The wire value of a text in an address. */
export const fromText = (kind, text) => (kind === "several" || kind === "daterange" ? partsOf(text) : text);

function partsOf(text) {
  const parts = [""];
  for (const [, escaped, plain] of text.matchAll(/\\(.)|([^\\])/gs)) {
    if (plain === ",") parts.push("");
    else parts[parts.length - 1] += escaped ?? plain;
  }
  return parts;
}

/* The value of a filter that a column's value stands for: the month of a day, a list of one; of a range, its two ends. */
const LETTERS = { month: 7, year: 4, date: 10, daterange: 10 };
export function ofKind(kind, found) {
  const cut = (text) => String(text).slice(0, LETTERS[kind]);
  if (kind === "daterange") return [found].flat().length === 2 ? found.map(cut) : [cut(found), cut(found)];
  return kind === "several" ? [found] : cut(found);
}

/* A wire value as its control takes it. */
const CONTROLS = { month: (value) => `${value}-01`, year: (value) => `${value}-01-01`, integer: Number, number: Number };
export const toControl = (kind, value) => (CONTROLS[kind] && !isEmpty(value) ? CONTROLS[kind](value) : value);

export const isSame = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/* The parameters of a report: a panel's own values beat those that it begins with, and these the page's. `kinds` is
   name -> type, `filters` the page's values as [{name, kind, value}], `preset` and `own` the panel's as name -> value, all on
   the wire. */
export function parametersOf(kinds, filters, preset, own) {
  const found = {};
  for (const { name, kind, value } of filters) if (kinds[name] === kind && !isEmpty(value)) found[name] = value;
  for (const [name, value] of Object.entries({ ...preset, ...set(own) })) if (name in kinds && !isEmpty(value)) found[name] = value;
  return found;
}

const set = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => !isEmpty(value)));

/* A filter's value in the address of its page: the `word` that stood there, such as `last 7 days`, as long as it means the value;
   the one word that means it today; or the value itself. */
const MOVING = /^last \d|to date$/;
export function wordsOf({ value, words, word }) {
  const found = Object.keys(words ?? {}).filter((each) => isSame(words[each], value));
  if (found.includes(word)) return word;
  const moving = found.filter((each) => MOVING.test(each));
  return moving.length === 1 ? moving[0] : asText(value);
}

/* The query of an address: the open tab, filters that are `chosen`, then panels' own values as [{topic, own, preset}]. */
export function queryOf(filters, isChosen, panels, tab, textOf = ({ value }) => asText(value)) {
  const search = new URLSearchParams(tab ? { tab } : {});
  for (const each of filters) if (!isEmpty(each.value) && isChosen(each)) search.set(each.name, textOf(each));
  for (const { topic, own, preset } of panels) {
    for (const [name, value] of Object.entries(own)) {
      if (!isEmpty(value) && !isSame(value, preset?.[name])) search.set(`${topic}.${name}`, asText(value));
    }
  }
  return search.toString();
}
