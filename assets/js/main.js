/* The last script: makes our components and callbacks known to Dash, and starts it. */
import "./start.js";
import { callbacks } from "./callbacks.js";
import { answer } from "./document.js";
import * as chart from "./panel/chart.js";
import * as elapsed from "./panel/elapsed.js";
import { Elapsed, Moment } from "./jobs/moment.js";
import { Steady } from "./jobs/steady.js";
import { offered } from "./page/choices.js";
import { Page } from "./page/page_component.js";
import { Panel } from "./panel/panel.js";
import { OpenView } from "./views/open_view.js";

window.dayjs_locale_own = answer("locale")?.dayjs; // where Mantine's date pickers look for it
window.pushboard = { Elapsed, Moment, OpenView, Page, Panel, Steady };
window.dashMantineFunctions = { offered };
window.dash_clientside = Object.assign(window.dash_clientside ?? {}, { pushboard: callbacks });

chart.start();
elapsed.start();
new window.DashRenderer();
