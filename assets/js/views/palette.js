/* The search over everything the user may see: pages, panels and views. A combobox with a list of options, as in the ARIA
   Authoring Practices Guide; loaded when it is first opened. */
import { element } from "../document.js";
import { whole } from "../format.js";
import { go } from "./go.js";
import * as kept from "./kept.js";
import { viewAddress } from "./open_view.js";
import { counted, t } from "../words.js";

const results = (count) => counted("{count} result", "{count} results", count);

const MOST = 30; // options at once

let panels = [];
let shown = null; // what is open: {dialog, input, list, count, found, active}

/* Texts as they are compared: without case and accents. */
export const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

const wordStarts = (text, word) => text.split(/[^\p{L}\p{N}]+/u).some((part) => part.startsWith(word));

/* How well an entry fits: 0 is best, and null is not at all. Every word has to be found somewhere. */
export function rank({ title, words }, query) {
  const wanted = plain(query).split(/\s+/).filter(Boolean);
  const [name, all] = [plain(title), plain(words)];
  if (!wanted.every((word) => name.includes(word) || all.includes(word))) return null;
  if (name.startsWith(wanted.join(" "))) return 0;
  if (wanted.every((word) => wordStarts(name, word))) return 1;
  return wanted.every((word) => name.includes(word)) ? 2 : 3;
}

/* The entries that fit, the best first; those that fit alike keep their order. */
export function search(entries, query) {
  const ranked = entries.map((entry) => [rank(entry, query), entry]).filter(([fit]) => fit !== null);
  return ranked.sort(([one], [other]) => one - other).map(([, entry]) => entry);
}

/* Pages are what the side bar leads to. */
function pages() {
  return [...document.querySelectorAll(".side-bar a[href]")].map((link) => {
    const title = (link.querySelector(".mantine-NavLink-label") ?? link).textContent;
    return { title, about: t("Page"), words: title, href: link.getAttribute("href") };
  });
}

function entries() {
  const known = pages();
  const views = kept.views().map((view) => {
    const page = known.find(({ href }) => href === view.path)?.title ?? view.path.slice(3).replaceAll("_", " ");
    const about = `${page} · ${view.shared ? t("shared view") : t("view")}`;
    return { title: view.name, about, words: `${view.name} ${about}`, href: viewAddress(view) };
  });
  const all = panels.map(({ report, title, place, words, href }) =>
    ({ title, about: place, words: `${words} ${place}`, href, isFavourite: kept.isFavourite(report) }));
  all.sort((one, other) => other.isFavourite - one.isFavourite);
  return [...known, ...views, ...all];
}

function show() {
  const found = search(entries(), shown.input.value);
  if (JSON.stringify(found) === JSON.stringify(shown.found)) return; // what is chosen stays
  shown.found = found;
  shown.list.replaceChildren(...shown.found.slice(0, MOST).map(option));
  const words = countWords(shown.found.length);
  if (shown.count.textContent !== words) shown.count.textContent = words;
  activate(0);
}

function countWords(count) {
  if (!count) return t("Nothing has these words.");
  return count > MOST ? t("The first {most} of {results}", { most: whole(MOST), results: results(count) }) : results(count);
}

function option(entry, position) {
  const mark = entry.isFavourite ? [element("span", "icon icon-star-full")] : [];
  const made = element("div", "palette-option", element("span", "", entry.title, ...mark), element("small", "", entry.about));
  Object.assign(made, { id: `palette-${position}`, role: "option", onclick: (event) => choose(position, event) });
  return made;
}

function activate(position) {
  const options = [...shown.list.children];
  shown.active = options.length ? (position + options.length) % options.length : -1;
  options.forEach((each, at) => each.setAttribute("aria-selected", at === shown.active));
  options[shown.active]?.scrollIntoView({ block: "nearest" });
  shown.input.setAttribute("aria-activedescendant", options[shown.active]?.id ?? "");
}

function choose(position, { ctrlKey, metaKey }) {
  const entry = shown.found[position];
  if (!entry) return;
  if (ctrlKey || metaKey) return window.open(entry.href);
  shown.dialog.close();
  go(entry.href);
}

function pressed(event) {
  const page = 8;
  const moves = { ArrowDown: 1, ArrowUp: -1 };
  if (event.isComposing) return;
  if (event.key in moves) activate(shown.active + moves[event.key]);
  else if (event.key === "PageDown") activate(Math.min(shown.active + page, shown.list.children.length - 1));
  else if (event.key === "PageUp") activate(Math.max(shown.active - page, 0));
  else if (event.key === "Enter") choose(shown.active, event);
  else return;
  event.preventDefault();
}

function made() {
  const input = Object.assign(element("input", ""), {
    type: "text", role: "combobox", placeholder: t("Search pages, panels and views"), autocomplete: "off", spellcheck: false,
    ariaLabel: t("Search pages, panels and views"), ariaExpanded: "true", ariaAutoComplete: "list", oninput: show, onkeydown: pressed,
  });
  input.setAttribute("aria-controls", "palette-list");
  const list = Object.assign(element("div", "palette-list"), { id: "palette-list", role: "listbox", ariaLabel: t("Results") });
  const count = Object.assign(element("p", "palette-count"), { role: "status" });
  const dialog = Object.assign(element("dialog", "palette", input, list, count), { ariaLabel: t("Search") });
  return { dialog, input, list, count, found: null, active: 0 };
}

/* Opens the search; where it is open already, closes it. */
export function openPalette() {
  if (shown) return shown.dialog.close();
  shown = made();
  const { dialog } = shown;
  dialog.onclick = ({ target }) => {
    if (target === dialog) dialog.close(); // beside it
  };
  dialog.onclose = () => {
    dialog.remove();
    shown = null;
  };
  document.body.append(dialog);
  dialog.showModal();
  show();
  renew();
}

/* What is known is there at once; what is new follows. */
async function renew() {
  const [found, views] = await Promise.allSettled([kept.ask("GET", "/panels"), kept.load()]);
  panels = found.value?.panels ?? panels;
  const failure = found.reason ?? views.reason;
  if (shown) show();
  if (shown && failure) shown.count.textContent = failure.message;
}
