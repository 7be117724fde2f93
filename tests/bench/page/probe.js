/* Runs in a measured page before its own scripts: tells when its panels are drawn, and drawn again.
   `options`: `panel`, the selector of a panel; `ready`, the selector that a panel matches once its run has ended;
   `panels`, how many there must be; `onScreen`, whether only those count that are on the screen.
   All times are milliseconds since the navigation began. */
(options) => {
  "use strict";

  const DRAWING = ".js-plotly-plot, .headline-figure, .sparkline, .ag-row, .plain-table tr, .panel-empty";
  const PLOT = ".dash-graph, .js-plotly-plot";
  const FAILED = "[data-state=failed]";
  const MARK = ".trace, .slice, .heatmaplayer image, .hm image, .box, .indicatorlayer text";
  const QUIET = 700; // milliseconds without a change, after which a page counts as drawn for good

  const now = () => performance.now();
  const isVisible = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const key = (panel) => panel.dataset.topic ?? panel.id;
  const hasText = (element) => element.textContent.trim() !== "";
  const some = (panel, selector, holds) => [...panel.querySelectorAll(selector)].some(holds);

  /* Every plot that shows has a mark; without a plot there is a figure, a row or the words for no rows. */
  function isDrawn(panel) {
    if (!panel.matches(options.ready)) return false;
    const plots = [...panel.querySelectorAll(PLOT)].filter(isVisible);
    if (!plots.every((plot) => plot.querySelector(MARK))) return false;
    return (
      plots.length > 0 ||
      some(panel, ".headline-figure", hasText) ||
      some(panel, ".ag-row, .plain-table tr, .panel-empty", isVisible)
    );
  }

  function isOnScreen(panel) {
    const { top, bottom } = panel.getBoundingClientRect();
    return bottom > 0 && top < innerHeight;
  }

  // ------------------------------------------------------------------------------------------------- the first drawing

  const drawn = { first: null, all: null };

  const watched = () => {
    const panels = [...document.querySelectorAll(options.panel)];
    return options.onScreen ? panels.filter(isOnScreen) : panels;
  };

  function look() {
    const panels = watched();
    const ready = panels.filter(isDrawn).length;
    if (ready > 0) drawn.first ??= now();
    const isComplete = ready === panels.length && ready >= options.panels;
    drawn.all = isComplete ? (drawn.all ?? now()) : null;
  }

  // ------------------------------------------------------------------------------------------------ drawn once again

  let change = null; // { since, last, redrawn }: the click that changed a filter, and the panels redrawn since

  function note(records) {
    for (const { target, addedNodes } of records) {
      const element = target.nodeType === Node.ELEMENT_NODE ? target : target.parentElement;
      const drawing = element?.closest(DRAWING) ?? (addedNodes.length ? element?.querySelector(DRAWING) : null);
      const panel = drawing?.closest(options.panel);
      if (!panel) continue;
      change.redrawn.add(key(panel));
      change.last = now();
    }
  }

  addEventListener("click", (event) => change && begin(event.timeStamp), true);

  function begin(since) {
    Object.assign(change, { since, last: since });
    change.redrawn.clear();
  }

  const isChanged = () =>
    change.since && watched().every((panel) => change.redrawn.has(key(panel)) && isDrawn(panel)) && now() - change.last > QUIET;

  // ------------------------------------------------------------------------------------------------------- watching

  let isDirty = true;
  new MutationObserver((records) => {
    isDirty = true;
    if (change?.since) note(records);
  }).observe(document, { subtree: true, childList: true, characterData: true, attributes: true });

  (function frame() {
    if (isDirty) {
      isDirty = false;
      look();
    }
    requestAnimationFrame(frame);
  })();

  const tasks = [];
  new PerformanceObserver((list) => {
    for (const { startTime, duration } of list.getEntries()) tasks.push({ startTime, duration });
  }).observe({ type: "longtask", buffered: true });

  const longest = (since) =>
    Math.max(0, ...tasks.filter(({ startTime, duration }) => startTime + duration > since).map(({ duration }) => duration));

  function until(holds, milliseconds, what) {
    const deadline = now() + milliseconds;
    return new Promise((resolve, reject) => {
      const timer = setInterval(() => {
        const isOver = now() > deadline || watched().some((panel) => panel.matches(FAILED));
        if (!isOver && !holds()) return;
        clearInterval(timer);
        if (isOver) reject(new Error(`${what}; not drawn: ${missing()}`));
        else resolve();
      }, 50);
    });
  }

  /* A panel with its state, and with its words where it failed. */
  function described(panel) {
    const words = panel.matches(FAILED) && panel.querySelector("[role=alert]")?.textContent.trim();
    return [key(panel), panel.dataset.state, words].filter(Boolean).join(" ");
  }

  const missing = () =>
    watched()
      .filter((panel) => !isDrawn(panel) || (change && !change.redrawn.has(key(panel))))
      .map(described)
      .join(", ") || `${watched().length} panels were seen`;

  // ------------------------------------------------------------------------------------------------- components

  /* The components of Dash's layout: every object with a type and a namespace, however deep in its properties. */
  function count(node) {
    if (!node || typeof node !== "object") return 0;
    const children = Array.isArray(node) ? node : Object.values(node);
    const own = typeof node.type === "string" && typeof node.namespace === "string" ? 1 : 0;
    return children.reduce((sum, child) => sum + count(child), own);
  }

  window.__bench = {
    /* Resolves with the times of the first and of the last panel, once all are drawn; after scrolling too. */
    async loaded(milliseconds) {
      look();
      await until(() => drawn.all !== null && now() - drawn.all > QUIET, milliseconds, "the page is not drawn");
      return { first: drawn.first, last: drawn.all, longestTask: longest(0) };
    },

    /* From now on the next click counts as the change of a filter. */
    arm() {
      change = { since: null, last: null, redrawn: new Set() };
    },

    /* Resolves with the time from that click until the last drawing, once every panel has been drawn again. */
    async changed(milliseconds) {
      await until(isChanged, milliseconds, "the filter's change is not drawn");
      return { took: change.last - change.since, longestTask: longest(change.since) };
    },

    /* Goes down by most of a screen; true at the end of the page, where it stays. */
    scroll() {
      const before = scrollY;
      scrollBy({ top: innerHeight * 0.8, behavior: "instant" });
      return scrollY === before;
    },

    longestTask: (since = 0) => longest(since),
    counted: () => ({
      components: (window.dash_stores ?? []).reduce((sum, store) => sum + count(store.getState().layout), 0),
      elements: document.querySelectorAll("*").length,
      panels: document.querySelectorAll(options.panel).length,
    }),
  };
}
