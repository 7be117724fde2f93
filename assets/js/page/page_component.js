/* What stands at an address. A Dash component (`dashboard/panels/component.py`): it opens its page (`requests.js`),
   names the browser's tab, and hands finished runs to Dash as its prop `finished`. */
import { pageMounted } from "./drawings.js";
import { setDefaults } from "./filters.js";
import { arrived } from "./recent.js";
import { openPage } from "./requests.js";

const BRAND = "Pushboard";

export function Page({ title, layoutId, department, filters, defaults, setProps, children }) {
  const { useEffect, useMemo } = window.React;
  const isShellShown = useShellShown();
  useMemo(() => openPage({ layoutId, department, filters }), [layoutId]);
  useEffect(() => {
    if (!isShellShown) return;
    document.title = `${title} · ${BRAND}`;
    pageMounted(setProps);
    arrived();
  }, [layoutId, isShellShown]);
  useEffect(() => {
    if (defaults) setDefaults(defaults);
  }, [defaults]);
  return isShellShown ? children : null;
}

/* Whether what stands around the page is on the screen: all at once would keep the browser busy for too long. */
function useShellShown() {
  const [isShown, setShown] = window.React.useState(false);
  window.React.useEffect(() => void setTimeout(setShown, 0, true), []);
  return isShown;
}
