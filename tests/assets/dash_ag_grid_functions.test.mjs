/* Cells of a panel's table are compared by all their digits. Run by `test_assets.py`, or by `node --test tests/assets/`. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

globalThis.window = globalThis;
await import("../../assets/dashAgGridFunctions.js");
const { bar, exact, shown, gridTheme } = globalThis.dashAgGridFunctions;

const cases = JSON.parse(readFileSync(new URL("grid_cases.json", import.meta.url), "utf8"));
const sorted = (values, compare) => [...values].sort(compare);

test("values are sorted as the server sorts them", () => {
  for (const ascending of cases.numbers) assert.deepEqual(sorted([...ascending].reverse(), exact.compare), ascending);
  for (const ascending of cases.texts) assert.deepEqual(sorted([...ascending].reverse(), exact.compareTexts), ascending);
});

test("numbers are filtered as the server filters them", () => {
  for (const { type, filter, filterTo, passes, fails } of cases.filters) {
    const inputs = filterTo === undefined ? [filter] : [filter, filterTo];
    for (const cell of passes) assert.equal(exact[type](inputs, cell), true, `${type} ${inputs} of ${cell}`);
    for (const cell of fails) assert.equal(exact[type](inputs, cell), false, `${type} ${inputs} of ${cell}`);
  }
});

test("the same number in another form is the same", () => {
  for (const [a, b] of [["1.50", "1.5"], ["-0", "0"], ["1e3", "1000"], ["007", "7"], [null, undefined]]) {
    assert.equal(exact.compare(a, b) || 0, 0, `${a} and ${b}`);
  }
});

test("order is antisymmetric and agrees with whole numbers", () => {
  const numbers = [];
  for (let at = 0n; at < 60n; at += 1n) numbers.push((at - 30n) * 9007199254740993n + at);
  for (const a of numbers) {
    for (const b of numbers) {
      assert.equal(Math.sign(exact.compare(String(a), String(b))), a < b ? -1 : Number(a > b));
    }
  }
});

test("a cell shows the server's text, else its value", () => {
  const data = { c0: "6213400.5", d0: "$6,213,400.50", c1: "10007", c2: null };
  const texts = ["c0", "c1", "c2"].map((field) => shown({ colDef: { field }, data }));
  assert.deepEqual(texts, ["$6,213,400.50", "10007", ""]);
});

test("a cell's bar is where the server says", () => {
  assert.deepEqual(bar({ colDef: { field: "c1" }, data: { b1: [12.5, 37.5] } }), { "--bar-left": "12.5%", "--bar-width": "37.5%" });
  assert.deepEqual(bar({ colDef: { field: "c1" } }), { "--bar-left": "0%", "--bar-width": "0%" });
});

test("the grid has no colours of its own", () => {
  assert.doesNotMatch(JSON.stringify(gridTheme()), /#[0-9a-f]{3}|rgb/i);
});
