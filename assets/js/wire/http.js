/* Everything the page asks the server by HTTP goes through here. Dash's first two questions are answered from the
   document; a callback that fails on the way is tried again; a 401 ends the session. */
import { answerText } from "../document.js";
import socket from "./socket.js";

const CALLBACK = "/_dash-update-component"; // Dash adds the outputs to it
const IN_DOCUMENT = new Set(["/_dash-layout", "/_dash-dependencies"]);
const RETRY_DELAYS = [500, 1000, 2000, 4000, 8000, 8000]; // milliseconds; then the failure is told
const CALLBACK_TIMEOUT = 45_000; // load balancers give up after 60 s
const RETRYABLE = new Set([500, 502, 503, 504]);

const failures = [];

/* Adds a listener for callbacks that failed for good; it gets the body that was sent. */
export const onCallbackFailed = (listener) => failures.push(listener);

const json = (text) => new Response(text, { headers: { "Content-Type": "application/json" } });
/* In a task of its own, as an answer from the network would be: Dash's start is one long task otherwise. */
const later = (answer) => new Promise((resolve) => setTimeout(resolve, 0, answer));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

function pathOf(resource) {
  return new URL(typeof resource === "string" ? resource : resource.url, location.href).pathname;
}

/* Waits before another try, no longer than until the network is back. */
async function backoff(delay) {
  if (navigator.onLine) return pause(delay);
  await new Promise((resolve) => addEventListener("online", resolve, { once: true }));
}

/* Dash's callbacks only read, so each may be tried again until it is answered. */
async function callback(request, resource, options) {
  for (const delay of RETRY_DELAYS) {
    const answer = await request(resource, { ...options, signal: AbortSignal.timeout(CALLBACK_TIMEOUT) }).catch(() => null);
    if (answer && !RETRYABLE.has(answer.status)) return answer;
    await backoff(delay);
  }
  const last = await request(resource, options).catch(() => null);
  if (!last || last.status >= 500) failures.forEach((listener) => listener(options.body));
  return last ?? new Response(null, { status: 204 });
}

/* Installs the page's fetch. For Dash a 401 becomes the answer that changes nothing, so that what is drawn stays. */
export function install() {
  const request = window.fetch.bind(window);
  window.fetch = async (resource, options = {}) => {
    const path = pathOf(resource);
    const known = IN_DOCUMENT.has(path) && answerText(path);
    if (known) return later(json(known));
    const answer = await (path.startsWith(CALLBACK) ? callback(request, resource, options) : request(resource, options));
    if (answer.status !== 401) return answer;
    socket.signedOut();
    return new Response(null, { status: 204 });
  };
}
