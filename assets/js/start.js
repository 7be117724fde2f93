/* Runs as soon as it is there, before Dash's scripts: lets every part listen to the socket before the first message is
   heard, and asks for the panels of the page that the document brings along. */
import * as callbacks from "./callbacks.js";
import { answer, findComponents } from "./document.js";
import * as downloads from "./downloads/downloads.js";
import * as choices from "./page/choices.js";
import * as clicks from "./page/clicks.js";
import * as connection from "./page/connection.js";
import * as jobs from "./jobs/live.js";
import * as starts from "./jobs/starts.js";
import * as http from "./wire/http.js";
import * as drawings from "./page/drawings.js";
import { nearTopics } from "./page/near.js";
import * as paper from "./page/paper.js";
import * as recent from "./page/recent.js";
import { addPanel, openPage, want } from "./page/requests.js";
import * as byTheClock from "./page/by_the_clock.js";
import * as tabs from "./page/tabs.js";
import * as watching from "./page/watching.js";
import * as runs from "./wire/runs.js";
import socket from "./wire/socket.js";

function askEarly() {
  const ours = findComponents(answer("/_dash-layout"), ({ namespace }) => namespace === "pushboard");
  const opened = ours.find(({ type }) => type === "Page")?.props;
  const specs = ours.filter(({ type }) => type === "Panel").map(({ props }) => props.spec);
  if (!opened) return;
  openPage(opened);
  specs.forEach(addPanel);
  const seen = specs.filter(({ tab }) => !opened.tab || tab === opened.tab);
  want(nearTopics(seen, innerWidth, innerHeight));
}

http.install();
http.onCallbackFailed((body) => {
  const finished = JSON.parse(body).inputs?.find?.(({ property }) => property === "finished");
  if (finished) drawings.drawingFailed(finished.value);
});
for (const part of [runs, drawings, callbacks, connection, downloads, recent, watching, byTheClock, paper, tabs, choices, clicks, jobs, starts]) part.start();
socket.on("stopped", (why) => why === "signed-out" && drawings.pauseUndrawn());
askEarly();
socket.start();

