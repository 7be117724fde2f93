/* A button that opens something below it: a menu of actions, or a dialog. What it opens is made on opening.
   Keyboard and roles: the "menu button" pattern of the ARIA Authoring Practices Guide. */
import { t } from "../words.js";

const h = (...parts) => window.React.createElement(...parts);

/* Clicks into what Mantine's controls open belong to the dialog that holds the controls. */
const INSIDE = "[data-portal], .mantine-Popover-dropdown, .mantine-Combobox-dropdown";

function useOpened() {
  const { useEffect, useRef, useState } = window.React;
  const [opened, setOpened] = useState(false);
  const root = useRef(null);
  useEffect(() => {
    if (!opened) return undefined;
    const outside = ({ target }) => {
      if (!root.current?.contains(target) && !target.closest?.(INSIDE)) setOpened(false);
    };
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, [opened]);
  return [opened, setOpened, root];
}

function Target({ shape, label, opened, popup, toggle, button }) {
  return h("button", {
    type: "button", className: "icon-button", ref: button, "aria-label": label, title: label,
    "aria-haspopup": popup, "aria-expanded": opened, onClick: toggle,
  }, h("span", { className: `icon icon-${shape}` }));
}

/* A menu. `items` are `{label, onSelect}`, and `{heading}` above those that belong together. */
export function Menu({ shape, label, items }) {
  const { useEffect, useRef } = window.React;
  const [opened, setOpened, root] = useOpened();
  const list = useRef(null);
  const button = useRef(null);
  useEffect(() => {
    if (opened) focusItem(list.current, 0);
  }, [opened]);
  const close = () => {
    setOpened(false);
    button.current?.focus();
  };
  const select = (item) => {
    close();
    item.onSelect();
  };
  return h("div", { className: "menu", ref: root },
    h(Target, { shape, label, opened, button, popup: "menu", toggle: () => setOpened(!opened) }),
    opened && h("div", {
      className: "menu-list", role: "menu", "aria-label": label, ref: list, onKeyDown: (event) => menuKey(event, list.current, close),
    }, items.map((item) => (item.heading
      ? h("div", { key: item.heading, className: "menu-heading", role: "presentation" }, item.heading)
      : h("button", { key: item.label, type: "button", role: "menuitem", tabIndex: -1, onClick: () => select(item) }, item.label)))));
}

function focusItem(list, position) {
  const items = [...list.querySelectorAll("[role=menuitem]")];
  items.at(position % items.length)?.focus();
}

function menuKey(event, list, close) {
  const items = [...list.querySelectorAll("[role=menuitem]")];
  const at = items.indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  if (event.key in moves) focusItem(list, moves[event.key]);
  else if (event.key === "Escape") close();
  else if (event.key === "Tab") return close();
  else if (event.key.length === 1 && event.key !== " ") items.find((item) => startsWith(item, event.key))?.focus();
  else return;
  event.preventDefault();
  event.stopPropagation();
}

const startsWith = (item, letter) => item.textContent.toLowerCase().startsWith(letter.toLowerCase());

/* A small dialog below its button. `onOpen` is called on opening; `children` stand in it. */
export function Dialog({ shape, label, onOpen, children }) {
  const { useEffect, useRef } = window.React;
  const [opened, setOpened, root] = useOpened();
  const button = useRef(null);
  const body = useRef(null);
  useEffect(() => {
    if (opened) body.current?.querySelector("button, input, [tabindex]")?.focus();
  }, [opened, Boolean(children)]);
  const toggle = () => {
    if (!opened) onOpen();
    setOpened(!opened);
  };
  const onKeyDown = (event) => {
    if (event.key !== "Escape" || !opened) return;
    setOpened(false);
    button.current?.focus();
  };
  return h("div", { className: "menu", ref: root, onKeyDown },
    h(Target, { shape, label, opened, button, popup: "dialog", toggle }),
    (opened || children) && h("div", { className: "menu-list menu-dialog", role: "dialog", "aria-label": label, hidden: !opened, ref: body },
      children ?? h("p", { className: "own-words", role: "status" }, t("Loading …"))));
}
