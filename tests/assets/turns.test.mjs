/* Runs that are watched: what the gateway says of them after their end, and what is sent again on another socket. */
import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { installBrowser, sockets } from "./browser.mjs";

installBrowser();
mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
const { default: socket } = await import("../../assets/js/wire/socket.js");
const runs = await import("../../assets/js/wire/runs.js");

const events = [];
runs.on("event", ({ message: { topicName } }, event) => events.push([topicName, event]));
const last = () => events.at(-1)[1];
const bridge = () => sockets.at(-1);
const say = (type, runId, more = {}) => bridge().receive({ type, topicName: runId.slice(0, 1), runId, ...more });
const end = (runId, statementId, second, more = {}) =>
  say("finished", runId, { statementId, rows: 1, asOf: `2026-11-30T09:31:0${second}Z`, ...more });

runs.start();
socket.start();
bridge().receive({ type: "connected", user: "ana" });

/* A watched run that has ended. */
function ended(runId, { live = true } = {}) {
  const message = { action: "run", topicName: runId.slice(0, 1), report: "r", parameters: {}, runId, refresh: true, watch: true };
  runs.requestRuns([{ message, about: { timeoutSeconds: 60, title: "", page: "/", live } }]);
  end(runId, `${runId}-old`, 1);
  events.length = 0;
}

const CHANGED = { tables: ["public.t"], at: "2026-11-30T09:31:02Z" };

test("after a change a run is under way by its own id, and its old end that is told again does not end it", () => {
  ended("a1");
  say("changed", "a1", CHANGED);
  end("a1", "a1-old", 1);
  assert.deepEqual([last().type, last().before.statementId, runs.waiting().length], ["changed", "a1-old", 1]);
  end("a1", "a1-new", 3);
  assert.deepEqual([last().type, last().statementId, last().newDataAt], ["finished", "a1-new", CHANGED.at]);
  assert.equal(runs.waiting().length, 0);
});

test("of two changes in a row the second answer counts, and no older one after it", () => {
  ended("b1");
  say("changed", "b1", CHANGED);
  end("b1", "b1-new", 3);
  end("b1", "b1-newer", 5);
  end("b1", "b1-late", 4);
  assert.equal(last().statementId, "b1-newer");
});

test("new rows that cannot be had leave what is drawn, and are offered", () => {
  ended("c1");
  say("changed", "c1", CHANGED);
  say("failed", "c1", { code: "timeout", message: "No." });
  assert.deepEqual([last().type, last().statementId, last().offeredAt], ["finished", "c1-old", CHANGED.at]);
  say("changed", "c1", CHANGED);
  say("failed", "c1", { code: "forbidden", message: "No." });
  assert.equal(last().type, "failed");
});

test("a report that is not live is only said to have new rows", () => {
  ended("d1", { live: false });
  say("changed", "d1", CHANGED);
  assert.deepEqual([last().type, last().offeredAt, runs.waiting().length], ["finished", CHANGED.at, 0]);
});

test("another question ends the watch", () => {
  ended("e1");
  const before = bridge().sent.length;
  ended("e2");
  mock.timers.tick(1);
  assert.deepEqual(bridge().sent.slice(before).map(({ action, runId, runIds }) => [action, runId ?? runIds]),
    [["run", "e2"], ["unwatch", ["e1"]]]);
});

test("on another socket watched runs are sent again, and the rows that are there change nothing", () => {
  events.length = 0;
  bridge().onclose({ code: 1006 });
  mock.timers.tick(1000);
  bridge().receive({ type: "connected", user: "ana" });
  const again = bridge().sent.filter(({ action }) => action === "run");
  assert.deepEqual(again.map(({ runId }) => runId).sort(), ["a1", "b1", "d1", "e2"]);
  assert.ok(again.every(({ watch, refresh }) => watch && !refresh));
  end("a1", "a1-new", 3, { cached: true });
  say("rejected", "b1", { code: "too_busy", message: "No." });
  assert.deepEqual(events, []);
  say("accepted", "e2", { statementId: "e2-new" });
  end("e2", "e2-new", 7);
  assert.deepEqual(events.map(([, { type }]) => type), ["accepted", "finished"]);
});
