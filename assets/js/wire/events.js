/* Listeners by the name of an event; used by `socket.js` and `runs.js`. */
export function emitter() {
  const listeners = new Map();
  return {
    on(name, listener) {
      listeners.set(name, [...(listeners.get(name) ?? []), listener]);
    },
    /* A listener that throws is reported, and keeps the event from nobody else. */
    emit(name, ...details) {
      for (const listener of listeners.get(name) ?? []) {
        try {
          listener(...details);
        } catch (error) {
          reportError(error);
        }
      }
    },
  };
}
