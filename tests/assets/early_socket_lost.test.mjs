/* The document's own socket is lost before a module is there: what was sent on it is resumed on the next. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { installDocument, sockets } from "./browser.mjs";

const MESSAGE = { action: "run", topicName: "a", report: "a", parameters: {}, runId: "early-a", refresh: false };

const first = installDocument([MESSAGE]);
const { default: socket } = await import("../../assets/js/wire/socket.js");
const runs = await import("../../assets/js/wire/runs.js");

test("a run that was sent on a lost socket is resumed, not asked twice", () => {
  first.onopen();
  first.onclose({ code: 1006 });
  runs.start();
  runs.requestRuns([{ message: { ...MESSAGE, runId: "new-a" }, about: { timeoutSeconds: 60, title: "", page: "/" } }]);
  socket.start();
  mock.timers.tick(1000);
  const second = sockets.at(-1);
  assert.notEqual(second, first);
  second.receive({ type: "connected", user: "ana" });
  assert.deepEqual(second.sent, [{ action: "resume", runIds: ["early-a"] }]);
});
