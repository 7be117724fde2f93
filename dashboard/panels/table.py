"""The rows behind a panel as a grid that sorts and filters. Called by `callbacks` when a viewer opens a table."""

from collections.abc import Mapping
from typing import Any

import dash_ag_grid as dag

from dashboard.errors import UserError
from dashboard.gateway.client import Gateway
from dashboard.gateway.results import NUMERIC_TYPES, Result

TABLE_ROWS = 5_000
"""How many rows the table of a panel holds; a table of more is a download's business."""


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
