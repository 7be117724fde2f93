/* Long lists of choices: the page has the first ones, and the server finds what is typed (`dashboard/filters/choices.py`). A
   control of such a list has `data-statement`, whose rows they are, and `data-searched`, the text that it shows the
   choices of. Each change of either, of the text or of the value is looked at once typing pauses. */
import { setProps } from "../document.js";
import { callCallback } from "../wire/callback.js";
import { isSame } from "./filter_values.js";
import * as page from "./open_page.js";
import { requestSources } from "./requests.js";

const PAUSE = 250; // milliseconds
const MAX_TEXT = 200; // as the server takes
const LONG = "input[data-statement]";
const CHOSEN = "\0chosen"; // the group of what is chosen and not offered

const asking = new Map(); // the id of a control -> what was asked last and is not answered yet
const lost = new Set(); // statements whose rows could not be had
let timer = 0;

/* What Mantine offers of a control's data: the server has searched it. */
export const offered = ({ options }) => options.filter(({ group }) => group !== CHOSEN);

/* Looks at all long lists once nothing has happened for a moment. */
export function lookSoon() {
  clearTimeout(timer);
  timer = setTimeout(() => document.querySelectorAll(LONG).forEach(look), PAUSE);
}

/* Asks for what a control should offer, unless it does. */
function look(input) {
  const wanted = wantedBy(input);
  if (!wanted) asking.delete(input.id);
  else if (!isSame(asking.get(input.id), wanted)) ask(input, wanted);
}

/* What a control should offer; null where it does: the text that is typed, and its value to be among its data. */
function wantedBy(input) {
  const { name, kind } = JSON.parse(input.id);
  const filter = page.openPage().filters.find((each) => each.name === name && each.kind === kind);
  const { data = [], value } = window.dash_component_api.getLayout(JSON.parse(input.id))?.props ?? {};
  if (!filter) return null;
  const known = new Map(data.flatMap(({ items }) => items).map((option) => [option.value, option.label]));
  const text = typed(input, known.get(value));
  const isWhole = [value ?? []].flat().every((each) => known.has(each));
  if (isWhole && text === input.dataset.searched) return null;
  return { name, kind, page: filter.pageId ?? page.openPage().pageId, statementId: input.dataset.statement, text, chosen: value ?? null };
}

/* What somebody types; the label of what is chosen stands there as well. */
function typed(input, label) {
  if (document.activeElement !== input || input.value === label) return "";
  return input.value.trim().slice(0, MAX_TEXT);
}

async function ask(input, wanted) {
  asking.set(input.id, wanted);
  const [answer] = await callCallback("page", "choicesWanted", wanted).catch(() => []);
  if (asking.get(input.id) !== wanted) return; // something else is wanted by now
  asking.delete(input.id);
  if (input.dataset.statement !== wanted.statementId) return lookSoon();
  if (answer) setProps(...answer);
  else renew(wanted);
}

/* Runs the report of a list whose rows are no longer kept, once; the list is looked at when the new ones are there. */
function renew({ name, kind, statementId }) {
  if (lost.has(statementId)) return;
  lost.add(statementId);
  const filter = page.openPage().filters.find((each) => each.name === name && each.kind === kind);
  for (const source of filter.sources) source.asked = null;
  requestSources();
}

/* Somebody chooses: an answer that comes in this moment could lack what is chosen. */
function hold({ type, key }) {
  const isChoice = type === "pointerdown" || key === "Enter";
  if (!isChoice || !asking.size) return;
  asking.clear();
  lookSoon();
}

export function start() {
  for (const type of ["input", "focusout"]) addEventListener(type, ({ target }) => target.matches?.(LONG) && lookSoon());
  for (const type of ["pointerdown", "keydown"]) addEventListener(type, hold, true);
}
