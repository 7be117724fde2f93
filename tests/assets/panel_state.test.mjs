import assert from "node:assert/strict";
import { test } from "node:test";
import { describePanel, panelState, summary } from "../../assets/js/panel/panel_state.js";

const RUN = { runId: "1", startedAt: 0, shared: false, phase: "" };
const FINISHED = { ...RUN, type: "finished", statementId: "s", asOf: "2026-11-20T09:31:07Z", elapsedMs: 1234, rows: 31 };
const RESULT = { runId: "1", statementId: "s", rows: 31, note: null };

const STATES = [
  ["nothing was asked", null, null, null, "idle"],
  ["it was asked", { ...RUN, type: "submitted" }, null, null, "running"],
  ["the warehouse has it", { ...RUN, type: "accepted" }, null, null, "running"],
  ["it has finished, and its rows are on their way", FINISHED, null, null, "running"],
  ["its rows are there, and not yet on the screen", FINISHED, RESULT, null, "running"],
  ["what is on the screen is the run before", FINISHED, RESULT, "0 s", "running"],
  ["the rows that are there are of the run before", FINISHED, { ...RESULT, runId: "0" }, "0 s", "running"],
  ["the rows on the screen are those of the same run before its tables changed", { ...FINISHED, statementId: "t" }, RESULT, "1 s", "running"],
  ["its rows are on the screen", FINISHED, RESULT, "1 s", "finished"],
  ["it has no rows", FINISHED, { ...RESULT, rows: 0 }, null, "finished"],
  ["its rows cannot be shown", FINISHED, { runId: "1", statementId: "s", error: { code: "chart", message: "No." } }, null, "failed"],
  ["an error is of the run before", FINISHED, { runId: "0", statementId: "s", error: { code: "chart", message: "No." } }, null, "running"],
  ["it failed", { ...RUN, type: "failed", message: "No." }, RESULT, "1 s", "failed"],
  ["it was never started", { ...RUN, type: "rejected", message: "No." }, null, null, "failed"],
  ["it was cancelled", { ...RUN, type: "cancelled" }, RESULT, "1 s", "cancelled"],
  ["the connection is closed", { ...RUN, type: "paused", why: "closed" }, RESULT, "1 s", "cancelled"],
];

for (const [when, event, result, shownAnswer, state] of STATES) {
  test(`a panel is ${state} when ${when}`, () => assert.equal(panelState(event, result, shownAnswer), state));
}

const shown = (changes) => describePanel({ event: FINISHED, result: RESULT, shownAnswer: "1 s", kind: "line", ...changes });

test("the foot of a finished panel says when, how many rows, how long, and how it was shared", () => {
  assert.match(shown().facts, /^as of .*  ·  31 rows  ·  1\.2 s$/);
  assert.match(shown({ event: { ...FINISHED, cached: true } }).facts, /rows  ·  from cache$/);
  assert.match(shown({ event: { ...FINISHED, shared: true } }).facts, /shared$/);
  assert.match(shown({ result: { ...RESULT, note: "Thinned." } }).facts, /Thinned\.$/);
  assert.doesNotMatch(shown({ kind: "number" }).facts, /rows/);
});

test("what holds up a run is said in words", () => {
  const facts = (phase) => shown({ event: { ...RUN, type: "submitted", phase }, result: null }).facts;
  assert.equal(facts("unaccepted"), "Waiting for the warehouse");
  assert.equal(facts("late"), "Still running, checking");
  assert.equal(facts("cut"), "Waiting for the connection");
  assert.equal(facts(""), "");
});

test("an error is told in its own words, and an export is offered where a limit was in the way", () => {
  const failed = shown({ event: { ...RUN, type: "failed", code: "result_too_large", message: "Too large." } });
  assert.deepEqual([failed.trouble, failed.exportHelps], ["Too large.", true]);
  const wrong = shown({ event: { ...RUN, type: "failed", code: "sql_error", message: "No." } });
  assert.equal(wrong.exportHelps, false);
  const gone = shown({ result: { runId: "1", statementId: "s", error: { code: "not_found", message: "Gone." } } });
  assert.deepEqual([gone.trouble, gone.exportHelps], ["Gone.", true]);
});

test("a paused panel keeps what it has drawn, and says how to go on", () => {
  const paused = shown({ event: { ...RUN, type: "paused", why: "signed-out" } });
  assert.deepEqual([paused.label, paused.drawn], ["Paused", "kept"]);
  assert.match(paused.trouble, /Sign in/);
});

test("a panel without rows shows its own words", () => assert.equal(shown({ result: { ...RESULT, rows: 0 } }).drawn, "empty"));

test("a panel whose tables changed shows and says what it has until the new rows are drawn", () => {
  const turning = shown({ event: { ...RUN, type: "changed", before: FINISHED } });
  assert.deepEqual([turning.state, turning.isTurning, turning.drawn, turning.label], ["running", true, "yes", "Finished"]);
  assert.match(turning.facts, /^as of .*  ·  31 rows  ·  1\.2 s  ·  new data is coming$/);
  assert.equal(shown({ event: { ...RUN, type: "changed", before: FINISHED }, result: { ...RESULT, rows: 0 } }).drawn, "empty");
  assert.match(shown({ event: { ...FINISHED, newDataAt: FINISHED.asOf } }).facts, /^new data as of /);
});

test("new data is offered where it is not shown by itself", () => {
  const offered = { ...FINISHED, offeredAt: "2026-11-20T09:40:00Z" };
  assert.equal(shown({ event: offered }).offersNewData, true);
  assert.match(summary([["finished", offered]]), /^New data at .*:40  ·  to show in 1 panel  ·  as of /);
});

test("the page's line begins with new data, and counts no panel as missing that still shows what it had", () => {
  const turned = { ...FINISHED, newDataAt: "2026-11-20T09:31:00Z" };
  assert.match(summary([["finished", turned], ["running", { type: "changed", before: FINISHED }]]), /^New data at .*:31  ·  as of /);
  assert.doesNotMatch(summary([["running", { type: "changed", newDataAt: turned.newDataAt, before: FINISHED }]]), /New data/);
});

test("the page's line counts what is ready, then says what is shared, failed and paused", () => {
  assert.equal(summary([]), "");
  assert.equal(summary([["running", null], ["finished", FINISHED]]), "1 of 2 panels ready");
  const line = summary([["finished", { ...FINISHED, cached: true }], ["failed", { type: "failed" }], ["cancelled", { type: "paused" }]]);
  assert.match(line, /^as of .*  ·  1 shared  ·  1 failed  ·  1 paused$/);
});
