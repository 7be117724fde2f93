/* Loads what tables are made of once somebody opens one: AG Grid, and the functions by which its cells are ordered. */
import { gridUrl, loadScript } from "../document.js";
import "../../dashAgGridFunctions.js";

export const loadGrid = () => loadScript(gridUrl());
