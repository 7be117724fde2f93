/* Starts of jobs: the values of a job's form, the question before a start, its message, and the same for approvals and
   cancels. One start is one run: its id is given when the question is asked, and the message is sent again under that id
   until the gateway has answered. */
import { setProps } from "../document.js";
import { asRead, isEmpty, toWire } from "../page/filter_values.js";
import { newId } from "../page/requests.js";
import socket from "../wire/socket.js";
import { arrivedAtJobs, isJobsPage, refreshSoon } from "./live.js";
import { noop, t } from "../words.js";

const AGAIN_AFTER = 2_000; // milliseconds, when the gateway has lost a message
const MAX_TRIES = 4;
const NOT_LIVE = noop("There is no connection right now, so nothing was sent. Please try again when it is back.");

let jobs = {}; // id -> {title, confirm, terms, parameters}
let forms = {}; // id -> name -> the value of its control
let asked = null; // the start that the open dialog asks about
const unanswered = new Map(); // run id -> {message, tries}
const pressed = new Set(); // runs that were cancelled or approved here

const controlId = (job, { name, type }) => ({ type: "job-control", job, name, kind: type });
const say = (job, words) => isJobsPage() && setProps({ type: "job-note", job }, { children: words });

/* Takes the jobs of the page and the values of their forms. */
export function jobForms(known, values, ids) {
  jobs = known ?? {};
  forms = {};
  ids.forEach(({ job, name }, position) => ((forms[job] ??= {})[name] = values[position]));
  if (known) arrivedAtJobs();
  return window.dash_clientside.no_update;
}

// -------------------------------------------------------------------------------------------------------- the dialog

/* The values of a form on the wire; where one is missing, its control says so, and it is null. */
function parametersOf(job, form) {
  const found = {};
  let isComplete = true;
  for (const parameter of jobs[job].parameters) {
    const value = toWire(parameter.type, form[parameter.name]);
    const known = isEmpty(value) ? parameter.default : value;
    if (isEmpty(known)) isComplete = false;
    else found[parameter.name] = known;
    setProps(controlId(job, parameter), { error: isEmpty(known) ? t("A value is needed") : null });
  }
  return isComplete ? found : null;
}

const dash = (type, children) => ({ namespace: "dash_html_components", type, props: { children } });

function ask(job, form) {
  const parameters = parametersOf(job, form);
  if (!parameters) return;
  const { title, confirm, terms, parameters: known } = jobs[job];
  asked = { action: "start", topicName: job, job, parameters, runId: newId() };
  const read = (name) => asRead(known.find((each) => each.name === name), parameters[name]);
  const question = confirm ? confirm.replace(/\{(\w+)\}/g, (_, name) => read(name)) : t("Start “{title}”?", { title });
  const values = known.flatMap(({ name, label }) => [dash("Dt", label), dash("Dd", read(name))]);
  setProps("job-question", { children: question });
  setProps("job-terms", { children: [...values, dash("Dt", t("Then")), dash("Dd", terms)] });
  setProps("job-dialog-note", { children: "" });
  setProps("job-dialog", { opened: true, title });
}

function fillAndAsk(text) {
  const { job, values } = JSON.parse(text);
  for (const { name, kind, value } of values) setProps(controlId(job, { name, type: kind }), { value });
  ask(job, Object.fromEntries(values.map(({ name, value }) => [name, value])));
}

function dismiss() {
  asked = null;
  setProps("job-dialog", { opened: false });
}

function confirm() {
  if (!asked) return; // the second press of two
  if (!socket.isLive()) return setProps("job-dialog-note", { children: t(NOT_LIVE) });
  const message = asked;
  dismiss();
  unanswered.set(message.runId, { message, tries: 0 });
  say(message.job, t("Asking for it."));
  sendUnanswered();
}

// ---------------------------------------------------------------------------------------------------------- messages

function sendUnanswered() {
  for (const [runId, start] of unanswered) {
    start.tries += 1;
    if (start.tries > MAX_TRIES) end(runId, t("The gateway does not answer. Look at the runs whether it was started."));
    else socket.send(start.message);
  }
}

function end(runId, words) {
  say(unanswered.get(runId)?.message.job, words);
  unanswered.delete(runId);
}

function receive({ type, runId, job, code, shared, message }) {
  if (type === "rejected") return rejected(runId, code, message);
  if (!job || !unanswered.has(runId)) return;
  end(runId, shared ? t("It is under way already with these values: this is that run.") : "");
  showRuns();
}

/* The runs stand beside the forms and scroll by themselves; on a phone they are below. */
function showRuns() {
  const list = document.querySelector(".job-history");
  const { top } = list?.getBoundingClientRect() ?? { top: 0 };
  list?.scrollTo({ top: 0 });
  if (top > innerHeight - 100) list.scrollIntoView();
}

function rejected(runId, code, message) {
  if (code === "expired") return; // `runs.js` renews the sign-in; the message is sent again on the next socket
  if (unanswered.has(runId)) return end(runId, t(message));
  if (pressed.delete(runId)) return notify(runId, t(message));
  if (!runId && unanswered.size) setTimeout(sendUnanswered, AGAIN_AFTER);
}

function notify(runId, message) {
  const shown = { action: "show", id: `job-refused-${runId}`, title: t("Nothing was changed"), message, color: "red" };
  setProps("notifications", { sendNotifications: [{ ...shown, autoClose: 10_000 }] });
  enable(runId, true);
  refreshSoon();
}

/* The button is off until the run is another, or the gateway has refused. */
const press = (action) => (runId) => {
  pressed.add(runId);
  if (!socket.send({ action, runId })) return notify(runId, t(NOT_LIVE));
  enable(runId, false);
};

function enable(runId, isOn) {
  for (const name of ["cancel-job", "approve-job"]) {
    const button = document.getElementById(`${name}-${runId}`);
    if (button) button.disabled = !isOn;
  }
}

/* What buttons with `data-action` do. */
export const jobActions = {
  "start-job": (job) => ask(job, forms[job] ?? {}),
  "job-again": fillAndAsk,
  "confirm-job": confirm,
  "dismiss-job": dismiss,
  "cancel-job": press("cancel"),
  "approve-job": press("approve"),
};

export function start() {
  socket.on("message", receive);
  socket.on("live", sendUnanswered);
}
