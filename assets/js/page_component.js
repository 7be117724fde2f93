/* What stands at an address. A Dash component (`dashboard/panels/component.py`): it opens its page in `page.js`, names
   the browser's tab, and hands finished runs to Dash as its prop `finished`. */
import * as page from "./page.js";
import { arrived } from "./recent.js";

const BRAND = "Pushboard";

export function Page({ title, layoutId, department, filters, defaults, setProps, children }) {
  const { useEffect, useMemo } = window.React;
  useMemo(() => page.open({ layoutId, department, filters }), [layoutId]);
  useEffect(() => {
    document.title = `${title} · ${BRAND}`;
    page.pageMounted(setProps);
    arrived();
  }, [layoutId]);
  useEffect(() => {
    if (defaults) page.setDefaults(defaults);
  }, [defaults]);
  return children;
}
