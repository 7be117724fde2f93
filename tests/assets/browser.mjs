/* As much of a browser as the modules touch when they are loaded, for tests without one. */
import { readFileSync } from "node:fs";
import { mock } from "node:test";

const listeners = new Map();

export function installBrowser({ path = "/d/finance", search = "", user = "ana" } = {}) {
  const root = { dataset: { user } };
  const elements = new Map();
  Object.assign(globalThis, {
    location: { href: `http://localhost${path}${search}`, origin: "http://localhost", host: "localhost", protocol: "http:", pathname: path, search, hash: "" },
    history: { state: null, replaceState: (_state, _title, address) => setAddress(address) },
    document: { documentElement: root, hidden: false, getElementById: (id) => elements.get(id) ?? null, querySelector: () => null, addEventListener() {} },
    sessionStorage: storage(),
    localStorage: storage(),
    addEventListener: (name, listener) => listeners.set(name, [...(listeners.get(name) ?? []), listener]),
    WebSocket: FakeSocket,
    requestAnimationFrame: (callback) => setTimeout(callback, 16),
  });
  globalThis.window = globalThis;
  Object.defineProperty(globalThis, "navigator", { value: { onLine: true }, configurable: true, writable: true });
}

function setAddress(address) {
  const { pathname, search } = new URL(address, "http://localhost");
  Object.assign(globalThis.location, { pathname, search });
}

function storage() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
}

/* The sockets that were opened, the newest last; a test plays the bridge. */
export const sockets = [];

class FakeSocket {
  sent = [];

  constructor(url) {
    this.url = url;
    sockets.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {}

  receive(message) {
    this.onmessage({ data: JSON.stringify(message) });
  }
}

/* Opens a document that asks for these runs itself, before any module is there; returns its socket. */
export function openDocument(firstRuns) {
  document.querySelector = () => ({ textContent: JSON.stringify(firstRuns) });
  new Function(readFileSync(new URL("../../assets/js/early_socket.js", import.meta.url), "utf8"))();
  return sockets.at(-1);
}

/* A browser whose time stands still, and in it a document that asks for these runs. */
export function installDocument(firstRuns) {
  installBrowser();
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"] });
  return openDocument(firstRuns);
}
