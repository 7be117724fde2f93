/* What stands at an address. A Dash component (`dashboard/panels/component.py`): it opens its page (`requests.js`),
   and names the browser's tab. */
import { showChips } from "./clicks.js";
import { pageMounted } from "./drawings.js";
import { setDefaults } from "./filters.js";
import { arrived } from "./recent.js";
import { openPage } from "./requests.js";
import { showPanels } from "../panel/first_frame.js";
import { giveFirst } from "../panel/rows.js";
import { arrive } from "../views/go.js";

const BRAND = "Pushboard";

export function Page({ title, layoutId, pageId, tab, firstTab, apply, filters, defaults, firstRows, children }) {
  const { useEffect, useMemo } = window.React;
  useMemo(() => openPage({ layoutId, pageId, tab, firstTab, apply, filters }), [layoutId]);
  useEffect(() => {
    document.title = `${title} · ${BRAND}`;
    pageMounted();
    showPanels();
    arrived();
    showChips();
    arrive();
  }, [layoutId]);
  useEffect(() => {
    if (defaults) setDefaults(defaults);
  }, [defaults]);
  useMemo(() => firstRows && giveFirst(firstRows), [firstRows]);
  return children;
}
