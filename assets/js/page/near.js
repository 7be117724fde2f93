/* Which panels are near the screen: those farther below run once somebody scrolls there. */
import { panelElement } from "../document.js";
import { want } from "./requests.js";

const NEAR = 1000; // pixels below the screen
const TOP = 250; // about where the grid begins
const NUMBER_HEIGHT = 165;
const CHART_HEIGHT = 400;
const COLUMNS = { quarter: 3, third: 4, half: 6, "two-thirds": 8, full: 12 };

let observer = null;

/* How many of the grid's twelve columns a panel takes on a window of this width; as `panels.css` has it. */
function span(size, width) {
  const columns = COLUMNS[size] ?? 6;
  if (width <= 600) return 12;
  return width <= 1100 ? (columns <= 4 ? 6 : 12) : columns;
}

/* The topics that will be near the screen, before there is a page: by the grid's columns and the panels' heights. */
export function nearTopics(specs, width, height) {
  const near = [];
  let [top, column, rowHeight] = [TOP, 0, 0];
  for (const { topic, size, kind } of specs) {
    if (column + span(size, width) > 12) [top, column, rowHeight] = [top + rowHeight, 0, 0];
    if (top > height + NEAR) break;
    near.push(topic);
    column += span(size, width);
    rowHeight = Math.max(rowHeight, kind === "number" ? NUMBER_HEIGHT : CHART_HEIGHT);
  }
  return near;
}

function cameNear(entries) {
  const elements = entries.filter((entry) => entry.isIntersecting).map((entry) => entry.target);
  elements.forEach((element) => observer.unobserve(element));
  if (elements.length) want(elements.map((element) => element.dataset.topic));
}

/* Runs a panel once it is near the screen; returns how to stop watching. */
export function watchNear(topic) {
  const element = panelElement(topic);
  observer ??= new IntersectionObserver(cameNear, { rootMargin: `${NEAR}px` });
  if (element) observer.observe(element);
  return () => element && observer.unobserve(element);
}
