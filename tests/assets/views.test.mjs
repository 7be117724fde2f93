/* Views: what the search finds first, the open view's part of the address, and favourites that the server refuses. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { installBrowser } from "./browser.mjs";

installBrowser({ search: "?month=2015-11" });
window.dash_clientside = { set_props() {} };
const palette = await import("../../assets/js/views/palette.js");
const open = await import("../../assets/js/views/open_view.js");
const kept = await import("../../assets/js/views/kept.js");

const entry = (title, words = title) => ({ title, words });
const titles = (entries, query) => palette.search(entries, query).map(({ title }) => title);

test("the title counts first, its beginning most", () => {
  const entries = [entry("Tips", "tips by month, and revenue"), entry("Net revenue"), entry("Revenue by day"), entry("Prerevenue")];
  assert.deepEqual(titles(entries, "revenue"), ["Revenue by day", "Net revenue", "Prerevenue", "Tips"]);
});

test("every word has to be found, in any order, in the title or elsewhere", () => {
  const entries = [entry("Speed by hour", "speed by hour operations"), entry("Disputes by hour", "disputes by hour customer care")];
  assert.deepEqual(titles(entries, "hour spee"), ["Speed by hour"]);
  assert.deepEqual(titles(entries, "care hour"), ["Disputes by hour"]);
  assert.deepEqual(titles(entries, "hour nothing"), []);
});

test("case and accents make no difference", () => {
  assert.deepEqual(titles([entry("Café revenue"), entry("Tips")], "CAFE"), ["Café revenue"]);
});

test("without words everything is there, in its order", () => {
  assert.deepEqual(titles([entry("B"), entry("A")], "  "), ["B", "A"]);
});

const VIEW = { id: "view-0001", name: "Mornings", path: "/d/finance", query: "payments=Card&month=2015-11", mayChange: true };

/* The page as the server laid it out with this view, and its address. */
function laidOut(view, search) {
  history.replaceState(null, "", `/d/finance${search}`);
  open.show(view);
}

test("an address that a view is open at names it, whatever the filters become", () => {
  laidOut(VIEW, "?month=2015-11&payments=Card&view=view-0001");
  assert.equal(open.withView("month=2015-10"), "month=2015-10&view=view-0001");
  assert.equal(open.withView(""), "view=view-0001");
  laidOut(null, "?month=2015-11");
  assert.equal(open.withView("month=2015-10"), "month=2015-10");
});

test("the order of filters in an address, and the view's own id, say nothing", () => {
  assert.equal(open.filtersOf("?view=view-0001&month=2015-11&payments=Card"), open.filtersOf(VIEW.query));
});

test("a view that was saved is the one that is open, at its address", () => {
  laidOut(null, "?month=2015-11");
  open.becomes({ ...VIEW, query: "month=2015-11" });
  assert.equal(location.search, "?month=2015-11&view=view-0001");
  assert.equal(open.openView().name, "Mornings");
});

let answers = [];
const asked = [];
beforeEach(() => {
  asked.length = 0;
  globalThis.fetch = async (path, { method, body }) => {
    asked.push([method, path, body && JSON.parse(body)]);
    const [status, answer] = answers.shift();
    return { status, ok: status < 300, json: async () => answer };
  };
});

test("a favourite shows at once, and no longer when the server refuses it", async () => {
  const words = [];
  const line = { append() {}, setAttribute() {}, remove() {}, dataset: {} };
  document.createElement = () => Object.defineProperty({ ...line }, "textContent", { set: (text) => words.push(text) });
  document.getElementById = () => line;
  answers = [[400, { error: { code: "bad_parameter", message: "You have 50 favourites." } }]];
  const done = kept.setFavourite("revenue", true, "Revenue");
  assert.ok(kept.isFavourite("revenue"));
  await done;
  assert.ok(!kept.isFavourite("revenue"));
  assert.ok(words.includes("You have 50 favourites."));
});

test("a view is saved without what the server knows better", async () => {
  answers = [[200, { view: { ...VIEW, ownerName: "ann@example.com" } }]];
  const view = await kept.saveView({ ...VIEW, shared: false, mine: true });
  assert.equal(view.ownerName, "ann@example.com");
  const { name, path, query } = VIEW;
  assert.deepEqual(asked, [["PUT", "/views/view-0001", { name, path, query, shared: false }]]);
  assert.deepEqual(kept.views().map(({ id }) => id), ["view-0001"]);
});

test("a reading that began before a view was saved does not take it back", async () => {
  const waiting = [];
  globalThis.fetch = (path, { method }) => new Promise((resolve) => {
    waiting.push([method, (body) => resolve({ status: 200, ok: true, json: async () => body })]);
  });
  const turn = () => new Promise((resolve) => setTimeout(resolve, 0));
  const view = { ...VIEW, id: "view-0003" };
  const saving = kept.saveView(view);
  const reading = kept.load(); // the server has not heard of the view yet
  waiting[0][1]({ view });
  await saving;
  waiting[1][1]({ views: [], favourites: [] });
  await turn();
  assert.deepEqual(waiting.map(([method]) => method), ["PUT", "GET", "GET"]);
  waiting[2][1]({ views: [view], favourites: [] });
  await reading;
  assert.deepEqual(kept.views().map(({ id }) => id), ["view-0003"]);
});

test("a server that does not answer is told in a sentence, and nothing is taken for saved", async () => {
  globalThis.fetch = async () => Promise.reject(new TypeError("Failed to fetch"));
  await assert.rejects(kept.saveView({ ...VIEW, id: "view-0002" }), /does not answer/);
  assert.ok(!kept.views().some(({ id }) => id === "view-0002"));
});
