/* The modules are there before the document's own socket is open: then the page asks, and the document does not. */
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

test("a question is sent once, whoever is first", () => {
  const [bridge] = sockets;
  runs.start();
  runs.requestRuns([{ message: { ...MESSAGE, runId: "new-a" }, about: { timeoutSeconds: 60, title: "", page: "/" } }]);
  socket.start();
  bridge.onopen?.();
  bridge.receive({ type: "connected", user: "ana" });
  assert.deepEqual(bridge.sent.map(({ runId }) => runId), ["new-a"]);
});
