/* Runs as soon as it is there, before Dash's scripts: opens the socket and asks for the panels of the page that the
   document brings along. What finishes meanwhile is drawn once Dash has started (`main.js`). */
import { answer, findComponents } from "./document.js";
import * as http from "./http.js";
import * as page from "./page.js";
import * as runs from "./runs.js";
import socket from "./socket.js";

function askEarly() {
  const ours = findComponents(answer("/_dash-layout"), ({ namespace }) => namespace === "pushboard");
  const opened = ours.find(({ type }) => type === "Page")?.props;
  const specs = ours.filter(({ type }) => type === "Panel").map(({ props }) => props.spec);
  if (!opened) return;
  page.open(opened);
  specs.forEach(page.addPanel);
  page.want(page.nearTopics(specs, innerWidth, innerHeight));
}

http.install();
http.onCallbackFailed((body) => {
  const finished = JSON.parse(body).inputs?.find?.(({ property }) => property === "finished");
  if (finished) page.drawingFailed(finished.value);
});
runs.start();
page.start();
socket.on("stopped", (why) => why === "signed-out" && page.pauseUndrawn());
askEarly();
socket.start();
