/* The modules are there before the document's own socket is open: then the page asks, and the document does not. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { installDocument } from "./browser.mjs";

const MESSAGE = { action: "run", topicName: "a", report: "a", parameters: {}, runId: "early-a", refresh: false };

const bridge = installDocument([MESSAGE]);
const { default: socket } = await import("../../assets/js/wire/socket.js");
const runs = await import("../../assets/js/wire/runs.js");

test("a question is sent once, whoever is first", () => {
  runs.start();
  runs.requestRuns([{ message: { ...MESSAGE, runId: "new-a" }, about: { timeoutSeconds: 60, title: "", page: "/" } }]);
  socket.start();
  bridge.onopen?.();
  bridge.receive({ type: "connected", user: "ana" });
  assert.deepEqual(bridge.sent.map(({ runId }) => runId), ["new-a"]);
});
