"""The table of a panel: its note and its grid. Called by `results` when a viewer opens it.

A few rows travel with it, and the browser sorts and filters them. More rows, and rows that others are made of, such as
totals and groups, stay here: the browser asks for those that its reader sees (`grid.pages`).
"""

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard import ids, native_threads
from dashboard.attributes import attributes
from dashboard.errors import UserError
from dashboard.gateway.client import Gateway
from dashboard.grid import marks, pages, sources
from dashboard.grid.grid import grid_of_rows, grid_that_asks
from dashboard.grid.rows import Row, row
from dashboard.grid.source import Source
from dashboard.grid.sources import Found
from dashboard.locales.words import known

IN_BROWSER = 1_000
"""Rows up to which all of them go to the browser: more than a reader looks through, and soon there."""

Report = Mapping[str, Any]


def table(gateway: Gateway, token: str, statement_id: str, report: Report, topic: str = "") -> Any:
    """A statement's rows as a grid, below a sentence if some are missing; a sentence where they cannot be had.

    Whoever may not download the report sees no more rows than its limit, also where the gateway would give them.
    """
    try:
        found = sources.fetched(gateway, token, statement_id, report, IN_BROWSER)
    except UserError as error:
        return html.P(known(error.message), className="table-note", role="alert")
    place = topic or report["id"]
    return html.Div(
        [_note(place, pages.note(found, report)), _grid(place, found, report)],
        className="table-view",
        style={"display": "flex", "flexDirection": "column", "height": "100%"},
        **attributes(data_rows="server" if _is_on_server(found) else "browser"),
    )


def rows_in_place(table: html.Div, shown: str) -> list[tuple[Any, dict[str, Any]]] | None:
    """What `table` made as props of what is on the screen: its place, sorting and filters stay.

    None where what is `shown` is a grid of the other kind. One whose rows are on the server is given its first ones.
    """
    if getattr(table, "data-rows") != shown:
        return None
    note, rows = table.children
    props = {"columnDefs": rows.columnDefs} | ({"rowData": rows.rowData} if shown == "browser" else {})
    told = [(rows.id, props), (note.id, {"children": note.children, "hidden": note.hidden})]
    first = rows.dashGridOptions.get("context", {}).get("first")
    return [(ids.PAGE, {"firstRows": first}), *told] if first else told


def _is_on_server(found: Found) -> bool:
    return found.source.is_ordered_here or found.result.row_count > IN_BROWSER


def _note(topic: str, words: str) -> html.P:
    return html.P(words, id=ids.table_note(topic), hidden=not words, className="table-note", role="status")


def _grid(topic: str, found: Found, report: Report) -> dag.AgGrid:
    if _is_on_server(found):
        first = pages.first_page(found, report) | {"statementId": found.result.statement_id}
        return grid_that_asks(topic, found.source, first)
    return grid_of_rows(topic, found.source, native_threads.run(_all_rows, found.source))


def _all_rows(source: Source) -> list[Row]:
    scales = marks.scales(source.columns, source.records)
    return [row(source, record, scales) for record in source.records]
