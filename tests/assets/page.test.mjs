/* The open page with its filters, requests and drawings, over a socket that the test plays. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { installBrowser, sockets } from "./browser.mjs";

installBrowser();
window.dash_clientside = { set_props() {} };
mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
const { default: socket } = await import("../../assets/js/wire/socket.js");
const runs = await import("../../assets/js/wire/runs.js");
const page = await import("../../assets/js/page/open_page.js");
const requests = await import("../../assets/js/page/requests.js");
const filters = await import("../../assets/js/page/filters.js");
const views = await import("../../assets/js/views/open_view.js");
const drawings = await import("../../assets/js/page/drawings.js");
const { nearTopics } = await import("../../assets/js/page/near.js");

/* The server's one callback: each panel's result is the id of its run. `held` answers come when a test lets them. */
const calls = [];
let held = null;
const drawnTopics = () => calls.map(({ inputs }) => inputs[0].value.map(({ topicName }) => topicName));
document.querySelector = () => ({ textContent: JSON.stringify([{ output: "draw", inputs: [{ id: "page", property: "finished" }] }]) });
globalThis.fetch = async (_path, { body }) => {
  const call = JSON.parse(body);
  calls.push(call);
  if (held) await new Promise((resolve) => held.push(resolve));
  const results = call.inputs[0].value.map(({ topicName, runId, statementId }) =>
    [JSON.stringify({ topic: topicName, type: "panel" }), { result: { runId, statementId } }]);
  return { status: 200, json: async () => ({ sideUpdate: Object.fromEntries(results) }) };
};

async function until(holds) {
  for (let turn = 0; turn < 100 && !holds(); turn += 1) await null;
  assert.ok(holds());
}

/* Lets what waits for nothing but its turn happen. */
async function settle() {
  for (let turn = 0; turn < 100; turn += 1) await null;
}

runs.start();
drawings.start();
socket.start();

let layouts = 0;
const MONTH = { type: "filter", name: "month", kind: "month" };
const spec = (topic, more = {}) => ({
  topic, report: topic, version: "1", title: topic, kind: "line", size: "half", parameters: { month: "month" },
  required: ["month"], preset: {}, own: {}, timeoutSeconds: 60, ...more,
});
const filter = (more = {}) => ({ name: "month", kind: "month", value: "2015-12", default: "2015-12", sources: [], ...more });

/* Opens a page of these panels, once nothing of an earlier one is under way; returns the messages sent so far. */
function opened(specs, filterSpecs = [filter()], { search = "", pageId, apply } = {}) {
  layouts += 1;
  runs.waiting().forEach(({ message }) => finish(message));
  location.search = search;
  const sent = [...bridge().sent];
  requests.openPage({ layoutId: `layout-${layouts}`, pageId: pageId ?? `department-${layouts}`, apply, filters: filterSpecs });
  specs.forEach(requests.addPanel);
  return sent;
}

const bridge = () => sockets.at(-1);
const sentSince = (from) => bridge().sent.slice(from);
const lastRun = () => bridge().sent.findLast(({ action }) => action === "run");
const finish = (message, more = {}) =>
  bridge().receive({ type: "finished", topicName: message.topicName, runId: message.runId, statementId: `s-${message.topicName}`, rows: 1, ...more });

test("what is asked before the socket is live is sent once it is", () => {
  opened([spec("early")]);
  requests.want(["early"]);
  assert.deepEqual(bridge().sent, []);
  bridge().receive({ type: "connected", user: "ana" });
  assert.deepEqual(bridge().sent.map(({ action, topicName }) => [action, topicName]), [["run", "early"]]);
});

test("a filter's change asks in one burst for those panels that it touches", () => {
  const from = opened([spec("a"), spec("b"), spec("fixed", { parameters: {}, required: [] })]).length;
  requests.want(["a", "b", "fixed"]);
  sentSince(from).forEach((message) => finish(message));
  const before = bridge().sent.length;
  filters.setFilters(["2015-07-01"], [], [MONTH], []);
  assert.deepEqual(sentSince(before).map(({ action, topicName, parameters }) => [action, topicName, parameters.month]),
    [["run", "a", "2015-07"], ["run", "b", "2015-07"]]);
});

test("a run that its panel no longer wants is cancelled", () => {
  const from = opened([spec("a")]).length;
  requests.want(["a"]);
  const [first] = sentSince(from);
  filters.setFilters(["2015-06-01"], [], [MONTH], []);
  const [, cancel, second] = sentSince(from);
  assert.deepEqual(cancel, { action: "cancel", runId: first.runId });
  assert.equal(second.parameters.month, "2015-06");
});

test("the same question is asked once, another version of the report anew", () => {
  const from = opened([spec("a")]).length;
  requests.want(["a"]);
  filters.setFilters(["2015-12-01"], [], [MONTH], []);
  requests.addPanel(spec("a"));
  assert.equal(sentSince(from).length, 1);
  finish(sentSince(from)[0]);
  requests.addPanel(spec("a", { version: "2" }));
  assert.equal(sentSince(from).length, 2);
});

test("panels wait for a filter whose default comes from rows, and run when it is there", () => {
  const from = opened([spec("a")], [filter({ value: null, default: null, sources: [{ report: "newest", with: [] }] })]).length;
  requests.want(["a"]);
  assert.deepEqual(sentSince(from).map(({ topicName }) => topicName), ["~month:month:newest"]);
  filters.setFilters(["2015-12-01"], [], [MONTH], []);
  assert.deepEqual(sentSince(from).map(({ topicName }) => topicName), ["~month:month:newest", "a"]);
});

test("where panels of several pages stand, each follows the filters of its own, by their names there", () => {
  const month = (pageId, more) => filter({ name: `${pageId}.month`, pageId, parameter: "month", ...more });
  const place = (pageId) => ({ place: { pageId, href: `/d/${pageId}`, title: pageId, labels: {} } });
  const filterSpecs = [month("finance"), month("operations", { value: null, default: null, sources: [{ report: "newest", with: [] }] })];
  const from = opened([spec("a", place("finance")), spec("b", place("operations"))], filterSpecs).length;
  requests.want(["a", "b"]);
  assert.deepEqual(sentSince(from).map(({ topicName }) => topicName), ["~operations.month:month:newest", "a"]);
  filters.setFilters(["2015-11-01"], [], [{ type: "filter", name: "operations.month", kind: "month" }], []);
  assert.deepEqual([lastRun().topicName, lastRun().parameters], ["b", { month: "2015-11" }]);
});

test("the address of a view keeps its name while the filters change, and says what they are", () => {
  opened([spec("a")], [filter()], { search: "?month=2015-11&view=view-0001" });
  views.show({ id: "view-0001", name: "Mornings", path: "/d/finance", query: "month=2015-11" });
  filters.setFilters(["2015-10-01"], [], [MONTH], []);
  assert.equal(location.search, "?month=2015-10&view=view-0001");
  views.show(null);
  filters.setFilters(["2015-09-01"], [], [MONTH], []);
  assert.equal(location.search, "?month=2015-09");
});

test("a panel's own filter changes that panel alone", () => {
  const from = opened([spec("a"), spec("b")]).length;
  requests.want(["a", "b"]);
  const own = { type: "own", topic: "b", name: "month", kind: "month" };
  filters.setFilters(["2015-12-01"], ["2015-03-01"], [MONTH], [own]);
  const last = sentSince(from).at(-1);
  assert.deepEqual([last.topicName, last.parameters.month], ["b", "2015-03"]);
  assert.equal(location.search, "?b.month=2015-03");
});

const BOROUGH = { type: "filter", name: "borough", kind: "choice" };

test("a filter that depends on another is asked for with its value, and anew with another one", () => {
  const zone = { name: "zone", kind: "choice", value: null, default: null, sources: [{ report: "zones", with: ["borough"] }] };
  const borough = { name: "borough", kind: "choice", value: null, default: null, sources: [] };
  const from = opened([], [zone, borough]).length;
  assert.equal(sentSince(from).length, 0, "it waits for the other filter");
  for (const value of ["Queens", "Queens", "Bronx"]) filters.setFilters([value], [], [BOROUGH], []);
  const asked = sentSince(from).filter(({ action }) => action === "run");
  assert.deepEqual(asked.map(({ parameters }) => parameters), [{ borough: "Queens" }, { borough: "Bronx" }]);
});

test("a page that waits for its button asks once it is pressed", () => {
  const from = opened([spec("a")], [filter()], { apply: true }).length;
  requests.want(["a"]);
  filters.setFilters(["2015-07-01"], [], [MONTH], []);
  assert.deepEqual(sentSince(from).map(({ parameters }) => parameters.month), ["2015-12"]);
  assert.equal(location.search, "");
  filters.apply();
  const asked = sentSince(from).filter(({ action }) => action === "run");
  assert.deepEqual(asked.map(({ parameters }) => parameters.month), ["2015-12", "2015-07"]);
  assert.equal(location.search, "?month=2015-07");
});

test("a range that ends today stands in the address as its word, unless two words mean it", () => {
  const words = { "last 7 days": ["2015-12-01", "2015-12-07"], "month to date": ["2015-12-01", "2015-12-07"], "last 30 days": ["2015-11-08", "2015-12-07"] };
  const days = { type: "filter", name: "days", kind: "daterange" };
  opened([], [{ name: "days", kind: "daterange", value: ["2015-01-01", "2015-01-02"], default: ["2015-01-01", "2015-01-02"], sources: [], words }]);
  filters.setFilters([words["last 30 days"]], [], [days], []);
  assert.equal(location.search, "?days=last+30+days");
  assert.match(filters.fullAddress(), /days=2015-11-08%2C2015-12-07$/);
  filters.setFilters([words["last 7 days"]], [], [days], []);
  assert.equal(location.search, "?days=2015-12-01%2C2015-12-07");
});

test("the address holds what was chosen, and never today's default", () => {
  opened([spec("a")], [filter({ value: null, default: null, sources: [{ report: "newest", with: [] }] })]);
  filters.setFilters(["2015-12-01"], [], [MONTH], []);
  filters.setDefaults({ month: "2015-12" });
  assert.equal(location.search, "");
  filters.setFilters(["2015-07-01"], [], [MONTH], []);
  assert.equal(location.search, "?month=2015-07");
  assert.equal(filters.fullAddress(), "http://localhost/d/finance?month=2015-07");
});

test("the address holds what was chosen of a filter without a default", () => {
  opened([], [{ name: "zone", kind: "choice", value: null, default: null, noDefault: true, sources: [] }]);
  const zone = { type: "filter", name: "zone", kind: "choice" };
  filters.setFilters([null], [], [zone], []);
  assert.equal(location.search, "");
  filters.setFilters(["JFK"], [], [zone], []);
  assert.equal(location.search, "?zone=JFK");
  filters.setFilters([null], [], [zone], []);
  assert.equal(location.search, "");
});

test("what an address sets stays in it, even where it is the default", () => {
  opened([spec("a")], [filter()], { search: "?month=2015-12" });
  filters.setFilters(["2015-12-01"], [], [MONTH], []);
  assert.equal(location.search, "?month=2015-12");
});

test("runs that finish together are drawn by one request, the first page in two", async () => {
  const topics = ["a", "b", "c", "d", "e", "f"];
  const from = opened(topics.map((topic) => spec(topic))).length;
  requests.want(topics);
  const asked = sentSince(from);
  calls.length = 0;
  asked.slice(0, 5).forEach((message) => finish(message));
  mock.timers.tick(100);
  await settle();
  assert.deepEqual(drawnTopics(), [["a", "b", "c", "d"], ["e"]]);
  finish(asked[5]);
  mock.timers.tick(100);
  await settle();
  assert.deepEqual(drawnTopics().at(-1), ["f"]);
});

test("what finishes while the server draws is drawn together afterwards, or soon when that takes long", async () => {
  const from = opened(["a", "b", "c", "d"].map((topic) => spec(topic))).length;
  requests.want(["a", "b", "c", "d"]);
  const [a, b, c, d] = sentSince(from);
  calls.length = 0;
  held = [];
  finish(a);
  mock.timers.tick(100);
  [b, c].forEach((message) => finish(message));
  mock.timers.tick(100);
  await settle();
  assert.deepEqual(drawnTopics(), [["a"]]);
  held.shift()();
  await settle();
  assert.deepEqual(drawnTopics(), [["a"], ["b", "c"]]);
  finish(d);
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual(drawnTopics().at(-1), ["d"], "a slow drawing holds up no other");
  held.splice(0).forEach((answer) => answer());
  held = null;
  await until(() => ["a", "b", "c", "d"].every((topic) => page.snapshot(topic).result));
});

test("a drawing that comes after the panel asked something else is not shown", async () => {
  const from = opened([spec("a")]).length;
  requests.want(["a"]);
  held = [];
  finish(sentSince(from)[0]);
  mock.timers.tick(100);
  await settle();
  filters.setFilters(["2015-05-01"], [], [MONTH], []);
  finish(bridge().sent.at(-1));
  mock.timers.tick(1000);
  await settle();
  const [late, current] = held;
  current();
  await until(() => page.snapshot("a").result);
  const { result } = page.snapshot("a");
  late();
  held = null;
  await settle();
  assert.equal(page.snapshot("a").result, result);
  assert.equal(result.runId, lastRun().runId);
});

test("what is drawn is there once its panel is, whether Dash has started or not", async () => {
  const from = opened([spec("a")]).length;
  requests.want(["a"]);
  const [{ runId }] = sentSince(from);
  finish({ topicName: "a", runId });
  mock.timers.tick(100);
  await settle();
  const { output, inputs } = calls.at(-1);
  assert.deepEqual([output, inputs[0].value], ["draw", [{ topicName: "a", runId, statementId: "s-a" }]]);
  await until(() => page.snapshot("a").result);
  assert.deepEqual(page.snapshot("a").result, { runId, statementId: "s-a" });
});

test("a drawing that fails for good is said by its panel, unless another run came since", () => {
  const from = opened([spec("a"), spec("b")]).length;
  requests.want(["a", "b"]);
  const [a, b] = sentSince(from);
  [a, b].forEach((message) => finish(message));
  drawings.drawingFailed([
    { topicName: "a", runId: a.runId, statementId: "s-a" }, { topicName: "b", runId: "another", statementId: "s-b" },
  ]);
  assert.equal(page.describe("a").state, "failed");
  assert.equal(page.describe("b").state, "running");
});

test("all panels of the page run, seen or not, when all are wanted", async () => {
  const from = opened([spec("near"), spec("far")]).length;
  requests.want(["near"]);
  const all = requests.allEnded();
  assert.deepEqual(sentSince(from).map(({ topicName }) => topicName), ["near", "far"]);
  sentSince(from).forEach((message) => finish(message));
  mock.timers.tick(200);
  assert.deepEqual((await all).map(({ event }) => event.type), ["finished", "finished"]);
});

test("a page that is laid out anew keeps what its panels asked, and draws it again", async () => {
  const same = { pageId: "finance" };
  const from = opened([spec("a")], [filter()], same).length;
  requests.want(["a"]);
  finish(sentSince(from)[0]);
  const asked = bridge().sent.length;
  opened([spec("a")], [filter()], same);
  requests.want(["a"]);
  assert.equal(bridge().sent.length, asked);
  calls.length = 0;
  drawings.pageMounted();
  mock.timers.tick(100);
  await settle();
  assert.deepEqual(drawnTopics(), [["a"]]);
});

test("before there is a page, the panels near the screen are known by the grid", () => {
  const numbers = [1, 2, 3, 4].map((at) => spec(`n${at}`, { kind: "number", size: "quarter" }));
  const charts = Array.from({ length: 40 }, (_, at) => spec(`c${at}`));
  const near = nearTopics([...numbers, ...charts], 1440, 900);
  assert.deepEqual(near.slice(0, 4), ["n1", "n2", "n3", "n4"]);
  assert.ok(near.length > 8 && near.length < 16, `${near.length}`);
  assert.ok(nearTopics([...numbers, ...charts], 390, 844).length < near.length);
  assert.equal(nearTopics([spec("only")], 1440, 900).length, 1);
});

/* A click on a mark, and the filter's control that tells its new value back, as Dash does. */
const clicks = await import("../../assets/js/page/clicks.js");
history.pushState = () => {};
function clicked(name, text) {
  window.dash_clientside.set_props = (id, { value }) => filters.setFilters([value], [], [id], []);
  clicks.choose({ click: { columns: { [name]: "c" } } }, { [name]: text });
  clicks.showChips();
  window.dash_clientside.set_props = () => {};
}

test("what a click has set on a filter without a value is taken back to none, also after another one", () => {
  opened([], [{ name: "zone", kind: "choice", value: null, default: null, sources: [] }]);
  clicked("zone", "A");
  clicked("zone", "B");
  assert.equal(page.openPage().filters[0].value, "B");
  clicked("zone", "B");
  assert.equal(page.openPage().filters[0].value, null);
  assert.equal(page.openPage().chosen.size, 0);
});

test("a click on a number is a filter's value, and is taken back by a second one", () => {
  opened([], [{ name: "hour", kind: "integer", value: null, default: null, sources: [] }]);
  clicked("hour", "5");
  assert.equal(page.openPage().filters[0].value, "5");
  assert.equal(page.openPage().chosen.size, 1);
  clicked("hour", "5");
  assert.equal(page.openPage().filters[0].value, null);
});

test("a default that rows give does not throw away what waits for Apply", () => {
  opened([], [filter()], { apply: true });
  filters.setFilters(["2015-07-01"], [], [MONTH], []);
  filters.setDefaults({ month: "2015-11" });
  assert.equal(page.openPage().filters[0].next, "2015-07");
  filters.apply();
  assert.equal(page.openPage().filters[0].value, "2015-07");
});

test("a word in the address stays as long as it means the value", () => {
  const words = { "last 7 days": ["2015-12-01", "2015-12-07"], "month to date": ["2015-12-01", "2015-12-07"] };
  const days = { name: "days", kind: "daterange", value: words["month to date"], default: ["2015-01-01", "2015-01-02"], sources: [], words };
  opened([], [days], { search: "?days=month+to+date" });
  filters.writeAddress();
  assert.equal(location.search, "?days=month+to+date");
  filters.setFilters([["2015-12-01", "2015-12-06"]], [], [{ type: "filter", name: "days", kind: "daterange" }], []);
  assert.equal(location.search, "?days=2015-12-01%2C2015-12-06");
});
