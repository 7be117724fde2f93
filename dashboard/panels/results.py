"""What the server does for panels: it draws finished runs, and brings tables and own filters when they are opened.

Called by `callbacks`. How a report is drawn is looked up by its id here, never taken from the browser.
"""

from typing import Any

from dash import html, no_update, set_props

from dashboard import ids
from dashboard.filters import dynamic_filters
from dashboard.gateway.client import Gateway
from dashboard.grid import pages
from dashboard.locales.locale import current, using
from dashboard.panels import draw
from dashboard.panels.table import rows_in_place
from dashboard.panels.table import table as rows_table
from dashboard.web.callback_values import FinishedRun, OwnOpened, RowsWanted, TableWanted

MAX_BATCH = 100
"""Runs that one request may ask to draw: more than a page has panels."""


def show(gateway: Gateway, token: str, finished: list[FinishedRun] | None) -> None:
    """Draws a batch of finished runs and sets each panel's `result`."""
    batch = list(finished or ())[:MAX_BATCH]
    listing = gateway.reports(token) if batch else {"reports": []}
    for run, result in zip(batch, draw.draw_all(gateway, token, batch, listing), strict=True):
        set_props(ids.panel(run["topicName"]), {"result": result})


def table(gateway: Gateway, token: str, wanted: TableWanted | None, topic: str) -> tuple[Any, Any]:
    """The rows behind a panel as a table, with what the browser calls this answer; raises `UnknownReport`.

    Where the panel's table is on the screen, its rows are set, and the table is no other.
    """
    if not wanted:
        return no_update, no_update
    report = draw.report_of(gateway.reports(token), ids.report_of(topic))
    with using(current().with_currency(report.get("currency"))):
        found = rows_table(gateway, token, wanted["statementId"], report, topic)
    if not wanted["inPlace"] or not isinstance(found, html.Div):
        return found, wanted["answer"]
    changed = rows_in_place(found, wanted["inPlace"])
    for place, props in changed or ():
        set_props(place, props)
    return found if changed is None else no_update, wanted["answer"]


def rows(gateway: Gateway, token: str, wanted: RowsWanted | None) -> None:
    """Sets some lines of a panel's table as `rows` of the page, for the browser to take; raises `UserError`."""
    if wanted:
        report = draw.report_of(gateway.reports(token), ids.report_of(wanted["topicName"]))
        with using(current().with_currency(report.get("currency"))):
            set_props(ids.PAGE, {"rows": pages.page(gateway, token, wanted, report)})


def own_controls(gateway: Gateway, token: str, opened: OwnOpened | None, topic: str) -> Any:
    """The controls of a panel's own filters, set to what the browser says they are; raises `UnknownReport`."""
    if opened is None:
        return no_update
    report = draw.report_of(gateway.reports(token), ids.report_of(topic))
    return dynamic_filters.own_controls(report, topic, opened["values"])
