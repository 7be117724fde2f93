import assert from "node:assert/strict";
import { test } from "node:test";
import { emitter } from "../../assets/js/wire/events.js";

test("a listener that throws is reported and keeps the event from nobody else", () => {
  const reported = [];
  globalThis.reportError = (error) => reported.push(error.message);
  const { on, emit } = emitter();
  const heard = [];
  on("live", () => {
    throw new Error("broken");
  });
  on("live", (detail) => heard.push(detail));
  emit("live", 1);
  assert.deepEqual([heard, reported], [[1], ["broken"]]);
});
