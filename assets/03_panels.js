/* What the browser does for panels: asks, shows states, dresses charts in light or dark.
   Called by Dash as clientside callbacks (see `dashboard/callbacks.py`); runs are `02_runs.js`, the page `04_page.js`. */
(() => {
  "use strict";

  const { pushboard } = window;
  const NEAR = "1000px"; // panels farther below the screen wait until one scrolls there

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const none = () => window.dash_clientside.no_update;
  const isEmpty = (value) =>
    value === null || value === undefined || value === "" || (Array.isArray(value) && (!value.length || value.includes(null)));

  /* A control's value as the wire wants it: months as 2015-12, years as 2015, everything else as it is. */
  const WIRE = { month: (value) => value.slice(0, 7), year: (value) => value.slice(0, 4) };
  const wire = (kind, value) => (WIRE[kind] ? WIRE[kind](value) : value);

  function collect(kinds, values, ids, found = {}) {
    ids.forEach(({ name, kind }, position) => {
      const value = values[position];
      if (kinds[name] === kind && !isEmpty(value)) found[name] = wire(kind, value);
    });
    return found;
  }

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  const asked = new Map(); // topic -> what its panel asked for last, for those who may see the SQL

  /* Runs what a panel shows when its filters change or somebody asks again. A panel's own filters beat the page's. */
  function ask(values, own, again, retry, all, ids, ownIds, spec, specId, request) {
    const parameters = collect(spec.parameters, own, ownIds, collect(spec.parameters, values, ids));
    if (spec.required.some((name) => !(name in parameters))) return none();
    asked.set(specId.topic, { spec, parameters });
    const clicks = [again, retry, all];
    const clicked = Boolean(request) && !same(clicks, request.clicks);
    if (request && !clicked && same(request.message.parameters, parameters)) return none();
    const { topic } = specId;
    const message = { action: "run", topicName: topic, report: spec.report, parameters, runId: newId(), refresh: clicked };
    const about = { timeoutSeconds: spec.timeoutSeconds, title: spec.title, page: location.pathname };
    whenNear(topic, () => pushboard.run(message, about));
    return { message, clicks };
  }

  const starts = new Map(); // topic -> what to start once its panel is near the screen
  const observer = new IntersectionObserver(
    (entries) => entries.filter((entry) => entry.isIntersecting).forEach((entry) => begin(entry.target.dataset.topic)),
    { rootMargin: NEAR },
  );

  function begin(topic) {
    const start = starts.get(topic);
    starts.delete(topic);
    start?.();
  }

  function whenNear(topic, start) {
    starts.set(topic, start);
    const panel = document.querySelector(`[data-topic="${CSS.escape(topic)}"]`);
    if (!panel) return begin(topic);
    observer.unobserve(panel); // observing anew tells at once where the panel is
    observer.observe(panel);
  }

  const WORDS = {
    idle: "Waiting",
    running: "Running",
    finished: "Finished",
    failed: "Failed",
    cancelled: "Cancelled",
    paused: "Paused",
  };

  function stateOf(event, result) {
    if (!event) return "idle";
    const drawn = result && result.runId === event.runId ? result : null;
    if (event.type === "finished") return drawn ? (drawn.error ? "failed" : "finished") : "running";
    if (event.type === "failed" || event.type === "rejected") return "failed";
    if (event.type === "cancelled" || event.type === "paused") return "cancelled";
    return "running";
  }

  function clock(iso) {
    const time = new Date(iso);
    const today = time.toDateString() === new Date().toDateString();
    const hours = time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit", second: "2-digit", hour12: false });
    return today ? hours : `${time.toLocaleDateString([], { month: "short", day: "numeric" })} ${hours}`;
  }

  const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;
  const counted = (rows) => `${rows.toLocaleString("en-US")} row${rows === 1 ? "" : "s"}`;

  /* What holds up a run, in the words of its panel's foot. */
  const PHASES = {
    untaken: "Waiting for the warehouse",
    late: "Still running, checking",
    cut: "Waiting for the connection",
  };

  /* The foot's facts; a number card has room for one. */
  function detail(state, event, result, isNumber) {
    if (state === "running" && event.type !== "finished" && event.phase) return PHASES[event.phase];
    if (state === "running") return event.shared ? "shared with another viewer" : "";
    if (state !== "finished") return "";
    if (isNumber) return `as of ${clock(event.asOf)}`;
    const shared = event.cached ? "from cache" : event.shared ? "shared" : "";
    const parts = [`as of ${clock(event.asOf)}`, counted(result.rows), seconds(event.elapsedMs), shared, result.note];
    return parts.filter(Boolean).join("  ·  ");
  }

  const PAUSES = {
    closed: "The connection is closed. Open it to see this chart.",
    "signed-out": "You are signed out. Sign in to see this chart.",
  };

  function trouble(state, event, result) {
    if (state === "cancelled" && event.type === "paused") return PAUSES[event.why];
    if (state === "cancelled") return "This run was cancelled.";
    if (state !== "failed") return "";
    return event.message ?? result?.error?.message ?? "This report could not be shown.";
  }

  /* Where a limit of the warehouse is in the way, or the day that it keeps results is over, an export is the way on. */
  const LIMITS = new Set(["result_too_large", "row_too_large", "not_found"]);
  const way = (state, event, result) =>
    state === "failed" && LIMITS.has(event.code ?? result?.error?.code) ? "export" : "";

  const said = new Map(); // topic -> the last word about its run

  function show(event, result, spec, { topic }) {
    const state = stateOf(event, result);
    said.set(topic, event);
    if (result && result.runId === event?.runId) pushboard.drawn((one) => one === topic);
    const hasRows = Boolean(result && !result.error && result.rows > 0);
    const empty = state === "finished" && !hasRows;
    const isPaused = event?.type === "paused";
    const word = isPaused ? WORDS.paused : WORDS[state];
    const shown = empty ? "empty" : hasRows ? (isPaused ? "kept" : "yes") : "no";
    const facts = detail(state, event, result, spec.chart.type === "number");
    return [state, shown, way(state, event, result), word, facts, trouble(state, event, result)];
  }

  const HIDDEN = { visible: false };
  const NOTHING = { data: [], layout: { xaxis: HIDDEN, yaxis: HIDDEN } };

  function dress(result, scheme, templates) {
    if (!result || result.error) return none();
    const figure = result.figure ?? NOTHING;
    return { ...figure, layout: { ...figure.layout, template: templates[scheme ?? "light"] } };
  }

  /* The server is asked for a table's rows only when somebody looks at them. */
  function wantTable(view, result, scheme) {
    if (view !== "table" || !result || result.error) return none();
    return { statementId: result.statementId, dark: scheme === "dark" };
  }

  /* What a panel's own filters are, told at its title. */
  function ownMark(values) {
    return values.some((value) => !isEmpty(value)) ? "own filters" : "";
  }

  /* The seconds of running panels tick outside of React, so that ticking costs nothing. */
  function tick() {
    for (const panel of document.querySelectorAll("[data-topic]")) {
      const elapsed = panel.querySelector(".panel-elapsed");
      const since = panel.dataset.state === "running" && said.get(panel.dataset.topic)?.startedAt;
      if (elapsed) elapsed.textContent = since ? seconds(Date.now() - since) : "";
    }
  }
  setInterval(tick, 200);

  Object.assign(pushboard, { asked, said, newId, wire, isEmpty, clock, seconds, counted });
  window.dash_clientside = Object.assign(window.dash_clientside ?? {}, {
    pushboard: { ask, show, dress, wantTable, ownMark, same: (value) => value },
  });
})();
