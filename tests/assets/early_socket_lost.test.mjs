/* The document's own socket is lost before a module is there: what was sent on it is resumed on the next. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mock, test } from "node:test";
import { installBrowser, sockets } from "./browser.mjs";

const FILE = readFileSync(new URL("../../assets/js/early_socket.js", import.meta.url), "utf8");
const MESSAGE = { action: "run", topicName: "a", report: "a", parameters: {}, runId: "early-a", refresh: false };

installBrowser();
mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
document.querySelector = () => ({ textContent: JSON.stringify([MESSAGE]) });
new Function(FILE)();
const { default: socket } = await import("../../assets/js/wire/socket.js");
const runs = await import("../../assets/js/wire/runs.js");

test("a run that was sent on a lost socket is resumed, not asked twice", () => {
  const [first] = sockets;
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
