/* The saved view that is open: its name beside the page's title, whether the filters are still its own, and its part of
   the address. A Dash component (`dashboard/panels/component.py`). */
import { t } from "../words.js";
const h = (...parts) => window.React.createElement(...parts);

let open = { view: null, isChanged: false };
const listeners = new Set();

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const openView = () => open.view;

/* The query of an address with the view that is open. */
export const withView = (query) => (open.view ? `${query && `${query}&`}view=${open.view.id}` : query);

/* The address that opens a view. */
export const viewAddress = ({ id, path, query }) => `${path}?${query && `${query}&`}view=${id}`;

/* The filters of an address, without the view's id, and in an order that says nothing. */
export function filtersOf(search) {
  const found = new URLSearchParams(search);
  found.delete("view");
  found.sort();
  return found.toString();
}

const isChanged = (view) => Boolean(view) && filtersOf(location.search) !== filtersOf(view.query);

/* The filters of the page have changed, or may have. */
export function addressChanged() {
  if (open.isChanged !== isChanged(open.view)) show(open.view);
}

/* Shows a view, or none, as the one that is open. */
export function show(view) {
  open = { view, isChanged: isChanged(view) };
  listeners.forEach((listener) => listener());
}

/* Opens the view that the page was just saved as, where it is. */
export function becomes(view) {
  history.replaceState(history.state, "", viewAddress(view) + location.hash);
  show(view);
}

export function OpenView({ view, layoutId }) {
  const { useMemo, useSyncExternalStore } = window.React;
  useMemo(() => (open = { view: view ?? null, isChanged: isChanged(view) }), [layoutId]);
  const shown = useSyncExternalStore(subscribe, () => open);
  if (!shown.view) return null;
  const words = shown.view.mayChange ? t("Changed · Save") : t("Changed · Save as your own");
  return h("span", { className: "open-view" },
    h("span", { className: "open-view-name" }, h("span", { className: "sr-only" }, `${t("View")}: `), shown.view.name),
    h("span", { role: "status" }, shown.isChanged &&
      h("button", { type: "button", className: "quiet-button", "data-action": "save-view" }, words)));
}
