/* The first page comes to the screen in two tasks, its panels in the second: all at once would keep the browser busy for
   too long. A panel is there from the first, since Dash forgets what is set of a component before it is there. */

let areShown = false;
const listeners = new Set();

function subscribe(listener) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/* Whether panels are to be rendered; a hook. */
export const usePanelsShown = () => window.React.useSyncExternalStore(subscribe, () => areShown);

/* The page around the panels is on the screen. */
export function showPanels() {
  if (areShown) return;
  setTimeout(() => {
    areShown = true;
    listeners.forEach((listener) => listener());
    requestAnimationFrame(() => setTimeout(painted, 0));
  }, 0);
}

let painted;

/* Kept once the first panels have been painted: what is only needed afterwards waits for it. */
export const panelsPainted = new Promise((resolve) => (painted = resolve));
