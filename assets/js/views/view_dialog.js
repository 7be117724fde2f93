/* The dialog of a page's views: the list to open, change and delete them, and the form that saves what the page shows.
   Loaded when it is first opened. */
import { element } from "../document.js";
import { describe, openPage } from "../page/open_page.js";
import { newId } from "../page/requests.js";
import { go } from "./go.js";
import * as kept from "./kept.js";
import { becomes, filtersOf, openView, show, viewAddress } from "./open_view.js";
import { t } from "../words.js";

const MOST_NAME = 80;

const button = (className, words, onclick) => Object.assign(element("button", className, words), { type: "button", onclick });

/* The filters of a view in words: the page's by their labels, a panel's own ones behind its title. */
export function filterWords(query) {
  const found = [...new URLSearchParams(filtersOf(query))].map(([key, value]) => {
    if (key === "tab") return t("Tab {title}", { title: document.querySelector(`[data-tab="${CSS.escape(value)}"]`)?.textContent ?? value });
    const [name, topic] = key.split(".").reverse();
    const label = openPage().filters.find((each) => each.name === name)?.label ?? name.replaceAll("_", " ");
    return `${topic ? `${describe(topic)?.spec.title ?? topic}: ` : ""}${label} ${value.replaceAll(",", ", ")}`;
  });
  return found.join(" · ") || t("The filters as they are by default");
}

const pagePath = () => location.pathname.replace(/\/$/, "");
const viewsHere = () => kept.views().filter(({ path }) => path === pagePath());
const pageTitle = () => document.querySelector("#content h1").textContent;

/* Opens the dialog for the page that is open. */
export function openViews() {
  if (document.querySelector("dialog.views")) return;
  const place = element("div", "view-groups");
  const form = makeForm();
  const heading = Object.assign(element("h2", "", t("Views of {page}", { page: pageTitle() })), { id: "views-title" });
  const close = Object.assign(button("icon-button", element("span", "icon icon-close"), () => dialog.close()), { ariaLabel: t("Close") });
  const dialog = element("dialog", "views", element("header", "", heading, close), place, form.element);
  dialog.setAttribute("aria-labelledby", heading.id);
  let listed = null;
  const list = () => {
    const now = JSON.stringify([viewsHere(), openView()?.id]);
    if (now === listed) return; // what has the focus keeps it
    listed = now;
    place.replaceChildren(...groups(form, dialog));
  };
  const stop = kept.subscribe(list);
  dialog.onclick = ({ target }) => {
    if (target === dialog) dialog.close(); // beside it
  };
  dialog.onclose = () => {
    stop();
    dialog.remove();
  };
  form.onSaved = () => dialog.close();
  document.body.append(dialog);
  list();
  dialog.showModal();
  form.name.focus();
  kept.load().catch((error) => form.say(error.message));
}

// --------------------------------------------------------------------------------------------------------------- list

function groups(form, dialog) {
  const here = viewsHere();
  const parts = [[t("Only for you"), here.filter(({ shared }) => !shared)], [t("For the department"), here.filter(({ shared }) => shared)]];
  return parts.filter(([, views]) => views.length).flatMap(([title, views]) =>
    [element("h3", "", title), element("ul", "", ...views.map((view) => line(view, form, dialog)))]);
}

function line(view, form, dialog) {
  const link = Object.assign(element("a", "", element("strong", "", view.name), element("small", "", facts(view))), { href: viewAddress(view) });
  link.onclick = (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    dialog.close();
    go(link.href);
  };
  const made = element("li", "", link, ...(view.mayChange ? tools(view, form) : []));
  if (openView()?.id === view.id) made.setAttribute("aria-current", "true");
  return made;
}

const facts = ({ query, mine, ownerName }) => [filterWords(query), ...(mine ? [] : [t("by {who}", { who: ownerName })])].join(" · ");

function tools(view, form) {
  const edit = button("quiet-button", t("Edit"), () => form.edit(view));
  const remove = button("quiet-button", t("Delete"), () => askFirst(remove, view, form));
  edit.ariaLabel = t("Edit {name}", view);
  remove.ariaLabel = t("Delete {name}", view);
  return [edit, remove];
}

/* The second press deletes. */
async function askFirst(remove, view, form) {
  if (!remove.dataset.asked) {
    Object.assign(remove, { textContent: t("Delete it?"), ariaLabel: t("Delete {name} for good?", view), onblur: () => putBack(remove, view) });
    return (remove.dataset.asked = "yes");
  }
  remove.onblur = null; // it goes, and with it the focus
  try {
    await kept.deleteView(view.id);
    if (openView()?.id === view.id) closeView();
    form.edit(null);
  } catch (error) {
    form.say(error.message);
  }
}

function putBack(remove, { name }) {
  Object.assign(remove, { textContent: t("Delete"), ariaLabel: t("Delete {name}", { name }) });
  delete remove.dataset.asked;
}

/* The page stays as it is, and is no view's any more. */
function closeView() {
  const query = filtersOf(location.search);
  history.replaceState(history.state, "", location.pathname + (query && `?${query}`) + location.hash);
  show(null);
}

// --------------------------------------------------------------------------------------------------------------- form

/* One form saves what the page shows as a new view, and changes the name of one that there is. */
function makeForm() {
  const name = Object.assign(element("input", ""), { type: "text", required: true, maxLength: MOST_NAME, autocomplete: "off" });
  const shared = Object.assign(element("input", ""), { type: "checkbox" });
  const title = element("h3", "");
  const about = element("p", "view-about");
  const error = Object.assign(element("p", "view-error"), { role: "alert" });
  const save = Object.assign(element("button", "main-button", t("Save")), { type: "submit" });
  const back = button("plain-button", t("Cancel"), () => form.edit(null));
  const form = { newId: newId(), name, onSaved() {}, say: (words) => (error.textContent = words) };
  form.edit = (view) => {
    title.textContent = view ? t("Edit “{name}”", view) : t("Save what this page shows");
    about.textContent = filterWords(view ? view.query : location.search);
    Object.assign(name, { value: view?.name ?? "" });
    Object.assign(shared, { checked: view?.shared ?? false, disabled: Boolean(view && !view.mine) });
    back.hidden = !view;
    form.view = view;
    form.say("");
    name.focus();
  };
  const everybody = element("label", "view-shared", shared, t("For everybody who sees {page}", { page: pageTitle() }));
  const field = element("label", "view-name", t("Name"), name);
  form.element = element("form", "", title, about, field, everybody, error, element("div", "view-buttons", back, save));
  form.element.onsubmit = (event) => submit(event, form, { name: name.value.trim(), shared: shared.checked }, save);
  form.edit(null);
  return form;
}

async function submit(event, form, said, save) {
  event.preventDefault();
  save.disabled = true;
  try {
    const known = form.view ?? { id: form.newId, path: pagePath(), query: filtersOf(location.search) };
    if (viewsHere().some(({ id, name, shared }) => id !== known.id && name === said.name && shared === said.shared)) {
      throw new Error(t("There is a view of this name already. Take another name, or delete that one first."));
    }
    const view = await kept.saveView({ ...known, ...said });
    if (!form.view) becomes(view);
    else if (openView()?.id === view.id) show(view);
    if (form.view) form.edit(null);
    else form.onSaved();
  } catch (error) {
    form.say(error.message);
  } finally {
    save.disabled = false;
  }
}
