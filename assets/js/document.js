/* What the document brings along: the answers to what Dash asks for first, the chart templates, the signed-in user.
   Written by `dashboard/dash_app.py`, read by `http.js`, `start.js` and `chart.js`. */

const answers = new Map();

/* The text of an answer in the document, or null. */
export function answerText(name) {
  if (!answers.has(name)) {
    const tag = document.querySelector(`script[data-answer="${name}"]`);
    answers.set(name, tag && tag.textContent);
  }
  return answers.get(name);
}

export const answer = (name) => JSON.parse(answerText(name));

export const user = () => document.documentElement.dataset.user;
export const plotlyUrl = () => document.documentElement.dataset.plotly;
export const gridUrl = () => document.documentElement.dataset.grid;
export const polyfillUrl = () => document.documentElement.dataset.polyfill;

/* Every component of a layout that `isWanted`, as Dash writes them: {type, namespace, props}. */
export function findComponents(node, isWanted, found = []) {
  if (Array.isArray(node)) node.forEach((each) => findComponents(each, isWanted, found));
  else if (node && typeof node === "object") {
    if (node.namespace && isWanted(node)) found.push(node);
    findComponents(node.props?.children, isWanted, found);
  }
  return found;
}

/* A new element that holds texts and elements. */
export function element(tag, className, ...content) {
  const made = Object.assign(document.createElement(tag), { className });
  made.append(...content);
  return made;
}

/* The element of a panel. */
export const panelElement = (topic) => document.querySelector(`[data-topic="${CSS.escape(topic)}"]`);

let held = []; // what was to be set before Dash has rendered: until then it knows no component

/* Notes that Dash has rendered its first page, and sets what was held back. */
export function dashRendered() {
  const first = held ?? [];
  held = null;
  first.forEach(([id, props]) => setProps(id, props));
}

/* Sets props of a Dash component; those set before Dash has rendered are set then. */
export function setProps(id, props) {
  if (held) held.push([id, props]);
  else window.dash_clientside.set_props(id, props);
}

/* Loads a script once; the promise fails when it cannot be had, and the next call tries again. */
const scripts = new Map();
export function loadScript(url) {
  if (!scripts.has(url)) {
    const loading = new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: url, onload: resolve });
      script.onerror = () => {
        script.remove();
        scripts.delete(url);
        reject(new Error(`${url} could not be loaded.`));
      };
      document.head.append(script);
    });
    scripts.set(url, loading);
  }
  return scripts.get(url);
}
