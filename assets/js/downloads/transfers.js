/* The tray in the corner: what is being downloaded, how far it is, and a way to end it. Used by `downloads.js`. */
import { element } from "../document.js";
import { byteSize } from "../format.js";
import { t } from "../words.js";

const DONE_STAYS = 6_000; // milliseconds that a finished transfer stays in sight

/* A line of the tray; returns `progress(bytes, estimate)`, `say(words)` and `end(state, words)`. */
export function openTransfer(title, cancel) {
  const line = element("div", "transfer");
  const words = element("span", "transfer-words", t("Asking for the rows"));
  const bar = element("progress", "transfer-bar");
  const button = Object.assign(element("button", "quiet-button", t("Cancel")), { type: "button" });
  bar.setAttribute("aria-label", title);
  line.append(element("strong", "transfer-title", title), button, words, bar);
  document.getElementById("transfers").append(line);
  button.onclick = () => (line.dataset.state ? line.remove() : cancel());
  const say = (text) => (words.textContent = text);
  const progress = (bytes, estimate) => {
    if (estimate) Object.assign(bar, { max: 1, value: Math.min(bytes / estimate, 0.99) });
    say(estimate > bytes ? t("{part} of about {all}", { part: byteSize(bytes), all: byteSize(estimate) }) : byteSize(bytes));
  };
  const end = (state, text) => {
    line.dataset.state = state;
    say(text);
    bar.remove();
    button.textContent = t("Close");
    if (state === "done") setTimeout(() => line.remove(), DONE_STAYS);
  };
  return { progress, say, end };
}

/* A line that only says why nothing is downloaded. */
export const refuse = (title, words) => openTransfer(title, () => {}).end("failed", words);
