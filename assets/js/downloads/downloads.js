/* Downloads: the rows of a panel in several formats, the page as a workbook, charts as pictures, and exports by the
   warehouse. Called by the panels' menus and by buttons with `data-action`; `dashboard/downloads/routes.py` answers. */
import { downloadPicture } from "../panel/chart.js";
import { panelElement, setProps } from "../document.js";
import { byteSize, whole } from "../format.js";
import { describe } from "../page/open_page.js";
import { allEnded, allShown, newId } from "../page/requests.js";
import { showAll as showAllTabs } from "../page/tabs.js";
import * as runs from "../wire/runs.js";
import { openTransfer, refuse } from "./transfers.js";
import { noop, rows, t } from "../words.js";

const CHUNK = 16 * 2 ** 20; // bytes; so much is collected before the browser may put it on its disk
const EXCEL_ROWS = 1_048_575;
const EXPORT_TIMEOUT = 24 * 3600; // seconds
const NOT_FINISHED = noop("There are rows to download once this panel has finished.");

async function errorMessage(answer) {
  const body = await answer.json().catch(() => null);
  return body?.error?.message ?? t("The download could not be made. Please try again.");
}

export function fileName(header) {
  const encoded = header?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
  return encoded ? decodeURIComponent(encoded) : (header?.match(/filename="?([^";]+)"?/)?.[1] ?? "download");
}

/* The whole body, part by part; an answer that breaks off throws, so that no half of a file is ever kept. */
async function readBody(answer, progress) {
  const parts = [];
  let chunks = [];
  let size = 0;
  let collected = 0;
  for (const reader = answer.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) return new Blob([...parts, ...chunks]);
    chunks.push(value);
    size += value.length;
    collected += value.length;
    if (collected > CHUNK) {
      parts.push(new Blob(chunks));
      chunks = [];
      collected = 0;
    }
    progress(size);
  }
}

function save(blob, name) {
  const link = Object.assign(document.createElement("a"), { href: URL.createObjectURL(blob), download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

async function fetchFile(address, transfer, signal) {
  try {
    const answer = await fetch(address, { signal, headers: { Accept: "application/json" } });
    if (!answer.ok) return transfer.end("failed", await errorMessage(answer));
    const estimate = Number(answer.headers.get("X-Estimated-Bytes"));
    const blob = await readBody(answer, (bytes) => transfer.progress(bytes, estimate));
    save(blob, fileName(answer.headers.get("Content-Disposition")));
    transfer.end("done", t("{size}, done", { size: byteSize(blob.size) }));
  } catch (error) {
    const isCancelled = error.name === "AbortError";
    transfer.end("failed", isCancelled ? t("Cancelled. Nothing was kept.") : t("The download broke off. Nothing was kept; start it again."));
  }
}

// ------------------------------------------------------------------------------------------------------------- panels

/* Downloads the rows of a panel. */
export function download(topic, form) {
  const { spec, event, state } = describe(topic);
  if (state !== "finished") return refuse(spec.title, t(NOT_FINISHED));
  if (form === "xlsx" && event.rows > EXCEL_ROWS) {
    const has = { most: rows(EXCEL_ROWS), count: whole(event.rows) };
    return refuse(spec.title, t("A sheet of Excel holds {most}, and this has {count}. Take CSV or Parquet instead.", has));
  }
  const control = new AbortController();
  const transfer = openTransfer(`${spec.title}, ${form.toUpperCase()}`, () => control.abort());
  fetchFile(`/download/${event.statementId}.${form}`, transfer, control.signal);
}

/* Downloads all panels of the page as one workbook; those that nobody has scrolled to run first. */
export async function workbook() {
  const title = pageTitle();
  const control = new AbortController();
  const transfer = openTransfer(title, () => control.abort());
  const panels = await allOfThePage(transfer, control.signal, allEnded);
  if (!panels) return;
  const finished = panels.filter(({ spec, event }) => spec.download && event?.type === "finished");
  if (!finished.length) return transfer.end("failed", t("No panel of this page has rows to download."));
  const ids = finished.map(({ event }) => ["statement", event.statementId]);
  fetchFile(`/download/page.xlsx?${new URLSearchParams([...ids, ["title", title]])}`, transfer, control.signal);
}

/* Prints the page, as the browser does (`page/paper.js` lays it out); panels that nobody has scrolled to run first. */
export async function printPage() {
  const control = new AbortController();
  const transfer = openTransfer(pageTitle(), () => control.abort());
  const hideOthers = showAllTabs();
  try {
    if (!(await allOfThePage(transfer, control.signal, allShown))) return;
    transfer.end("done", t("Ready to print"));
    window.print();
  } finally {
    hideOthers();
  }
}

const pageTitle = () => document.querySelector("#content h1")?.textContent ?? t("Page");

/* What `wanted` returns of the page's panels once they are ready; nothing when it is cancelled before. */
async function allOfThePage(transfer, signal, wanted) {
  transfer.say(t("Waiting for all panels of the page"));
  const panels = await Promise.race([wanted(), aborted(signal)]);
  if (!signal.aborted) return panels;
  return transfer.end("failed", t("Cancelled. Nothing was kept."));
}

const aborted = (signal) => new Promise((resolve) => signal.addEventListener("abort", () => resolve([]), { once: true }));

/* Downloads a panel's chart. */
export function picture(topic, form) {
  const { spec, state } = describe(topic);
  const element = panelElement(topic)?.querySelector(".js-plotly-plot");
  if (state !== "finished" || !downloadPicture(element, form, spec.title)) {
    refuse(spec.title, t("There is no chart to download."));
  }
}

// ------------------------------------------------------------------------------------------------------------ exports

/* Has the warehouse write all rows of a panel's question into a file. */
export function exportRows(topic, form) {
  const { spec, parameters } = describe(topic);
  if (!parameters) return refuse(spec.title, t("Choose the filters of this panel first."));
  const runId = newId();
  const message = { action: "export", topicName: `export.${runId}`, report: spec.report, parameters, format: form, runId };
  runs.requestRuns([{ message, about: { timeoutSeconds: EXPORT_TIMEOUT, title: spec.title, page: "/exports" } }]);
  const words = t("The warehouse writes the file. You may close this page; it will be among your exports.");
  notify(runId, t("Exporting {title}", spec), words, 8_000);
}

function notify(id, title, message, autoClose) {
  setProps("notifications", { sendNotifications: [{ action: "show", id, title, message, autoClose }] });
}

/* By an id of its own: a notification that is still in sight is not shown a second time. */
function notifyEnd(runId, title, message) {
  setProps("notifications", { hideNotifications: [runId] });
  notify(`${runId}.end`, title, message, false);
}

const link = (text, href) => ({ namespace: "dash_core_components", type: "Link", props: { children: text, href } });

function exportEnded(run, event) {
  if (run.message.action !== "export") return;
  const { runId } = run.message;
  if (location.pathname === "/exports") setProps("exports-changed", { data: Date.now() });
  if (event.type === "exported") {
    const facts = t("{rows}, {size}. Fetch the file", { rows: rows(event.rows), size: byteSize(event.bytes) });
    notifyEnd(runId, t("{title} is exported", run), link(facts, "/exports"));
  } else if (event.type === "failed" || event.type === "rejected") {
    notifyEnd(runId, t("{title} was not exported", run), t(event.message));
  }
}

/* Follows a link to an export's file, which is made when it is asked for. */
export async function fetchExport(runId) {
  const answer = await fetch(`/exports/${encodeURIComponent(runId)}/link`);
  if (!answer.ok) return refuse(t("Export"), await errorMessage(answer));
  location.assign((await answer.json()).url);
}

export const start = () => runs.on("ended", exportEnded);
