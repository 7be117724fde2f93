/* Ends the watch of runs that the open page does not show: of a panel that is gone, of a page that was left. */
import * as runs from "../wire/runs.js";
import { release } from "../wire/watches.js";
import * as page from "./open_page.js";

const DELAY = 1_000; // milliseconds in which a page that is laid out anew has its panels again

let timer = 0;

const isShown = ({ message }) => page.panelAt(message.topicName)?.asked?.runId === message.runId;

export function releaseUnshown() {
  timer ||= setTimeout(() => {
    timer = 0;
    release(isShown);
  }, DELAY);
}

export function removePanel(topic, spec) {
  page.removePanel(topic, spec);
  releaseUnshown();
}

export const start = () => runs.on("ended", releaseUnshown);
