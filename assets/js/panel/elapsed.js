/* The seconds of running panels. They tick outside of React, so that ticking costs nothing. */
import { seconds } from "../format.js";
import { describe } from "../page/open_page.js";

const TICK = 200; // milliseconds

function tick() {
  for (const panel of document.querySelectorAll("[data-state=running]")) {
    const since = describe(panel.dataset.topic)?.event?.startedAt;
    const place = panel.querySelector(".panel-elapsed");
    if (since && place) place.textContent = seconds(Date.now() - since);
  }
}

export const start = () => setInterval(tick, TICK);
