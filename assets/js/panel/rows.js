/* The rows of a panel's table. AG Grid has them all, or asks for the lines that its reader comes to: then the server sorts
   and filters (`dashboard/grid/pages.py`). Each line that is asked for has an answer of its own, so that what comes late
   is never taken for another. */
import { setProps } from "../document.js";
import { callCallback } from "../wire/callback.js";
import { noop, t } from "../words.js";

const FAILED = noop("Some rows could not be fetched. Sort or filter again, or run the report again.");
const asking = new WeakMap(); // a grid that asks for its lines -> {source, statementId, shown, view, first}

/* The grid of a panel's table, or null while there is none. */
export function gridOf(topic) {
  try {
    const grid = window.dash_ag_grid.getApi({ type: "table-rows", topic });
    return grid && !grid.isDestroyed() ? grid : null;
  } catch {
    return null; // it is still on the way
  }
}

/* Whether a panel's table shows the rows of a statement. The first to look makes its grid ask for them; where Dash's wrapper
   is late to set a source of its own, that is put right at the next look. */
export function showsRows(topic, statementId, element) {
  const grid = gridOf(topic);
  if (grid?.getGridOption("rowModelType") !== "infinite") return Boolean(element.querySelector(".ag-cell"));
  if (!asking.has(grid)) asking.set(grid, { source: { getRows: (params) => fetchLines(grid, topic, params) }, statementId });
  const state = asking.get(grid);
  if (grid.getGridOption("datasource") !== state.source) {
    grid.setGridOption("datasource", state.source);
  } else if (state.statementId !== statementId) {
    state.statementId = statementId;
    grid.refreshInfiniteCache();
  }
  return state.shown === statementId;
}

async function fetchLines(grid, topic, { startRow, endRow, sortModel, filterModel, successCallback, failCallback }) {
  const state = asking.get(grid);
  const { statementId } = state;
  const sort = sortModel.map((each) => ({ colId: each.colId, sort: each.sort }));
  const wanted = { topicName: topic, statementId, startRow, endRow, sort, filters: filterModel };
  const view = (state.view = JSON.stringify([statementId, sort, filterModel]));
  const page = givenPage(grid, wanted) ?? (await askedPage(wanted));
  if (grid.isDestroyed()) return;
  if (page) successCallback(page.rows, page.count);
  else failCallback();
  if (state.view !== view) return; // sorted or filtered otherwise by now
  tell(topic, page ? page.note : t(FAILED));
  if (page) showTotal(grid, page.total);
  if (page && startRow === 0) state.first = page.rows;
  state.shown = statementId;
}

let given = null; // the first lines that came last for a grid that is on the screen already

/* Notes the first lines of a grid that is told its columns anew. */
export const giveFirst = (first) => (given = first);

/* The first lines, which came with the grid; nothing where others are wanted, or those of another statement. */
function givenPage(grid, { statementId, startRow, sort, filters }) {
  if (startRow !== 0 || sort.length || Object.keys(filters).length) return null;
  return [given, grid.getGridOption("context")?.first].find((first) => first?.statementId === statementId);
}

/* Lets a panel's table show another question's rows as nobody has sorted or filtered them. */
export function beginAnew(topic) {
  const grid = gridOf(topic);
  if (!grid) return;
  if (Object.keys(grid.getFilterModel()).length) grid.setFilterModel(null);
  if (grid.getColumnState().some(({ sort }) => sort)) grid.applyColumnState({ defaultState: { sort: null } });
  if (grid.getDisplayedRowCount()) grid.ensureIndexVisible(0);
}

async function askedPage(wanted) {
  const [answer] = await callCallback("page", "rowsWanted", wanted).catch(() => []);
  return answer?.[1].rows;
}

const tell = (topic, note) => setProps({ type: "table-note", topic }, { children: note, hidden: !note });

function showTotal(grid, total) {
  if (JSON.stringify(grid.getPinnedBottomRow(0)?.data ?? null) === JSON.stringify(total)) return;
  grid.setGridOption("pinnedBottomRowData", total ? [total] : []);
}

/* Sorts a panel's grid by a column, and leads the keyboard there. */
export function sortBy(topic, field) {
  const grid = gridOf(topic);
  grid.applyColumnState({ state: [{ colId: field, sort: "asc" }] });
  grid.setFocusedHeader(field);
}

/* The row at this place; the first ones also when the grid has let go of them. */
export const rowAt = (grid, at) => grid.getDisplayedRowAtIndex(at)?.data ?? asking.get(grid)?.first?.[at];
