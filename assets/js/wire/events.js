/* Listeners by the name of an event; used by `socket.js` and `runs.js`. */
export function emitter() {
  const listeners = new Map();
  return {
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    emit(name, ...details) {
      for (const listener of listeners.get(name) ?? []) listener(...details);
    },
  };
}
