import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { asRead, asText, fromText, isEmpty, ofKind, parametersOf, queryOf, toControl, toWire } from "../../assets/js/page/filter_values.js";

test("values travel as the wire has them", () => {
  assert.equal(toWire("month", "2015-12-01"), "2015-12");
  assert.equal(toWire("year", "2015-01-01"), "2015");
  assert.equal(toWire("date", "2015-12-06"), "2015-12-06");
  assert.equal(toWire("month", null), null);
  assert.deepEqual(toWire("several", ["Card"]), ["Card"]);
});

test("an empty control is no value, zero is one", () => {
  for (const empty of [null, undefined, "", [], [null, null], ["2015-01-01", null]]) assert.ok(isEmpty(empty));
  for (const value of [0, "0", ["a"], false]) assert.ok(!isEmpty(value));
});

const CASES = JSON.parse(readFileSync(new URL("parameters.json", import.meta.url)));

for (const { name, parameters, filters, preset = {}, own, expected } of CASES) {
  test(`a panel runs with ${name}`, () => assert.deepEqual(Object.entries(parametersOf(parameters, filters, preset, own)), expected));
}

test("an address joins several values by commas and marks their own", () => {
  assert.equal(asText(["a,b", "c\\d"]), "a\\,b,c\\\\d");
  const filters = [{ name: "month", value: "2015-12" }, { name: "zone", value: "" }, { name: "day", value: "2015-12-06" }];
  const panels = [{ topic: "trips", own: { month: "2015-03", zone: null } }];
  assert.equal(queryOf(filters, ({ name }) => name === "month", panels), "month=2015-12&trips.month=2015-03");
  assert.equal(queryOf(filters, () => false, []), "");
});

test("values are read by their labels", () => {
  const labels = { Card: "Karte", 1: "Eins" };
  assert.equal(asRead({ labels }, ["Card", "Cash"]), "Karte,Cash");
  assert.equal(asRead({ labels }, "1"), "Eins");
  assert.equal(asRead({ labels }, "constructor"), "constructor");
  assert.equal(asRead({ labels: null }, "Card"), "Card");
});

test("an address names a tab, and no value that a panel begins with", () => {
  const panels = [{ topic: "trips~2", own: { month: "2015-03", zone: "JFK" }, preset: { month: "2015-03" } }];
  assert.equal(queryOf([], () => false, panels, "by-day"), "tab=by-day&trips%7E2.zone=JFK");
});

test("an address is read as it is written", () => {
  for (const value of [["a,b", "c\\d"], ["", "x"], ["2015-12-01", "2015-12-06"]]) assert.deepEqual(fromText("several", asText(value)), value);
  assert.equal(fromText("text", "a,b"), "a,b");
});

test("a clicked column's value becomes one of the filter's kind", () => {
  assert.equal(ofKind("month", "2015-12-06"), "2015-12");
  assert.equal(ofKind("year", "2015-12-06 10:00:00"), "2015");
  assert.deepEqual(ofKind("several", "Card"), ["Card"]);
  assert.deepEqual(ofKind("daterange", "2015-12-06"), ["2015-12-06", "2015-12-06"]);
  assert.deepEqual(ofKind("daterange", ["2015-12-03 04:05:06.7", "2015-12-09 00:00"]), ["2015-12-03", "2015-12-09"]);
  assert.equal(ofKind("choice", "JFK"), "JFK");
  assert.equal(toControl("month", "2015-12"), "2015-12-01");
  assert.equal(toControl("integer", "7"), 7);
  assert.equal(toControl("month", null), null);
});
