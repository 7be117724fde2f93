/* The star in a panel's head: whether its report is one of the user's favourites. */
import { isFavourite, setFavourite, subscribe } from "./kept.js";
import { t } from "../words.js";

export function Star({ spec: { report, title } }) {
  const { createElement: h, useSyncExternalStore } = window.React;
  const isOne = useSyncExternalStore(subscribe, () => isFavourite(report));
  const label = t("Favourite: {title}", { title });
  return h("button", {
    type: "button", className: "icon-button star", "aria-pressed": isOne, "aria-label": label,
    title: isOne ? t("One of your favourites") : t("Add to your favourites"), onClick: () => setFavourite(report, !isOne, title),
  }, h("span", { className: `icon icon-star${isOne ? "-full" : ""}` }));
}
