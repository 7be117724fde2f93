/* Numbers and dates in the document's language and time zone, by the same cases as the server's. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { installBrowser } from "./browser.mjs";

installBrowser();
const cases = JSON.parse(readFileSync(new URL("formats.json", import.meta.url), "utf8"));
const noon = new Date("2015-12-06T12:00:00Z");
const { dataset } = document.documentElement;

/* The module as a document of this language and zone has it. */
const load = (locale, zone) => {
  Object.assign(dataset, { locale, zone });
  return import(`../../assets/js/format.js?${locale}${zone}`);
};

for (const { intl, locale, count, tenth, day, date } of cases) {
  test(`${locale} is written as on the server`, async () => {
    const format = await load(intl, "UTC");
    assert.equal(format.whole(1234567), count);
    assert.equal(format.tenths(1234.5), tenth);
    assert.equal(format.day(noon), day);
    assert.equal(format.dayWithYear(noon), date);
  });
}

test("times are those of the viewer's zone, and so is the day that is today", async () => {
  const { clock, minute } = await load("en-US", "Asia/Tokyo");
  assert.equal(clock("2015-12-06T12:00:00Z", noon), "21:00:00");
  assert.equal(minute("2015-12-06T12:00:00Z", noon), "21:00");
  assert.equal(minute("2015-12-06T16:00:00Z", noon), "Dec 7 01:00");
});

test("seconds and sizes have the language's decimal point", async () => {
  const { byteSize, seconds } = await load("de-DE", "");
  assert.equal(seconds(1234), "1,2 s");
  assert.equal(byteSize(12_345_678), "12,3 MB");
});
