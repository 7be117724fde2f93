/* The very first script, and no module, so that nothing has to be fetched before it: opens the tab's socket, whose way to
   the gateway takes longest, asks for the page's first runs (`dashboard/panels/first_runs.py`), and keeps what comes until
   `wire/socket.js` and `wire/runs.js` take over. A page that was reloaded while it waited asks for none: it resumes. */
(() => {
  const { protocol, host } = location;
  const socket = new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}/ws`);
  const early = { socket, messages: [], runs: [], closedWith: 0 };
  const firstRuns = () => JSON.parse(document.querySelector('[data-answer="first-runs"]').textContent);
  const isWaiting = () => {
    try {
      return sessionStorage.getItem("pushboard.runs")?.includes("runId");
    } catch {
      return false; // a browser that keeps nothing
    }
  };
  socket.onopen = () => {
    for (const message of isWaiting() ? [] : firstRuns()) {
      socket.send(JSON.stringify(message));
      early.runs.push({ message, startedAt: Date.now() });
    }
  };
  socket.onmessage = ({ data }) => early.messages.push(data);
  socket.onclose = ({ code }) => (early.closedWith = code);
  window.pushboardEarlySocket = early;
})();
