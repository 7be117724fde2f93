/* What a viewer types into a column's filter is read as his language writes it. */
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

for (const [locale, typed] of Object.entries({
  "en-US-u-nu-latn": ["1,234.50", "$1,234.5", "US$ 1234.5"],
  "de-DE-u-nu-latn": ["1.234,50", "1234,5 €", "1.234,50\u00a0EUR"],
  "fr-FR-u-nu-latn": ["1 234,50", "1\u202f234,5\u00a0€"],
  "ar-u-nu-arab": ["١٬٢٣٤٫٥٠", "\u200f١٬٢٣٤٫٥\u00a0€", "1234٫5"],
})) {
  test(`${locale} reads what it shows`, () => {
    const exact = load(locale);
    for (const text of typed) assert.equal(exact.equals([text], "1234.5"), true, text);
    assert.equal(exact.equals(["1 word"], "1"), false);
  });
}

test("a percentage is a hundredth, with its space or without", () => {
  const exact = load("de-DE-u-nu-latn");
  assert.equal(exact.equals(["17,5 %"], "0.175"), true);
  assert.equal(exact.equals(["-17,5%"], "-0.175"), true);
});
