/* The page's fetch: answers from the document, callbacks that are tried again, and the end of the session. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { installBrowser } from "./browser.mjs";

installBrowser();
document.querySelector = (selector) => (selector.includes("_dash-layout") ? { textContent: '{"layout":1}' } : null);
globalThis.setTimeout = (action, _delay, ...details) => queueMicrotask(() => action(...details)); // no waiting

let answers = [];
const asked = [];
globalThis.fetch = async (resource, options) => {
  asked.push([resource, options?.body]);
  const next = answers.length > 1 ? answers.shift() : answers[0];
  if (next instanceof Error) throw next;
  return new Response(next === 204 ? null : "{}", { status: next });
};
const http = await import("../../assets/js/wire/http.js");
const { default: socket } = await import("../../assets/js/wire/socket.js");
const failures = [];
http.install();
http.onCallbackFailed((body) => failures.push(body));

const CALLBACK = "/_dash-update-component/page.finished";
const post = () => window.fetch(CALLBACK, { method: "POST", body: "question" });

beforeEach(() => {
  asked.length = 0;
  failures.length = 0;
});

test("what the document brings along is not asked for", async () => {
  assert.deepEqual(await (await window.fetch("/_dash-layout")).json(), { layout: 1 });
  assert.deepEqual(asked, []);
});

for (const passing of [503, 500, new TypeError("network")]) {
  test(`a callback that met ${passing} is asked again until it is answered`, async () => {
    answers = [passing, passing, 200];
    assert.equal((await post()).status, 200);
    assert.equal(asked.length, 3);
    assert.deepEqual(failures, []);
  });
}

test("a callback that keeps failing is told, once, and ends", async () => {
  answers = [503];
  assert.equal((await post()).status, 503);
  assert.deepEqual(failures, ["question"]);
});

test("a refusal is an answer", async () => {
  answers = [403];
  assert.equal((await post()).status, 403);
  assert.equal(asked.length, 1);
});

test("a download that breaks off is not asked for again, and nothing else is", async () => {
  answers = [new TypeError("network")];
  await assert.rejects(window.fetch("/download/x.csv"));
  assert.equal(asked.length, 1);
});

test("a 401 ends the session and changes nothing on the page", async () => {
  answers = [401];
  assert.equal((await post()).status, 204);
  assert.equal(socket.whyStopped(), "signed-out");
});
