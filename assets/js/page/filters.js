/* The page's filters: takes the values of their controls, and keeps the address of the page up to date. */
import { isEmpty, isSame, queryOf, toWire, wordsOf } from "./filter_values.js";
import * as page from "./open_page.js";
import { setProps } from "../document.js";
import { requestChanged, requestSources } from "./requests.js";
import { addressChanged, withView } from "../views/open_view.js";

/* Takes the values of all controls, of the filter bar and of panels' own; runs what they change. */
export function setFilters(values, ownValues, ids, ownIds) {
  if (!page.openPage().layoutId) return;
  ids.forEach((id, position) => setFilter(id, values[position]));
  ownIds.forEach((id, position) => setOwnFilter(id, ownValues[position]));
  if (!page.openPage().apply) return apply();
  showWaiting();
  requestChanged(); // a panel's own filters wait for nothing
}

const showWaiting = () => page.openPage().apply && setProps("apply", { disabled: !page.openPage().filters.some(isWaiting) });

/* Asks for the values that the controls have by now; on a page that waits for its button, once that is pressed. */
export function apply() {
  for (const filter of page.openPage().filters.filter(isWaiting)) filter.value = filter.next;
  showWaiting();
  requestSources();
  requestChanged();
  writeAddress();
}

const isWaiting = ({ value, next }) => next !== undefined && !isSame(next, value);

function setFilter({ name, kind }, value) {
  const filter = page.openPage().filters.find((each) => each.name === name && each.kind === kind);
  if (filter && value !== undefined) filter.next = toWire(kind, value);
}

function setOwnFilter({ topic, name, kind }, value) {
  const panel = page.panelAt(topic);
  if (!panel || value === undefined) return;
  page.update(panel, { hasControls: true, own: { ...panel.own, [name]: toWire(kind, value) } });
}

/* Takes defaults that rows gave: nobody has chosen them. The control of a filter that showed the default before is set to
   the new one as well, before this or behind it. */
export function setDefaults(defaults) {
  const { filters, pinned, inAddress } = page.openPage();
  for (const filter of filters.filter(({ name }) => name in defaults)) {
    const usual = defaults[filter.name];
    if (isSame(filter.value, filter.default) && !pinned.has(filter.name)) {
      if (!isWaiting(filter)) filter.next = usual;
      filter.value = usual;
    }
    if (isSame(filter.value, usual) && !inAddress.has(filter.name)) pinned.delete(filter.name);
    filter.default = usual;
  }
  showWaiting();
  requestSources();
  requestChanged();
  writeAddress();
}

/* The address holds what somebody chose: what stood in it already, what differs from the default, and any value of a filter
   that has none. */
export function writeAddress() {
  const { pageId, filters, path, pinned } = page.openPage();
  if (!pageId || location.pathname !== path) return;
  for (const { name, value, default: usual, noDefault } of filters) {
    const isChosen = isEmpty(usual) ? noDefault : !isSame(value, usual);
    if (isChosen && !isEmpty(value)) pinned.add(name);
  }
  const query = withView(queryOf(filters, ({ name }) => pinned.has(name), ownFilters(), openTab(), wordsOf));
  const shown = query && `?${query}`;
  if (shown !== location.search) history.replaceState(history.state, "", path + shown + location.hash);
  addressChanged();
}

const ownFilters = () => page.allPanels().map(({ spec, own }) => ({ topic: spec.topic, own, preset: spec.preset }));

/* The open tab, unless it is the one that a page opens with. */
const openTab = () => (page.openPage().tab === page.openPage().firstTab ? "" : page.openPage().tab);

/* An address that shows the page as it is, whatever the defaults become. */
export function fullAddress() {
  const { filters, path } = page.openPage();
  const query = queryOf(filters, () => true, ownFilters(), openTab());
  return `${location.origin}${path}${query && `?${query}`}`;
}
