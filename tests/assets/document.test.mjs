/* Props that are set while Dash starts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { installBrowser } from "./browser.mjs";

installBrowser();
const { dashRendered, setProps } = await import("../../assets/js/document.js");

test("props that are set before Dash has rendered reach it then, in their order", () => {
  const set = [];
  window.dash_clientside = { set_props: (id, props) => set.push([id, props]) };
  setProps("connection", { data: "reconnecting" });
  setProps("connection", { data: "live" });
  assert.deepEqual(set, []);
  dashRendered();
  assert.deepEqual(set, [["connection", { data: "reconnecting" }], ["connection", { data: "live" }]]);
  dashRendered();
  setProps("connection", { data: "closed" });
  assert.deepEqual(set.at(-1), ["connection", { data: "closed" }]);
  assert.equal(set.length, 3);
});
