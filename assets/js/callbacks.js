/* The clientside callbacks of `dashboard/callbacks.py`, and what the page does at a click: actions and links. */
import { describeConnection, signIn, toggleConnection } from "./page/connection.js";
import { setProps } from "./document.js";
import { fetchExport, printPage, workbook } from "./downloads/downloads.js";
import * as choices from "./page/choices.js";
import { showChips } from "./page/clicks.js";
import { apply, fullAddress, setFilters } from "./page/filters.js";
import { jobActions, jobForms } from "./jobs/starts.js";
import { recentRuns } from "./page/recent.js";
import { runAll } from "./page/requests.js";
import * as views from "./views/actions.js";
import socket from "./wire/socket.js";
import { counted, t } from "./words.js";

const COPIED_STAYS = 2_000; // milliseconds

const ACTIONS = {
  "sign-in": signIn, workbook, print: printPage, apply: applyFilters, "fetch-export": fetchExport, ...jobActions, ...views.actions,
};

function drawer(opened, _path, navbar) {
  const { triggered } = window.dash_clientside.callback_context;
  const open = opened && triggered.some(({ prop_id: id }) => id.startsWith("burger"));
  return [{ ...navbar, collapsed: { mobile: !open } }, open];
}

function copyLink() {
  navigator.clipboard?.writeText(fullAddress());
  setTimeout(() => setProps("copy-link", { children: t("Copy link") }), COPIED_STAYS);
  return t("Copied");
}

/* Hides what a search does not find, by the words in each `data-search`. */
function search(text) {
  const words = (text ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  let found = 0;
  for (const item of document.querySelectorAll("[data-search]")) {
    item.hidden = !words.every((word) => item.dataset.search.includes(word));
    found += item.hidden ? 0 : 1;
  }
  for (const card of document.querySelectorAll(".home-card")) card.hidden = !card.querySelector("[data-search]:not([hidden])");
  return words.length ? counted("{count} report found", "{count} reports found", found) : "";
}

function applyFilters() {
  apply();
  showChips();
}

function filtersChanged(...values) {
  setFilters(...values);
  showChips();
  choices.lookSoon();
}

export const callbacks = {
  filtersChanged,
  runAll,
  reset: () => location.assign(location.pathname),
  connection: describeConnection,
  toggleConnection,
  drawer,
  copyLink,
  search,
  recent: recentRuns,
  jobForms,
};

// ------------------------------------------------------------------------------------------------------------- clicks

function act({ target }) {
  const item = target.closest?.("[data-action]");
  if (item) ACTIONS[item.dataset.action](item.dataset.for);
}

/* The link of the page that is open keeps what its address says. */
function stayOnPage(event) {
  const link = event.target.closest?.(".side-bar a[href], .phone-bar a[href]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || new URL(link.href).pathname !== location.pathname) return;
  event.preventDefault();
  event.stopPropagation();
}

/* The time zones that the browser knows, once the menu with their list is opened. */
function fillZones({ target }) {
  const list = target.querySelector?.("[name=time_zone]");
  const known = [...(list?.options ?? [])].map(({ value }) => value);
  if (!list || known.length > 2) return;
  for (const zone of Intl.supportedValuesOf("timeZone")) if (!known.includes(zone)) list.add(new Option(zone.replaceAll("_", " "), zone));
}

// ------------------------------------------------------------------------------------------------ reports that change

const CHANGES_DELAY = 450; // milliseconds; longer than a warm function trusts its list of reports
let changed = new Set();
let timer = 0;

function reportsChanged(message) {
  for (const report of message.changed ?? []) changed.add(report);
  clearTimeout(timer);
  timer = setTimeout(() => {
    setProps("reports-changed", { data: { at: Date.now(), changed: [...changed], query: location.search } });
    changed = new Set();
  }, CHANGES_DELAY);
}

export function start() {
  addEventListener("click", act);
  addEventListener("click", stayOnPage, true);
  addEventListener("toggle", fillZones, true);
  socket.on("reports", reportsChanged);
  views.start();
}
