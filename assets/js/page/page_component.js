/* What stands at an address. A Dash component (`dashboard/panels/component.py`): it opens its page (`requests.js`),
   names the browser's tab, and hands finished runs to Dash as its prop `finished`. */
import { pageMounted } from "./drawings.js";
import { setDefaults } from "./filters.js";
import { arrived } from "./recent.js";
import { openPage } from "./requests.js";
import { showPanels } from "../panel/first_frame.js";

const BRAND = "Pushboard";

export function Page({ title, layoutId, department, filters, defaults, setProps, children }) {
  const { useEffect, useMemo } = window.React;
  useMemo(() => openPage({ layoutId, department, filters }), [layoutId]);
  useEffect(() => {
    document.title = `${title} · ${BRAND}`;
    pageMounted(setProps);
    showPanels();
    arrived();
  }, [layoutId]);
  useEffect(() => {
    if (defaults) setDefaults(defaults);
  }, [defaults]);
  return children;
}
