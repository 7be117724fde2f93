/* Runs in a measured page after `page/probe.js` and adds to its functions: tells when a chart has other bars than before
   a click. That a plot is touched says nothing: Dash marks it as loading. `selector` is that of the chart. */
(selector) => {
  "use strict";

  const STILL = 300; // milliseconds without a change, after which bars count as drawn
  const bars = () => [...document.querySelectorAll(`${selector} .bars path`)].map((bar) => bar.getAttribute("d")).join();

  let since = 0;
  addEventListener("click", ({ timeStamp }) => (since = timeStamp), true);

  let before = "";
  Object.assign(window.__bench, {
    /* From now on the last click counts. */
    armBars() {
      before = bars();
      since = 0;
    },

    /* Resolves with the milliseconds from that click to the frame in which the last new bars were there. */
    barsDrawn(milliseconds) {
      const deadline = performance.now() + milliseconds;
      let seen = before;
      let last = 0;
      return new Promise((resolve, reject) => {
        (function frame() {
          const now = performance.now();
          const found = bars();
          if (since && found && found !== seen) [seen, last] = [found, now];
          if (last && now - last > STILL) return resolve(last - since);
          if (now > deadline) return reject(new Error("no new bars were drawn"));
          requestAnimationFrame(frame);
        })();
      });
    },
  });
}
