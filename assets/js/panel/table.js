/* Loads what tables are made of once somebody opens one: AG Grid, and the functions by which its cells are ordered. */
import { gridUrl, loadScript } from "../document.js";
import "../../dashAgGridFunctions.js";

export const loadGrid = () => loadScript(gridUrl());

/* The grid of a panel's table; null while it is not there, or its rows are still on the way. */
export function gridOf(topic) {
  try {
    return window.dash_ag_grid.getApi({ type: "table-rows", topic });
  } catch {
    return null;
  }
}
