/* Opens the tabs of a page: one at a time, by click and by the keys of the ARIA "tabs" pattern. A panel of a tab runs once it is
   on the screen (`near.js`); the address says which tab is open. */
import { writeAddress } from "./filters.js";
import * as page from "./open_page.js";

const KEYS = { ArrowRight: 1, ArrowLeft: -1, Home: "first", End: "last" };

const handlesOf = (handle) => [...handle.parentElement.children];

/* Opens the tab of a handle. Charts that were drawn anew while nobody saw them take their size now. */
function open(handle) {
  for (const each of handlesOf(handle)) {
    const isOpen = each === handle;
    each.setAttribute("aria-selected", isOpen);
    each.tabIndex = isOpen ? 0 : -1;
    document.getElementById(each.getAttribute("aria-controls")).hidden = !isOpen;
  }
  page.openPage().tab = handle.dataset.tab;
  writeAddress();
  dispatchEvent(new Event("resize"));
}

/* Shows all tabs one below the other, for paper; returns how to have one open again. */
export function showAll() {
  const { dataset } = document.getElementById("content");
  dataset.allTabs = "yes";
  return () => delete dataset.allTabs;
}

/* Opens the tab in which an element stands, if it stands in one. */
export function openAround(element) {
  const tab = element.closest("[role=tabpanel]");
  if (tab?.hidden) open(document.getElementById(tab.getAttribute("aria-labelledby")));
}

function onClick({ target }) {
  const handle = target.closest?.("[data-tab]");
  if (handle) open(handle);
}

function onKey(event) {
  const handle = event.target.closest?.("[data-tab]");
  const move = handle && !event.altKey && !event.ctrlKey && !event.metaKey && KEYS[event.key];
  if (!move) return;
  const handles = handlesOf(handle);
  const at = { first: 0, last: handles.length - 1 }[move] ?? (handles.indexOf(handle) + move + handles.length) % handles.length;
  open(handles[at]);
  handles[at].focus();
  event.preventDefault();
}

export function start() {
  addEventListener("click", onClick);
  addEventListener("keydown", onKey);
}
