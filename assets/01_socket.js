/* This tab's socket to the bridge: opens it, notices when it is cut, opens another, and says how it is.
   `02_runs.js` sends and hears by it; `05_connection.js` shows what it says. */
window.pushboard = (() => {
  "use strict";

  const RENEW = new Set([4401, 4408]); // the bridge's closing codes for "sign in again" and "renew the sign-in"
  const SILENCE = 18_000; // the bridge sends a beat every 8 s, so two are missing by then
  const DOUBT = 2_000; // for an answer, once something looks wrong
  const OPENING = 15_000; // for a new connection, which takes the bridge and the gateway
  const STEADY = 10_000; // a connection that held so long was no flash in the pan: waits begin short again
  const LONGEST_WAIT = 30_000;
  const BRIEF = 2_000; // an interruption so short needs no words

  const nothing = () => {};
  const listeners = Object.fromEntries(
    ["live", "message", "stopped", "opened", "ended", "reports", "unanswered"].map((event) => [event, nothing]),
  );
  let socket = null;
  let live = false;
  let stopped = ""; // why no connection is wanted: "closed" by the viewer, or "signed-out"
  let renewing = false;
  let attempts = 0;
  let timer = 0;
  let changedAt = Infinity; // when the connection came or went
  let heardAt = 0;
  let answeredAt = 0; // by the gateway, whose bridge says beats of its own
  let doubt = null; // until when an answer must come, and whether a beat is one
  let troubleAt = 0; // when the server last failed to answer the page
  let told = "";

  const put = (id, data) => window.dash_clientside?.set_props?.(id, { data });
  const isShown = (topic) => document.querySelector(`[data-topic="${CSS.escape(topic)}"]`) !== null;
  const awayFor = () => (live ? 0 : Date.now() - changedAt);
  const liveFor = () => (live ? Date.now() - changedAt : 0);

  function stateNow() {
    if (stopped) return stopped;
    if (live && !(doubt && !navigator.onLine)) return "live";
    if (!navigator.onLine) return "offline";
    return renewing && awayFor() < BRIEF ? "live" : "reconnecting";
  }

  /* Says how the connection is when that changes, and once more when it has not come back after a moment. */
  function say() {
    if (changedAt === Infinity) return; // the page is not there yet
    const state = stateNow();
    const lasts = state !== "live" && (state !== "reconnecting" || awayFor() >= BRIEF);
    if (told === `${state} ${lasts}`) return;
    told = `${state} ${lasts}`;
    document.documentElement.dataset.connection = state;
    put("connection", { state, lasts });
  }

  function connect() {
    clearTimeout(timer);
    if (stopped || socket) return;
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const opened = new WebSocket(`${scheme}://${location.host}/ws`);
    socket = opened;
    changedAt = Math.min(changedAt, Date.now());
    opened.onmessage = (event) => socket === opened && receive(JSON.parse(event.data));
    opened.onclose = (event) => socket === opened && gone(event.code);
    heardAt = Date.now();
  }

  function receive(message) {
    heardAt = Date.now();
    if (message.type !== "beat") answeredAt = heardAt;
    if (doubt && (doubt.beats || message.type !== "beat")) doubt = null;
    if (message.type === "connected") becameLive(message);
    else if (message.type === "reports") listeners.reports(message);
    else if (message.type !== "beat" && message.type !== "pong") listeners.message(message);
    say();
  }

  function becameLive({ user }) {
    if (user !== document.getElementById("who").dataset.user) return location.reload(); // somebody else signed in
    live = true;
    renewing = false;
    changedAt = Date.now();
    say();
    listeners.live();
  }

  /* Lets go of the socket at once: a cut one would take long to say good-bye. */
  function drop(code) {
    const open = socket;
    socket = null;
    open?.close(1000);
    return gone(code);
  }

  async function gone(code) {
    socket = null;
    doubt = null;
    if (live) changedAt = Date.now();
    live = false;
    if (stopped) return;
    renewing = RENEW.has(code);
    say();
    if (renewing && !(await renewed())) return;
    const soon = Math.min(LONGEST_WAIT, 500 * 2 ** attempts) * (0.5 + Math.random() / 2);
    timer = setTimeout(connect, renewing && attempts === 0 ? 0 : soon);
    attempts += 1;
  }

  /* Whether the sign-in could be renewed, or may still be: only a clear no ends the connection. */
  async function renewed() {
    try {
      await fetch("/auth/renew", { method: "POST", signal: AbortSignal.timeout(OPENING) });
    } catch {
      return true;
    }
    return !stopped;
  }

  /* Everything the page asks the server comes by here: a failure is remembered, and a 401 ends the session. For Dash
     it is the answer that changes nothing, so that what is drawn stays. */
  const { fetch: request } = window;
  window.fetch = async (...asked) => {
    const answer = await request(...asked).catch((error) => unanswered(asked, error));
    if (answer.status >= 500) unanswered(asked);
    if (answer.status !== 401) return answer;
    stop("signed-out");
    return new Response(null, { status: 204 });
  };

  function unanswered([, options], error) {
    troubleAt = Date.now();
    listeners.unanswered(options?.body);
    if (error) throw error;
  }

  function send(message) {
    if (live) socket.send(JSON.stringify(message));
    return live;
  }

  /* Asks for an answer; without one in time the connection counts as broken. A beat comes from the bridge, and says
     nothing of the gateway behind it. */
  function suspect(patience, beats) {
    const until = Date.now() + patience;
    if ((!doubt || until < doubt.until) && send({ action: "ping" })) doubt = { until, beats };
    say();
  }

  function stop(why) {
    if (stopped === "signed-out") return;
    stopped = why;
    clearTimeout(timer);
    drop(1000);
    say();
    listeners.stopped(why);
  }

  function open() {
    stopped = "";
    changedAt = Date.now();
    listeners.opened();
    hurry();
  }

  function hurry() {
    attempts = 0;
    connect();
    say();
  }

  function watch() {
    const now = Date.now();
    if (doubt && now > doubt.until) drop(1006);
    else if (live && now - heardAt > SILENCE) suspect(DOUBT, true);
    else if (socket && !live && now - heardAt > OPENING) drop(1006);
    if (liveFor() > STEADY) attempts = 0;
    say();
  }

  setInterval(watch, 1000);
  addEventListener("offline", () => suspect(DOUBT, true));
  addEventListener("online", () => !live && hurry());
  addEventListener("pagehide", () => socket?.close(1000));
  addEventListener("pageshow", (event) => event.persisted && connect());
  document.addEventListener("visibilitychange", () => !document.hidden && !live && hurry());

  return {
    connect,
    open,
    close: () => stop("closed"),
    renew: () => drop(4408),
    send,
    suspect,
    put,
    isShown,
    awayFor,
    liveFor,
    isLive: () => live,
    listeners,
    isWanted: () => !stopped,
    whyStopped: () => stopped,
    answeredAt: () => answeredAt,
    troubleAt: () => troubleAt,
  };
})();
