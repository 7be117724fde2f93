/* Long lists of choices: when the page asks the server for others, and which answer it takes. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { installBrowser } from "./browser.mjs";

installBrowser();
const set = [];
const id = { type: "filter", name: "zone", kind: "choice" };
const group = (...values) => ({ group: "200 of 5,000", items: values.map((value) => ({ value, label: `Zone ${value}` })) });
const props = { value: null, data: [group("1", "2")] };
window.dash_clientside = { set_props: (key, values) => set.push([key, values]) };
window.dash_component_api = { getLayout: () => ({ props }) };
mock.timers.enable({ apis: ["setTimeout"] });
const choices = await import("../../assets/js/page/choices.js");
const page = await import("../../assets/js/page/open_page.js");
const { dashRendered } = await import("../../assets/js/document.js");
dashRendered();

const input = { id: JSON.stringify(id), value: "", dataset: { statement: "s-1", searched: "" } };
document.querySelectorAll = () => [input];
document.querySelector = () => ({ textContent: JSON.stringify([{ output: "find", inputs: [{ id: "page", property: "choicesWanted" }] }]) });
const calls = [];
globalThis.fetch = (_path, { body }) => new Promise((resolve) => calls.push({ wanted: JSON.parse(body).inputs[0].value, resolve }));
page.open({ layoutId: "layout", pageId: "finance", filters: [{ name: "zone", kind: "choice", value: null, default: null, sources: [{ report: "zones", with: [] }] }] });

const typed = (text) => Object.assign(document, { activeElement: input }) && Object.assign(input, { value: text }) && pause();
const pause = () => (choices.lookSoon(), mock.timers.tick(250));
const answer = async ({ resolve, wanted }, status = 200) => {
  const found = { data: [group("9")], "data-searched": wanted.text };
  resolve({ status, json: async () => ({ sideUpdate: { [JSON.stringify(id)]: found } }) });
  for (let turn = 0; turn < 20; turn += 1) await null;
};

test("a list that shows what it should asks for nothing", () => {
  pause();
  assert.equal(calls.length, 0);
});

test("typing asks once it pauses, and a late answer is not taken", async () => {
  typed("zo");
  typed("zone 9");
  pause();
  assert.deepEqual(calls.map(({ wanted }) => wanted.text), ["zo", "zone 9"]);
  assert.deepEqual(calls[1].wanted, { name: "zone", kind: "choice", page: "finance", statementId: "s-1", text: "zone 9", chosen: null });
  await answer(calls[1]);
  await answer(calls[0]);
  assert.deepEqual(set.map(([, values]) => values["data-searched"]), ["zone 9"]);
});

test("an answer from the rows before is not taken, and the new ones are searched", async () => {
  typed("zone 8");
  input.dataset.statement = "s-2";
  await answer(calls.at(-1));
  mock.timers.tick(250);
  assert.equal(calls.at(-1).wanted.statementId, "s-2");
  assert.equal(set.length, 1);
  await answer(calls.at(-1));
  assert.equal(set.length, 2);
});

test("a value that a click sets brings its label, and the label of what is chosen is not searched", () => {
  Object.assign(input.dataset, { searched: "" });
  Object.assign(props, { value: "4321" });
  typed("");
  assert.deepEqual([calls.at(-1).wanted.text, calls.at(-1).wanted.chosen], ["", "4321"]);
  const before = calls.length;
  Object.assign(props, { data: [group("1"), { group: "\0chosen", items: [{ value: "4321", label: "Zone 4321" }] }] });
  typed("Zone 4321");
  assert.equal(calls.length, before);
});

test("what is chosen and not found is known to the control, and not offered", () => {
  const options = [group("1"), { group: "\0chosen", items: [{ value: "4321", label: "Zone 4321" }] }];
  assert.deepEqual(choices.offered({ options }), [group("1")]);
});

test("rows that are no longer kept are asked for anew, once for each statement", async () => {
  const [{ sources: [source] }] = page.openPage().filters;
  for (const asked of [{}, undefined]) {
    source.asked = undefined;
    typed(`lost ${asked}`);
    await answer(calls.at(-1), 404);
    assert.deepEqual(source.asked, asked);
  }
});
