/* What the browser does around the panels: the link that reproduces a page, menus, sources of filters, notifications of
   what ended elsewhere, recent runs and search. `05_connection.js` says how the connection is. */
(() => {
  "use strict";

  const { pushboard } = window;
  const callbacks = window.dash_clientside.pushboard;
  const none = () => window.dash_clientside.no_update;
  const set = (id, props) => window.dash_clientside?.set_props?.(id, props);

  callbacks.drawer = (opened, _path, navbar) => {
    const { triggered } = window.dash_clientside.callback_context;
    const open = opened && triggered.some(({ prop_id: id }) => id.startsWith("burger"));
    return [{ ...navbar, collapsed: { mobile: !open } }, open];
  };

  // --------------------------------------------------------------------------------------------------- page as a link

  /* Several values are joined by commas; one's own comma or backslash has a backslash before it. */
  const asText = (value) =>
    Array.isArray(value) ? value.map((part) => part.replace(/[\\,]/g, "\\$&")).join(",") : String(value);
  let first = null; // what the filters were when the page was opened

  function query(values, ids, own, ownIds) {
    const search = new URLSearchParams();
    ids.forEach(({ name, kind }, position) => {
      if (!pushboard.isEmpty(values[position])) search.set(name, asText(pushboard.wire(kind, values[position])));
    });
    ownIds.forEach(({ topic, name, kind }, position) => {
      if (!pushboard.isEmpty(own[position])) search.set(`${topic}.${name}`, asText(pushboard.wire(kind, own[position])));
    });
    return search.toString();
  }

  callbacks.remember = (values, own, ids, ownIds) => {
    const now = query(values, ids, own, ownIds);
    if (!first || first.path !== location.pathname || values.some((value) => value === undefined)) {
      first = { path: location.pathname, query: now };
    }
    const shown = now === first.query && !location.search ? "" : `?${now}`;
    if (shown !== location.search) history.replaceState(history.state, "", location.pathname + shown);
    return now;
  };

  callbacks.copyLink = (_clicks, now) => {
    navigator.clipboard?.writeText(`${location.origin}${location.pathname}?${now ?? ""}`);
    setTimeout(() => set("copy-link", { children: "Copy link" }), 2000);
    return "Copied";
  };

  callbacks.reset = () => {
    location.assign(location.pathname);
    return none();
  };

  /* One line on all panels, told outside of React as their seconds are: no callback has to hear of every event. */
  function summary() {
    const facts = [...document.querySelectorAll("[data-topic]")].map(({ dataset }) => [dataset.state, pushboard.said.get(dataset.topic)]);
    const count = (wanted) => facts.filter(([state]) => state === wanted).length;
    if (!facts.length) return "";
    if (count("running")) return `${count("finished")} of ${facts.length} panels ready`;
    const shared = facts.filter(([, event]) => event?.cached || event?.shared).length;
    const paused = facts.filter(([, event]) => event?.type === "paused").length;
    const newest = facts.map(([, event]) => event?.asOf ?? "").sort().at(-1);
    const parts = [
      newest && `as of ${pushboard.clock(newest)}`,
      shared && `${shared} shared`,
      count("failed") && `${count("failed")} failed`,
      paused && `${paused} paused`,
    ];
    return parts.filter(Boolean).join("  ·  ");
  }

  setInterval(() => {
    const place = document.getElementById("page-state");
    const words = place && summary();
    if (place && place.textContent !== words) place.textContent = words;
  }, 200);

  // ----------------------------------------------------------------------- filters whose choices are a report's rows

  /* Runs the reports that a filter's choices or default come from; their rows fill the filter on the server. */
  callbacks.source = (parameter, id) => {
    const prefix = `~${id.name}:${id.kind}:`;
    pushboard.drawn((topic) => topic.startsWith(prefix));
    const sources = [parameter.choicesFrom, parameter.defaultFrom].filter(Boolean).map(({ report }) => report);
    for (const report of new Set(sources)) {
      const message = { action: "run", topicName: prefix + report, report, parameters: {}, runId: pushboard.newId(), refresh: false };
      const into = { type: "filter-source", name: id.name, kind: id.kind };
      pushboard.run(message, { timeoutSeconds: 60, page: location.pathname, into });
    }
    return none();
  };

  // ------------------------------------------------------------------------------------------------------ panel menus

  function showSql(topic) {
    const { spec, parameters } = pushboard.asked.get(topic) ?? {};
    if (!spec) return;
    const values = Object.entries(parameters).map(([name, value]) => `:${name} = ${asText(value)}`);
    set("sql-code", { code: spec.sql });
    set("sql-values", { children: values.join("\n") || "No values are bound." });
    set("sql-modal", { opened: true, title: spec.title });
  }

  const ACTIONS = {
    "sign-in": () => pushboard.signIn(),
    sql: showSql,
    cancel: (topic) => pushboard.cancel(topic),
    full: (topic) => document.querySelector(`[data-topic="${CSS.escape(topic)}"]`)?.requestFullscreen(),
  };

  addEventListener("click", (event) => {
    const item = event.target.closest?.("[data-action]");
    if (item) ACTIONS[item.dataset.action](item.dataset.for, item.dataset);
  });
  pushboard.actions = ACTIONS;

  // -------------------------------------------------------------------------------- what ended elsewhere, recent runs

  const RECENT = 12;
  const SLOW = 2_000; // quicker ones are not worth a word
  const key = () => `pushboard.recent.${document.getElementById("who")?.dataset.user ?? ""}`;
  const ended = new Map(); // page -> titles that ended while another page was shown

  function recent() {
    try {
      return JSON.parse(localStorage.getItem(key()) ?? "[]");
    } catch {
      return [];
    }
  }

  function remember(run, said) {
    const entry = { title: run.title, page: run.page, state: said.type, at: Date.now(), ms: Date.now() - run.startedAt };
    const others = recent().filter(({ title, page }) => title !== run.title || page !== run.page);
    try {
      localStorage.setItem(key(), JSON.stringify([entry, ...others].slice(0, RECENT)));
    } catch {
      /* a browser that keeps nothing has no recent runs */
    }
  }

  const link = (text, href) => ({ namespace: "dash_core_components", type: "Link", props: { children: text, href } });

  function tellElsewhere(run, said) {
    const all = [...(ended.get(run.page) ?? []), { title: run.title, ready: said.type === "finished" }];
    ended.set(run.page, all);
    if (pushboard.waiting().some((other) => other.page === run.page && !other.into)) return;
    ended.delete(run.page);
    const ready = all.filter((one) => one.ready).length;
    const lone = `${all[0].title} ${ready ? "is ready" : "ended without a result"}`;
    const title = all.length === 1 ? lone : `${ready} of ${all.length} panels are ready`;
    const where = run.page.split("/").at(-1).replaceAll("_", " ");
    const message = link(`Show ${where}`, run.page);
    set("notifications", { sendNotifications: [{ action: "show", id: run.page, title, message, autoClose: 10_000 }] });
  }

  pushboard.listeners.ended = (run, said) => {
    if (run.into) return;
    if (run.message.action === "export") return pushboard.listeners.exporting(run, said);
    remember(run, said);
    if (location.pathname !== run.page && Date.now() - run.startedAt > SLOW) tellElsewhere(run, said);
  };

  const div = (type, children, props = {}) => ({ namespace: "dash_html_components", type, props: { children, ...props } });

  callbacks.recent = () => {
    const entries = recent();
    if (!entries.length) return "What you run appears here.";
    const words = { finished: "Finished", failed: "Failed", rejected: "Failed", cancelled: "Cancelled" };
    return entries.map((entry) =>
      div("Div", [
        link(entry.title, entry.page),
        div("Small", `${words[entry.state]} · ${pushboard.clock(entry.at)} · ${pushboard.seconds(entry.ms)}`),
      ], { className: "recent-run" }),
    );
  };

  callbacks.search = (text) => {
    const words = (text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const item of document.querySelectorAll("[data-search]")) {
      item.hidden = !words.every((word) => item.dataset.search.includes(word));
      found += item.hidden ? 0 : 1;
    }
    for (const card of document.querySelectorAll(".home-card")) card.hidden = !card.querySelector("[data-search]:not([hidden])");
    return words.length ? `${found} report${found === 1 ? "" : "s"} found` : "";
  };

  // ------------------------------------------------------------------------------------------- reports that change

  let changed = new Set();
  let soon = 0;
  pushboard.listeners.reports = (message) => {
    for (const report of message.changed ?? []) changed.add(report);
    clearTimeout(soon);
    soon = setTimeout(() => {
      pushboard.put("reports-changed", { at: Date.now(), changed: [...changed], query: location.search });
      changed = new Set();
    }, 450); // longer than a warm function trusts its list of reports
  };

  // ------------------------------------------------------------------------------------------------- light or dark

  /* Charts follow the page's colour scheme, which Mantine keeps on the root element. */
  const root = document.documentElement;
  let told = null;
  function tellScheme() {
    const scheme = root.dataset.mantineColorScheme;
    if (!scheme || scheme === told || !window.dash_clientside.set_props) return;
    told = scheme;
    set("scheme", { data: scheme });
  }
  new MutationObserver(tellScheme).observe(root, { attributes: true, attributeFilter: ["data-mantine-color-scheme"] });
  setInterval(tellScheme, 200);
})();
