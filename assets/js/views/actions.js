/* What buttons and keys do about views, favourites and the search. The dialogs are loaded when they are first opened. */
import { refuse } from "../downloads/transfers.js";
import * as kept from "./kept.js";
import { becomes, filtersOf, openView } from "./open_view.js";
import { noop, t } from "../words.js";

const NOT_LOADED = noop("This could not be loaded. Please try again in a moment.");

const opened = (title, load, name) => async (...details) => {
  try {
    (await load())[name](...details);
  } catch {
    refuse(t(title), t(NOT_LOADED));
  }
};

const openPalette = opened(noop("Search"), () => import("./palette.js"), "openPalette");
const openViews = opened(noop("Views"), () => import("./view_dialog.js"), "openViews");

/* Saves what was changed: into the view that is open, or, where that is somebody else's, as another. */
async function saveOpenView() {
  const view = openView();
  if (!view?.mayChange) return openViews();
  try {
    becomes(await kept.saveView({ ...view, query: filtersOf(location.search) }));
  } catch (error) {
    refuse(view.name, error.message);
  }
}

/* Takes favourites away whose reports are gone, and the line that told of them. */
async function forget(reports) {
  const names = reports.split(",");
  await Promise.all(names.map((report) => kept.setFavourite(report, false, t("Favourites"))));
  if (!names.some(kept.isFavourite)) document.querySelector("[data-action=forget-favourites]")?.parentElement.remove();
}

export const actions = { palette: openPalette, views: openViews, "save-view": saveOpenView, "forget-favourites": forget };

/* The first key of the two begins to load the search. */
function pressed(event) {
  if (event.key === "Control" || event.key === "Meta") import("./palette.js").catch(() => {}); // told when it is opened
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  event.preventDefault();
  openPalette();
}

export function start() {
  document.documentElement.dataset.keys = /Mac|iP/.test(navigator.platform) ? "mac" : "";
  addEventListener("keydown", pressed);
  kept.start();
}
