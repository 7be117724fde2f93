"""From a `finished` message to what the panel shows: fetch the rows, draw the chart. Called by `callbacks`.

The same rows drawn the same way are drawn once, for all tabs and users; whether a user may see them is asked each time.

On the path of a query this is the last step on the server; the figure goes to the browser without colours of its own,
and `assets/panels.js` dresses it for the light or dark page.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag

from dashboard import charts
from dashboard.charts import ChartError, Drawing
from dashboard.errors import UserError
from dashboard.gateway.client import Gateway
from dashboard.gateway.lru_cache import LRUCache, size_of
from dashboard.gateway.results import NUMERIC_TYPES, Result
from dashboard.panels import panel as panels

TABLE_ROWS = 5_000
"""How many rows the table of a panel holds; a table of more is a download's business."""

MOST_DRAWN = 500_000
"""The drawings that are kept, in cells of `lru_cache.size_of`: some 25 MB. The usual one has a few hundred."""

_drawn: LRUCache[tuple[str, str], Drawing] = LRUCache(MOST_DRAWN)


def draw(
    gateway: Gateway, token: str, finished: Mapping[str, Any], spec: Mapping[str, Any]
) -> tuple[dict[str, Any], Any]:
    """What goes into the panel's result store, and its headline. An error becomes its code and sentence."""
    same_run = {"runId": finished["runId"], "statementId": finished["statementId"]}
    try:
        result = gateway.result(token, finished["statementId"], spec["limit"])
        drawing = _drawing(spec, result)
    except UserError as error:
        return {**same_run, "error": {"code": error.code, "message": error.message}}, None
    except ChartError as error:
        return {**same_run, "error": {"code": "chart", "message": str(error)}}, None
    headline = panels.headline(drawing.number, spec["chart"].get("good", "up")) if drawing.number else None
    shown = {"figure": drawing.figure, "note": drawing.note, "rows": result.row_count}
    return {**same_run, **shown}, headline


def _drawing(spec: Mapping[str, Any], result: Result) -> Drawing:
    """The chart, from before if there is one; raises `ChartError`. Its figure is everybody's: nobody may change it."""
    how = json.dumps([spec["chart"], spec["columns"], spec["limit"]])
    key = (result.statement_id, hashlib.sha256(how.encode()).hexdigest())
    drawing = _drawn.get(key)
    if drawing is None:
        drawing = charts.draw(spec["chart"], spec["columns"], result)
        _drawn.put(key, drawing, size_of((drawing.figure, drawing.note)))
    return drawing


def table(gateway: Gateway, token: str, wanted: Mapping[str, Any], spec: Mapping[str, Any]) -> Any:
    """The rows behind a panel as a grid that sorts and filters; a sentence where they cannot be had.

    `wanted` names the statement, and whether the page is dark.
    """
    try:
        result = gateway.result(token, wanted["statementId"], TABLE_ROWS)
    except UserError as error:
        return error.message
    return grid(result, spec["columns"], wanted["dark"])


def grid(result: Result, styles: Mapping[str, Mapping[str, Any]], dark: bool) -> dag.AgGrid:
    """A grid of a result's rows; fields are positions, since names may repeat or hold dots."""
    return dag.AgGrid(
        columnDefs=[
            _column(position, column, styles.get(column.name, {})) for position, column in enumerate(result.columns)
        ],
        rowData=[{f"c{position}": value for position, value in enumerate(record)} for record in result.records],
        defaultColDef={"sortable": True, "resizable": True, "filter": True, "minWidth": 90, "flex": 1, **_QUIET},
        dashGridOptions={
            "theme": {"function": _GRID_THEME[dark]},
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
        },
        style={"height": "100%", "width": "100%"},
    )


_QUIET = {"suppressHeaderFilterButton": True}
"""Filters stay in the column's menu, where they do not cover its name."""

_GRID_THEME = {
    False: "themeQuartz.withParams(gridTheme('light'))",
    True: "themeQuartz.withParams(gridTheme('dark'))",
}


def _column(position: int, column: Any, style: Mapping[str, Any]) -> dict[str, Any]:
    definition = {
        "field": f"c{position}",
        "headerName": style.get("label") or column.name.replace("_", " ").capitalize(),
        "hide": bool(style.get("hidden")),
    }
    if column.type == "timestamp":
        return {**definition, "minWidth": 150, "valueFormatter": {"function": "moment(params.value)"}}
    if column.type not in NUMERIC_TYPES:
        return definition
    shown = f"written(params.value, {style.get('format', 'number')!r})"
    number = {"type": "rightAligned", "filter": "agNumberColumnFilter", "valueFormatter": {"function": shown}}
    return {**definition, **number, "comparator": {"function": "byNumber"}}
