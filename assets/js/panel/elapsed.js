/* The seconds of running panels. They tick outside of React, so that ticking costs nothing. */
import { seconds } from "../format.js";
import { describe } from "../page/open_page.js";

const TICK = 200; // milliseconds

function tick() {
  for (const panel of document.querySelectorAll("[data-topic] .panel-elapsed")) {
    const root = panel.closest("[data-topic]");
    const since = root.dataset.state === "running" && describe(root.dataset.topic)?.event?.startedAt;
    const words = since ? seconds(Date.now() - since) : "";
    if (panel.textContent !== words) panel.textContent = words;
  }
}

export const start = () => setInterval(tick, TICK);
