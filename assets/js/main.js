/* The last script: makes our components and callbacks known to Dash, and starts it. */
import "./start.js";
import * as callbacks from "./callbacks.js";
import * as chart from "./panel/chart.js";
import * as connection from "./page/connection.js";
import * as downloads from "./downloads/downloads.js";
import * as elapsed from "./panel/elapsed.js";
import { Page } from "./page/page_component.js";
import { Panel } from "./panel/panel.js";
import * as recent from "./page/recent.js";

window.pushboard = { Page, Panel };
window.dash_clientside = Object.assign(window.dash_clientside ?? {}, { pushboard: callbacks.callbacks });

for (const part of [callbacks, chart, connection, downloads, elapsed, recent]) part.start();
new window.DashRenderer();
