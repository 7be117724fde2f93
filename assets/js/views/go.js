/* Goes to a page, a panel of it or a view, as a link does, and shows the panel that an address names behind its #. */
import { panelElement } from "../document.js";
import { want } from "../page/requests.js";
import { openAround } from "../page/tabs.js";
import { panelsPainted } from "../panel/first_frame.js";

const MARKED = 2_400; // milliseconds that the panel is marked

/* Opens a page as a link of Dash does. */
export function visit(address) {
  history.pushState({}, "", address);
  dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
  scrollTo(0, 0);
}

/* To an address of ours. A panel of the open page is shown where it is, whatever the filters are; another view of the open
   page is loaded, since Dash does not know what the page has written into its address. */
export function go(address) {
  const { pathname, search, hash } = new URL(address, location.href);
  if (pathname !== location.pathname) visit(pathname + search + hash);
  else if (search !== location.search && (search || !hash)) location.assign(pathname + search + hash);
  else if (hash) {
    history.replaceState(history.state, "", location.pathname + location.search + hash);
    arriveAtPanel();
  }
}

let arrivedAt = "";

/* Shows the panel of the address once: a page that is laid out anew stays where its reader is. */
export function arrive() {
  const address = location.pathname + location.hash;
  if (address === arrivedAt) return;
  arrivedAt = address;
  arriveAtPanel();
}

/* Shows the panel of the address: runs it, brings it into sight, whatever tab it is on, marks it for a moment, and gives it the focus. */
export async function arriveAtPanel() {
  const topic = decodeURIComponent(location.hash.slice(1));
  if (!topic) return;
  await panelsPainted;
  const element = panelElement(topic);
  if (!element) return;
  openAround(element);
  want([topic]);
  element.tabIndex = -1;
  element.focus({ preventScroll: true });
  element.scrollIntoView({ block: "center" }); // at once: panels on the way would run
  element.dataset.found = "yes";
  setTimeout(() => delete element.dataset.found, MARKED);
}

/* A plain click on a link of our own goes there without loading the document. */
export function follow(event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  go(event.currentTarget.href);
}
