/* What the document asks for itself, before any module is there, and how the modules take it over. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { installDocument, openDocument } from "./browser.mjs";

const message = (topicName, runId, month = "2015-12") =>
  ({ action: "run", topicName, report: topicName, parameters: { month }, runId, refresh: false });

const FIRST = [message("a", "early-a"), message("far", "early-far"), message("b", "early-b")];
const bridge = installDocument(FIRST);
const { default: socket } = await import("../../assets/js/wire/socket.js");
const runs = await import("../../assets/js/wire/runs.js");
const events = [];
runs.on("event", ({ message: { topicName } }, { type, runId }) => events.push([topicName, type, runId]));
const about = { timeoutSeconds: 60, title: "", page: "/d/finance" };

test("the document asks once its socket is open, and not before", () => {
  assert.deepEqual(bridge.sent, []);
  bridge.onopen();
  assert.deepEqual(bridge.sent.map(({ runId }) => runId), ["early-a", "early-far", "early-b"]);
});

test("a run of the same question is taken over, one that the page does not want is cancelled", () => {
  bridge.receive({ type: "connected", user: "ana" });
  bridge.receive({ type: "finished", topicName: "a", runId: "early-a", statementId: "s-a" });
  runs.start();
  runs.requestRuns([message("a", "new-a"), message("b", "new-b", "2015-11")].map((each) => ({ message: each, about })));
  bridge.sent.length = 0;
  socket.start();
  assert.deepEqual(bridge.sent.map(({ action, runId, runIds }) => [action, runId ?? runIds]),
    [["cancel", "early-far"], ["cancel", "early-b"], ["run", "new-b"]]);
  assert.deepEqual(events, [["a", "submitted", "early-a"], ["b", "submitted", "new-b"], ["a", "finished", "early-a"]]);
});

test("a page that was reloaded while it waited asks for nothing itself", () => {
  sessionStorage.setItem("pushboard.runs", JSON.stringify({ user: "ana", runs: [{ message: message("a", "kept") }] }));
  const reloaded = openDocument(FIRST);
  reloaded.onopen();
  assert.deepEqual(reloaded.sent, []);
});
