/* What the socket tells of jobs: on their page the list of runs is looked at again, on any other page the end of a run is
   passed on to the server, which knows whose it was (`dashboard/jobs/news.py`). */
import { setProps } from "../document.js";
import socket from "../wire/socket.js";

const DELAY = 80; // milliseconds; steps that end together are shown together
const ENDS = new Set(["finished", "failed", "cancelled"]);

let timer = 0;
let told = [];
let shown = new Set(); // ids of notifications that may stand in the corner
let isStale = false; // something was told while the page of jobs was not laid out yet

const isAtJobs = () => location.pathname === "/jobs";

/* Whether the page of jobs is there, with its components: others must not be set. */
export const isJobsPage = () => document.getElementById("job-runs-title") !== null;

/* Looks at the runs again, soon; messages that come together are one look. */
export function refreshSoon() {
  timer ||= setTimeout(() => {
    timer = 0;
    if (isJobsPage()) setProps("jobs-changed", { data: Date.now() });
    else isStale = isAtJobs();
    if (told.length) setProps("jobs-told", { data: told });
    told = [];
  }, DELAY);
}

function receive(message) {
  if (!message.job) return;
  const { type, runId, job, message: words } = message;
  const isWorthIt = ENDS.has(type) || (type === "accepted" && message.state === "approval");
  if (!isAtJobs() && isWorthIt) {
    told.push({ type, runId, job, ...(words && { message: words }) });
    for (const kind of ["approval", "end"]) shown.add(`job-${kind}-${runId}`);
  }
  if (isAtJobs() || told.length) refreshSoon();
}

/* Whoever is on the page of jobs needs no notification of them any more. Not at once: each page that opens hides its own
   (`page/recent.js`), and of two changes in one moment the first would be lost. */
export function arrivedAtJobs() {
  const hideNotifications = [...shown];
  if (hideNotifications.length) setTimeout(() => setProps("notifications", { hideNotifications }), DELAY);
  shown = new Set();
  if (isStale) refreshSoon();
  isStale = false;
}

export function start() {
  socket.on("message", receive);
  socket.on("live", () => isAtJobs() && refreshSoon());
}
