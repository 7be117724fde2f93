/* Which looks of the theme's template the traces of a chart take. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { installBrowser } from "./browser.mjs";

installBrowser();
const { withRoles } = await import("../../assets/js/panel/chart.js");

const [first, second, target] = ["first", "second", "target"].map((color) => ({ line: { color } }));
const TEMPLATE = { layout: { meta: { target } }, data: { scatter: [first, second], bar: [{ marker: {} }] } };

test("a chart without roles keeps the template as it is", () => {
  assert.equal(withRoles(TEMPLATE, [{ type: "scatter" }, { type: "bar" }]), TEMPLATE);
});

test("a trace with a role takes its look, and all others those of their turn", () => {
  const data = [{ type: "scatter" }, { type: "scatter", meta: "target" }, { type: "bar" }, { type: "scatter" }];
  const { layout, data: looks } = withRoles(TEMPLATE, data);
  assert.deepEqual(looks, { scatter: [first, target, first], bar: [{ marker: {} }] });
  assert.equal(layout, TEMPLATE.layout);
});

test("a type that the template does not know has the look of its role, or none", () => {
  const { data } = withRoles(TEMPLATE, [{ type: "funnel", meta: "target" }, { type: "funnel" }]);
  assert.deepEqual(data.funnel, [target, {}]);
});
