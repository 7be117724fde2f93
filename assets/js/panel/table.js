/* What grids are made of: AG Grid, and the functions by which its cells are ordered. Loaded when a panel needs the first one. */
import { gridUrl, loadScript } from "../document.js";
import "../../dashAgGridFunctions.js";

export const loadGrid = () => loadScript(gridUrl());
