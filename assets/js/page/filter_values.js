/* Values of filters: as controls hold them, as the wire takes them, and as the address writes them. Pure.
   `dashboard/filters/query_codec.py` reads the address. */

export const isEmpty = (value) =>
  value === null || value === undefined || value === "" || (Array.isArray(value) && (!value.length || value.includes(null)));

/* A control's value on the wire: months as 2015-12, years as 2015, everything else as it is. */
const WIRE = { month: (value) => value.slice(0, 7), year: (value) => value.slice(0, 4) };
export const toWire = (kind, value) => (WIRE[kind] && !isEmpty(value) ? WIRE[kind](value) : value);

/* Several values are joined by commas; a value's own comma or backslash has a backslash before it. */
export const asText = (value) =>
  Array.isArray(value) ? value.map((part) => String(part).replace(/[\\,]/g, "\\$&")).join(",") : String(value);

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

/* The query of an address: the open tab, filters that are `chosen`, then panels' own values as [{topic, own, preset}]. */
export function queryOf(filters, isChosen, panels, tab) {
  const search = new URLSearchParams(tab ? { tab } : {});
  for (const each of filters) if (!isEmpty(each.value) && isChosen(each)) search.set(each.name, asText(each.value));
  for (const { topic, own, preset } of panels) {
    for (const [name, value] of Object.entries(own)) {
      if (!isEmpty(value) && !isSame(value, preset?.[name])) search.set(`${topic}.${name}`, asText(value));
    }
  }
  return search.toString();
}
