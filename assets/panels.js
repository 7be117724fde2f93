/* What the browser does for panels and the page around them: asks, shows states, dresses charts in light or dark.
   Called by Dash as clientside callbacks (see `dashboard/callbacks.py`); the socket is `socket.js`. */
(() => {
  "use strict";

  const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  const none = () => window.dash_clientside.no_update;

  /* A control's value as the wire wants it: months as 2015-12, years as 2015, everything else as it is. */
  const WIRE = { month: (value) => value.slice(0, 7), year: (value) => value.slice(0, 4) };

  function parameters(kinds, values, ids) {
    const found = {};
    ids.forEach(({ name, kind }, position) => {
      const value = values[position];
      if (kinds[name] !== kind || value === null || value === undefined || value === "") return;
      found[name] = (WIRE[kind] ?? ((same) => same))(value);
    });
    return found;
  }

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  }

  function ask(values, again, retry, all, ids, spec, specId, request) {
    const wanted = parameters(spec.parameters, values, ids);
    const clicks = [again, retry, all];
    const clicked = request !== undefined && request !== null && !same(clicks, request.clicks);
    if (request && !clicked && same(request.message.parameters, wanted)) return none();
    const message = {
      action: "run",
      topicName: specId.topic,
      report: spec.report,
      parameters: wanted,
      runId: newId(),
      refresh: clicked,
    };
    window.pushboard.forget();
    window.pushboard.run(message, spec.timeoutSeconds);
    return { message, clicks };
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

  /* The foot's facts; a number card has room for one. */
  function detail(state, event, result, isNumber) {
    if (state === "running") return event.shared ? "shared with another viewer" : "";
    if (state !== "finished") return "";
    if (isNumber) return `as of ${clock(event.asOf)}`;
    const shared = event.cached ? "from cache" : event.shared ? "shared" : "";
    const parts = [`as of ${clock(event.asOf)}`, counted(result.rows), seconds(event.elapsedMs), shared, result.note];
    return parts.filter(Boolean).join("  ·  ");
  }

  function trouble(state, event, result) {
    if (state === "cancelled" && event.type === "paused") return "The connection is closed. Open it to see this chart.";
    if (state === "cancelled") return "This run was cancelled.";
    if (state !== "failed") return "";
    return event.message ?? result?.error?.message ?? "This report could not be shown.";
  }

  function show(event, result, spec) {
    const state = stateOf(event, result);
    const hasRows = Boolean(result && !result.error && result.rows > 0);
    const empty = state === "finished" && !hasRows;
    const word = event?.type === "paused" ? WORDS.paused : WORDS[state];
    const shown = empty ? "empty" : hasRows ? "yes" : "no";
    return [state, shown, word, detail(state, event, result, spec.chart.type === "number"), trouble(state, event, result)];
  }

  function dress(result, scheme, templates) {
    if (!result || !result.figure) return none();
    const { figure } = result;
    return { ...figure, layout: { ...figure.layout, template: templates[scheme ?? "light"] } };
  }

  function summary(events, results) {
    const states = events.map((event, position) => stateOf(event, results[position]));
    const count = (wanted) => states.filter((state) => state === wanted).length;
    if (!states.length) return "";
    if (count("running") + count("idle")) return `${count("finished")} of ${states.length} panels ready`;
    const shared = events.filter((event) => event?.cached || event?.shared).length;
    const newest = events.map((event) => event?.asOf ?? "").sort().at(-1);
    const parts = [
      newest && `as of ${clock(newest)}`,
      shared && `${shared} shared`,
      count("failed") && `${count("failed")} failed`,
    ];
    return parts.filter(Boolean).join("  ·  ");
  }

  const CONNECTION = {
    live: ["Live", "Close"],
    reconnecting: ["Reconnecting", "Close"],
    closed: ["Closed", "Open"],
    "signed-out": ["Signed out", "Sign in"],
  };

  function connection(now) {
    if (!now) {
      window.pushboard.connect();
      return ["Connecting", "Close", "reconnecting"];
    }
    const [text, button] = CONNECTION[now.state];
    return [text, button, now.state];
  }

  function toggle() {
    const { connection: state } = document.documentElement.dataset;
    const back = `/login?next=${encodeURIComponent(location.pathname + location.search)}`;
    if (state === "signed-out") location.assign(back);
    else if (window.pushboard.isWanted()) window.pushboard.close();
    else window.pushboard.open();
    return none();
  }

  function drawer(opened, _path, navbar) {
    const byBurger = window.dash_clientside.callback_context.triggered.some(({ prop_id: id }) => id.startsWith("burger"));
    const open = byBurger && opened;
    return [{ ...navbar, collapsed: { mobile: !open } }, open];
  }

  /* Charts follow the page's colour scheme, which Mantine keeps on the root element. */
  function watchScheme() {
    const root = document.documentElement;
    let told = null;
    const tell = () => {
      const scheme = root.dataset.mantineColorScheme;
      if (!scheme || scheme === told || !window.dash_clientside?.set_props) return;
      told = scheme;
      window.dash_clientside.set_props("scheme", { data: scheme });
    };
    new MutationObserver(tell).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
    return tell;
  }

  const tellScheme = watchScheme();
  const startOf = new WeakMap();

  /* The seconds of running panels tick outside of React, so that ticking costs nothing. */
  function tick() {
    tellScheme();
    for (const panel of document.querySelectorAll("[data-topic]")) {
      const elapsed = panel.querySelector(".panel-elapsed");
      if (!elapsed) continue;
      if (panel.dataset.state !== "running") {
        startOf.delete(panel);
        elapsed.textContent = "";
        continue;
      }
      if (!startOf.has(panel)) startOf.set(panel, Date.now());
      elapsed.textContent = seconds(Date.now() - startOf.get(panel));
    }
  }
  setInterval(tick, 200);

  window.dash_clientside = Object.assign(window.dash_clientside ?? {}, {
    pushboard: { ask, show, dress, same: (value) => value, summary, connection, toggle, drawer },
  });
})();
