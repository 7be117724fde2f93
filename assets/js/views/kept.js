/* What the user keeps, saved views and favourites, as the server has it. Favourites are read once the first page stands;
   all is read when the dialog of views or the search is opened. The routes are `dashboard/views/routes.py`. */
import { refuse } from "../downloads/transfers.js";
import { panelsPainted } from "../panel/first_frame.js";
import socket from "../wire/socket.js";
import { t } from "../words.js";

let kept = { views: [], favourites: [] };
const listeners = new Set();

export function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function set(changes) {
  kept = { ...kept, ...changes };
  listeners.forEach((listener) => listener());
}

export const views = () => kept.views;
export const isFavourite = (report) => kept.favourites.includes(report);

/* The answer to a request, null for one without a body; throws an error with a sentence for the user. */
export async function ask(method, path, sent) {
  const headers = { Accept: "application/json", ...(sent && { "Content-Type": "application/json" }) };
  const answer = await fetch(path, { method, headers, body: sent && JSON.stringify(sent) }).catch(() => null);
  if (socket.whyStopped() === "signed-out") throw new Error(t("Your session has ended. Sign in again, then repeat this."));
  if (answer?.status === 204) return null;
  const body = await answer?.json().catch(() => null);
  if (!answer?.ok || !body) throw new Error(body?.error?.message ?? t("The server does not answer right now. Please try again."));
  return body;
}

let changes = 0; // of favourites and views, made here

/* Reads it anew, everything or favourites alone; once more when something was changed meanwhile. Throws as `ask` does. */
export async function load(path = "/views") {
  const before = changes;
  const found = await ask("GET", path);
  if (changes !== before) return load(path);
  if (found) set(found);
}

/* Changes something on the server; whatever is read meanwhile is read once more. */
async function change(...request) {
  changes += 1;
  try {
    return await ask(...request);
  } finally {
    changes += 1;
  }
}

/* Keeps a view, and returns it as the server has it. */
export async function saveView({ id, name, path, query, shared }) {
  const { view } = await change("PUT", `/views/${id}`, { name, path, query, shared });
  const others = kept.views.filter((each) => each.id !== id);
  set({ views: [...others, view].sort((one, other) => one.name.localeCompare(other.name)) });
  return view;
}

export async function deleteView(id) {
  await change("DELETE", `/views/${id}`);
  set({ views: kept.views.filter((each) => each.id !== id) });
}

/* Makes a report a favourite, or none: on the page at once, and as it was when the server refuses. */
export async function setFavourite(report, isOne, title) {
  const others = () => kept.favourites.filter((each) => each !== report);
  const show = (wanted) => set({ favourites: wanted ? [...others(), report] : others() });
  show(isOne);
  try {
    await change(isOne ? "PUT" : "DELETE", `/favourites/${report}`);
  } catch (error) {
    show(!isOne);
    refuse(title, error.message);
  }
}

/* Where that fails no star is set; the dialogs read it again, and tell. */
export const start = () => panelsPainted.then(() => load("/favourites")).catch(() => {});
