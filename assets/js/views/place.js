/* A panel that stands away from its own page, such as a favourite on the home page: its title leads there, and its line
   says of which department it is, and with which filters. */
import { describe } from "../page/open_page.js";
import { follow } from "./go.js";

export const PanelTitle = ({ spec: { title, place } }) =>
  place ? window.React.createElement("a", { href: place.href, onClick: follow }, title) : title;

export function panelWords({ topic, description, place }) {
  if (!place) return description;
  const values = Object.entries(describe(topic)?.parameters ?? {}).map(([name, value]) => `${place.labels[name]} ${[value].flat().join(", ")}`);
  return [place.title, ...values].join(" · ");
}
