/* Taking rows away: downloads with their progress, charts as pictures, exports and their links. The panels' menus and
   the pages of exports call it by `data-action`; `dashboard/downloads/routes.py` answers. Comes after runs, panels and page. */
(() => {
  "use strict";

  const { pushboard } = window;
  const { listeners } = pushboard;
  const set = (id, props) => window.dash_clientside?.set_props?.(id, props);

  const PIECE = 16 * 2 ** 20; // bytes; so much is kept as chunks before the browser may put it on its disk
  const STAYS = 6_000; // a transfer that is done stays in sight so long
  const EXCEL_ROWS = 1_048_575;
  const DAY = 24 * 3600;

  const panelOf = (topic) => document.querySelector(`[data-topic="${CSS.escape(topic)}"]`);
  const titleOf = (topic) => panelOf(topic)?.getAttribute("aria-label") ?? topic;

  function sized(bytes) {
    const units = ["B", "KB", "MB", "GB"];
    const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
    return `${(bytes / 1000 ** power).toFixed(power && bytes / 1000 ** power < 100 ? 1 : 0)} ${units[power]}`;
  }

  // ------------------------------------------------------------------------------------------ what is being taken away

  function element(tag, className, text = "") {
    const made = document.createElement(tag);
    made.className = className;
    made.textContent = text;
    return made;
  }

  /* A line of the tray: what, how far, and a way to end it. */
  function opened(title, cancel) {
    const line = element("div", "transfer");
    const head = element("strong", "transfer-title", title);
    const words = element("span", "transfer-words", "Asking for the rows");
    const bar = element("progress", "transfer-bar");
    const button = element("button", "quiet-button", "Cancel");
    button.type = "button";
    bar.setAttribute("aria-label", title);
    line.append(head, button, words, bar);
    document.getElementById("transfers").append(line);
    button.onclick = () => (line.dataset.state ? line.remove() : cancel());
    const end = (state, text) => {
      line.dataset.state = state;
      words.textContent = text;
      bar.remove();
      button.textContent = "Close";
      if (state === "done") setTimeout(() => line.remove(), STAYS);
    };
    const move = (got, about) => {
      if (about) Object.assign(bar, { max: 1, value: Math.min(got / about, 0.99) });
      words.textContent = about > got ? `${sized(got)} of about ${sized(about)}` : sized(got);
    };
    return { end, move };
  }

  async function told(answer) {
    const body = await answer.json().catch(() => null);
    return body?.error?.message ?? "The download could not be made. Please try again.";
  }

  function nameIn(header) {
    const encoded = header?.match(/filename\*=UTF-8''([^;]+)/i)?.[1];
    return encoded ? decodeURIComponent(encoded) : (header?.match(/filename="?([^";]+)"?/)?.[1] ?? "download");
  }

  /* The whole body, part by part; an answer that breaks off throws, so that no half of a file is ever kept. */
  async function read(answer, heard) {
    const parts = [];
    let chunks = [];
    let size = 0;
    let loose = 0;
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) return new Blob([...parts, ...chunks]);
      chunks.push(value);
      size += value.length;
      loose += value.length;
      if (loose > PIECE) {
        parts.push(new Blob(chunks));
        chunks = [];
        loose = 0;
      }
      heard(size);
    }
  }

  function save(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  }

  async function take(address, title) {
    const control = new AbortController();
    const transfer = opened(title, () => control.abort());
    try {
      const answer = await fetch(address, { signal: control.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return transfer.end("failed", await told(answer));
      const about = Number(answer.headers.get("X-Estimated-Bytes"));
      const blob = await read(answer, (got) => transfer.move(got, about));
      save(blob, nameIn(answer.headers.get("Content-Disposition")));
      transfer.end("done", `${sized(blob.size)}, done`);
    } catch (error) {
      const words = error.name === "AbortError" ? "Cancelled. Nothing was kept." : "The download broke off. Nothing was kept; start it again.";
      transfer.end("failed", words);
    }
  }

  // ---------------------------------------------------------------------------------------------------------- panels

  function finishedOf(topic) {
    const said = pushboard.said.get(topic);
    return panelOf(topic)?.dataset.state === "finished" && said?.statementId ? said : null;
  }

  function refuse(title, words) {
    opened(title, () => {}).end("failed", words);
  }

  function download(topic, { form }) {
    const said = finishedOf(topic);
    const title = titleOf(topic);
    if (!said) return refuse(title, "There are rows to download once this panel has finished.");
    if (form === "xlsx" && said.rows > EXCEL_ROWS) {
      const words = `A sheet of Excel holds ${EXCEL_ROWS.toLocaleString("en-US")} rows, and this has ${said.rows.toLocaleString("en-US")}. Take CSV or Parquet instead.`;
      return refuse(title, words);
    }
    take(`/download/${said.statementId}.${form}`, `${title}, ${form.toUpperCase()}`);
  }

  function workbook() {
    const panels = [...document.querySelectorAll("[data-topic]")];
    const found = panels.filter(({ dataset }) => dataset.take === "yes").map(({ dataset }) => finishedOf(dataset.topic));
    const ids = found.filter(Boolean).map(({ statementId }) => ["statement", statementId]);
    const title = document.querySelector("#content h1")?.textContent ?? "Page";
    if (!ids.length) return refuse(title, "There is something to take away once panels have finished.");
    take(`/download/page.xlsx?${new URLSearchParams([...ids, ["title", title]])}`, `${title}, ${ids.length} sheets`);
  }

  function picture(topic, { form }) {
    const graph = panelOf(topic)?.querySelector(".js-plotly-plot");
    if (!finishedOf(topic) || !graph?.data?.length) return refuse(titleOf(topic), "There is no chart to take a picture of.");
    const { offsetWidth: width, offsetHeight: height } = graph;
    const filename = titleOf(topic).replace(/[^\p{L}\p{N}]+/gu, "_");
    window.Plotly.downloadImage(graph, { format: form, width, height, scale: form === "png" ? 2 : 1, filename });
  }

  // --------------------------------------------------------------------------------------------------------- exports

  function exportAll(topic, { form }) {
    const { spec, parameters } = pushboard.asked.get(topic) ?? {};
    if (!spec) return refuse(titleOf(topic), "Choose the filters of this panel first.");
    const runId = pushboard.newId();
    const message = { action: "export", topicName: `export.${runId}`, report: spec.report, parameters, format: form, runId };
    pushboard.run(message, { timeoutSeconds: DAY, title: spec.title, page: "/exports" });
    const words = "The warehouse writes the file. You may close this page; it will be among your exports.";
    notify(runId, `Exporting ${spec.title}`, words, 8_000);
  }

  function notify(id, title, message, autoClose) {
    set("notifications", { sendNotifications: [{ action: "show", id, title, message, autoClose }] });
  }

  /* By an id of its own: one that is still in sight is not shown a second time. */
  function notifyEnd(runId, title, message) {
    set("notifications", { hideNotifications: [runId] });
    notify(`${runId}.end`, title, message, false);
  }

  const link = (text, href) => ({ namespace: "dash_core_components", type: "Link", props: { children: text, href } });

  listeners.exporting = (run, said) => {
    const { runId } = run.message;
    if (location.pathname === "/exports") set("exports-changed", { data: Date.now() });
    if (said.type === "exported") {
      const facts = `${said.rows.toLocaleString("en-US")} rows, ${sized(said.bytes)}. Fetch the file`;
      notifyEnd(runId, `${run.title} is exported`, link(facts, "/exports"));
    } else if (said.type === "failed" || said.type === "rejected") {
      notifyEnd(runId, `${run.title} was not exported`, said.message);
    }
  };

  async function fetchExport(runId) {
    const answer = await fetch(`/exports/${encodeURIComponent(runId)}/link`);
    if (!answer.ok) return refuse("Export", await told(answer));
    location.assign((await answer.json()).url);
  }

  Object.assign(pushboard.actions, { download, workbook, picture, export: exportAll, "fetch-export": fetchExport });
})();
