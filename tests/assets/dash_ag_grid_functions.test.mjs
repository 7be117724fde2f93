/* Cells of a panel's table are compared by all their digits. Run by `test_assets.py`, or by `node --test tests/assets/`. */
import assert from "node:assert/strict";
import test from "node:test";

globalThis.window = globalThis;
await import("../../assets/dashAgGridFunctions.js");
const { exact, shown, gridTheme } = globalThis.dashAgGridFunctions;

const sorted = (values) => [...values].sort(exact.compare);

test("numbers beyond a double's digits are sorted exactly", () => {
  const ascending = [
    "-9007199254740993", "-9007199254740992.5", "-0.12345678", "0", "0.12345678", "0.123456780000000000001",
    "9007199254740992", "9007199254740993", "12345678901234567.88", "12345678901234567.89", "1e22",
    "10000000000000000000001", "1.5e+300",
  ];
  assert.deepEqual(sorted([...ascending].reverse()), ascending);
});

test("missing values come first, infinities at the ends, NaN above them, and texts last", () => {
  const ascending = [null, "-Infinity", "-1", "2", "Infinity", "NaN", "n/a", "none"];
  assert.deepEqual(sorted([...ascending].reverse()), ascending);
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

test("filters compare exactly", () => {
  assert.equal(exact.equals(["9007199254740993"], "9007199254740992"), false);
  assert.equal(exact.equals(["9007199254740993"], "9007199254740993"), true);
  assert.equal(exact.differs(["9007199254740993"], "9007199254740992"), true);
  assert.equal(exact.above(["12345678901234567.88"], "12345678901234567.89"), true);
  assert.equal(exact.atMost(["0.12345678"], "0.123456780000000001"), false);
  assert.equal(exact.atLeast(["5"], "5.0"), true);
  assert.equal(exact.below(["5"], "4.999999999999999999999"), true);
  assert.equal(exact.between(["1", "2"], "2.00"), true);
  assert.equal(exact.between(["1", "2"], "2.000000000000000000001"), false);
});

test("numbers are typed as they are shown", () => {
  assert.equal(exact.equals(["$1,234.50"], "1234.5"), true);
  assert.equal(exact.equals(["17.26%"], "0.1726"), true);
  assert.equal(exact.above([" 10 "], "11"), true);
});

test("what is no number passes no filter, and neither does a missing value", () => {
  for (const cell of [null, undefined, "", "n/a"]) {
    for (const name of ["equals", "differs", "below", "atMost", "above", "atLeast"]) {
      assert.equal(exact[name](["1"], cell), false, `${name} of ${cell}`);
    }
  }
  assert.equal(exact.equals(["abc"], "1"), false);
  assert.equal(exact.equals(["1e999999999"], "1"), false);
});

test("a cell shows the server's text, else its value", () => {
  const data = { c0: "6213400.5", d0: "$6,213,400.50", c1: "10007", c2: null };
  const texts = ["c0", "c1", "c2"].map((field) => shown({ colDef: { field }, data }));
  assert.deepEqual(texts, ["$6,213,400.50", "10007", ""]);
});

test("the grid has no colours of its own", () => {
  assert.doesNotMatch(JSON.stringify(gridTheme()), /#[0-9a-f]{3}|rgb/i);
});
