/* What ended: remembered for the home page, and told in a corner when it ended on a page that is not open. */
import { setProps, user } from "../document.js";
import { clock, seconds, whole } from "../format.js";
import * as runs from "../wire/runs.js";
import { noop, t } from "../words.js";

const MAX_RECENT = 12;
const SLOW = 2_000; // milliseconds; quicker runs are not worth a notification
const LABELS = { finished: noop("Finished"), failed: noop("Failed"), rejected: noop("Failed"), cancelled: noop("Cancelled") };

const key = () => `pushboard.recent.${user() ?? ""}`;
const endedElsewhere = new Map(); // page -> runs that ended while another page was open

function stored() {
  try {
    return JSON.parse(localStorage.getItem(key()) ?? "[]");
  } catch {
    return [];
  }
}

let fresh = []; // what ended since the browser's storage was written last

/* Remembers what ended; runs that end together are written together. */
function remember(run, event) {
  fresh.unshift({ title: run.title, page: run.page, state: event.type, at: Date.now(), ms: Date.now() - run.startedAt });
  if (fresh.length === 1) setTimeout(write, 0);
}

function write() {
  const isFresh = ({ title, page }) => fresh.some((entry) => entry.title === title && entry.page === page);
  const entries = [...fresh, ...stored().filter((entry) => !isFresh(entry))].slice(0, MAX_RECENT);
  fresh = [];
  try {
    localStorage.setItem(key(), JSON.stringify(entries));
  } catch {
    /* a browser that keeps nothing has no recent runs */
  }
}

const dash = (namespace) => (type, children, props = {}) => ({ namespace, type, props: { children, ...props } });
const html = dash("dash_html_components");
const link = (text, href) => dash("dash_core_components")("Link", text, { href });

/* One notification a page, once all of its runs have ended. It stays until somebody closes it or goes there. */
function tellElsewhere(run, event) {
  const all = [...(endedElsewhere.get(run.page) ?? []), { title: run.title, ready: event.type === "finished" }];
  endedElsewhere.set(run.page, all);
  if (runs.waiting().some((other) => other.page === run.page && !other.source)) return;
  endedElsewhere.delete(run.page);
  const ready = all.filter((each) => each.ready).length;
  const single = ready ? t("{title} is ready", all[0]) : t("{title} ended without a result", all[0]);
  const title = all.length === 1 ? single : t("{ready} of {count} panels are ready", { ready: whole(ready), count: whole(all.length) });
  const message = link(t("Show {page}", { page: run.page.split("/").at(-1).replaceAll("_", " ") }), run.page);
  setProps("notifications", { sendNotifications: [{ action: "show", id: run.page, title, message, autoClose: false }] });
}

/* Whoever is on a page needs no notification of it any more. */
export const arrived = () => setProps("notifications", { hideNotifications: [location.pathname] });

function ended(run, event) {
  if (run.source || run.page === "/" || run.message.action === "export" || event.newDataAt || event.offeredAt) return;
  remember(run, event);
  if (location.pathname !== run.page && Date.now() - run.startedAt > SLOW) tellElsewhere(run, event);
}

/* The list on the home page, as Dash components. */
export function recentRuns() {
  const entries = stored();
  if (!entries.length) return t("What you run appears here.");
  return entries.map((entry) => {
    const facts = `${t(LABELS[entry.state])} · ${clock(entry.at)} · ${seconds(entry.ms)}`;
    return html("Div", [link(entry.title, entry.page), html("Small", facts)], { className: "recent-run" });
  });
}

export const start = () => runs.on("ended", ended);
