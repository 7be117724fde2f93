/* The very first script, and no module, so that nothing has to be fetched before it: opens the tab's socket, whose way to
   the gateway takes longest, and keeps what comes until `wire/socket.js` takes over. */
(() => {
  const { protocol, host } = location;
  const socket = new WebSocket(`${protocol === "https:" ? "wss" : "ws"}://${host}/ws`);
  const early = { socket, messages: [], closedWith: 0 };
  socket.onmessage = ({ data }) => early.messages.push(data);
  socket.onclose = ({ code }) => (early.closedWith = code);
  window.pushboardEarlySocket = early;
})();
