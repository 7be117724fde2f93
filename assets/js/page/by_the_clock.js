/* Asks again, while somebody looks, what is to be asked by the clock: panels whose report says `live: 5m`. All who look
   share one answer, which is good for just that time. A panel that is not on the screen, or away, costs nothing. */
import socket from "../wire/socket.js";
import * as page from "./open_page.js";
import { askAgain } from "./requests.js";

const TICK = 1_000;
const SPREAD = 0.02; // of the time, so that not all tabs ask in the same moment and find each other's answer

const isDue = ({ event, wanted, spec, lateness = 0 }) =>
  wanted && spec.liveSeconds && event?.type === "finished" && Date.now() - Date.parse(event.asOf) > spec.liveSeconds * 1000 * (1 + lateness);

function tick() {
  if (document.hidden || !socket.isLive()) return;
  for (const panel of page.allPanels()) {
    panel.lateness ??= Math.random() * SPREAD;
    if (isDue(panel)) askAgain(panel);
  }
}

export const start = () => setInterval(tick, TICK);
