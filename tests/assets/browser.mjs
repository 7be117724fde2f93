/* As much of a browser as the modules touch when they are loaded, for tests without one. */

const listeners = new Map();

export function installBrowser({ path = "/d/finance", search = "", user = "ana" } = {}) {
  const root = { dataset: { user } };
  const elements = new Map();
  Object.assign(globalThis, {
    location: { href: `http://localhost${path}${search}`, origin: "http://localhost", host: "localhost", protocol: "http:", pathname: path, search },
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
