import assert from "node:assert/strict";
import { test } from "node:test";
import { asText, isEmpty, parametersOf, queryOf, toWire } from "../../assets/js/page/filter_values.js";

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

test("a panel's own values beat the page's, and only what the report declares is bound", () => {
  const filters = [
    { name: "month", kind: "month", value: "2015-12" },
    { name: "zone", kind: "text", value: "JFK" },
    { name: "other", kind: "text", value: "x" },
  ];
  const kinds = { month: "month", zone: "choice" };
  assert.deepEqual(parametersOf(kinds, filters, {}), { month: "2015-12" });
  assert.deepEqual(parametersOf(kinds, filters, { month: "2015-03", zone: "", other: "y" }), { month: "2015-03" });
});

test("an address joins several values by commas and marks their own", () => {
  assert.equal(asText(["a,b", "c\\d"]), "a\\,b,c\\\\d");
  const filters = [{ name: "month", value: "2015-12" }, { name: "zone", value: "" }, { name: "day", value: "2015-12-06" }];
  const panels = [{ topic: "trips", own: { month: "2015-03", zone: null } }];
  assert.equal(queryOf(filters, ({ name }) => name === "month", panels), "month=2015-12&trips.month=2015-03");
  assert.equal(queryOf(filters, () => false, []), "");
});
