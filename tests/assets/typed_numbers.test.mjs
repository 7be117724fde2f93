/* What a viewer types into a column's filter is read as their language writes it, in the browser as on the server. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { installBrowser } from "./browser.mjs";

installBrowser();

const source = readFileSync(new URL("../../assets/dashAgGridFunctions.js", import.meta.url), "utf8");

/* The functions as a document of this language has them. */
const load = (locale) => {
  document.documentElement.dataset.locale = locale;
  new Function(source)();
  return window.dashAgGridFunctions.exact;
};

const cases = JSON.parse(readFileSync(new URL("typed_numbers.json", import.meta.url), "utf8"));
const NUMBERING = { "ar-EG": "arab" };

for (const [locale, typed] of Object.entries(cases)) {
  test(`${locale} reads what it shows`, () => {
    const exact = load(`${locale}-u-nu-${NUMBERING[locale] ?? "latn"}`);
    for (const [text, number] of typed) assert.equal(exact.equals([text], number ?? "1"), number !== null, text);
  });
}
