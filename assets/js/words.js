/* The scripts' own words in the document's language. English stands in the code; another language comes with the document
   (`dashboard/locales/words.py`), and what it lacks is shown in English. */
import { answer } from "./document.js";
import { locale, whole } from "./format.js";

let catalogue = null;
const lookup = (text) => (catalogue ??= (globalThis.document && answer("words")) ?? {})[text];
const FORMS = ["zero", "one", "two", "few", "many", "other"];

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);

/* A text with its places filled: `t("Exporting {title}", { title })`. */
export const t = (text, values = {}) => filled(lookup(text) ?? text, values);

/* A text by how many, such as `counted("{count} row", "{count} rows", 3)`. */
export function counted(one, other, count, values = {}) {
  return filled(form(lookup(`${one}|${other}`), count) ?? (count === 1 ? one : other), { ...values, count: whole(count) });
}

function form(forms, count) {
  const rules = forms && new Intl.PluralRules(locale);
  const known = rules && FORMS.filter((each) => rules.resolvedOptions().pluralCategories.includes(each));
  return rules && forms.split("|")[known.indexOf(rules.select(count))];
}

/* Rows, which most that is counted is. */
export const rows = (count) => counted("{count} row", "{count} rows", count);

/* Marks a text that `t` looks up where it is shown. */
export const noop = (text) => text;
