"""The rows behind a panel as a grid that sorts and filters exactly. Called by `callbacks` when a viewer opens a table.

Every cell travels as exact text, since JavaScript's numbers hold 15 digits. Beside it goes the text to show where that
differs, written by `charts.formats` alone. The browser's side of both is `assets/dashAgGridFunctions.js`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_ag_grid as dag
from dash import html

from dashboard import ids, native_threads
from dashboard.charts import formats
from dashboard.errors import UserError
from dashboard.gateway.client import Gateway
from dashboard.gateway.results import NUMERIC_TYPES, Column, Result

TABLE_ROWS = 5_000
"""How many rows the table of a panel holds; for more there are downloads."""

_NUMERIC_STYLES = frozenset({"currency", "number", "thousands", "percent"})

Styles = Mapping[str, Mapping[str, Any]]
Row = dict[str, str | None]


def table(gateway: Gateway, token: str, statement_id: str, report: Mapping[str, Any], topic: str = "") -> Any:
    """A statement's first rows as a grid, below a sentence if there are more; a sentence where they cannot be had.

    Whoever may not download the report sees no more rows than its limit, also where the gateway would give them.
    """
    may_download = bool(report.get("download"))
    count = TABLE_ROWS if may_download else min(TABLE_ROWS, report.get("limit", TABLE_ROWS))
    try:
        result = gateway.result(token, statement_id, count)
    except UserError as error:
        return html.P(error.message, className="table-note", role="alert")
    return render(result, topic or report["id"], report.get("columns", {}), may_download)


def render(result: Result, topic: str, styles: Styles, may_download: bool) -> html.Div:
    """The grid of a result's rows, and above it how many are missing; see `table`."""
    rows = native_threads.run(_rows, result, styles)
    return html.Div(
        [_missing(result, topic, may_download), _grid(topic, _columns(result, styles), rows)],
        className="table-view",
        style={"display": "flex", "flexDirection": "column", "height": "100%"},
    )


def rows_in_place(table: html.Div) -> list[tuple[Any, dict[str, Any]]]:
    """What `render` rendered as props of what is on the screen: its place, sorting and filters stay."""
    note, grid = table.children
    return [
        (grid.id, {"rowData": grid.rowData, "columnDefs": grid.columnDefs}),
        (note.id, {"children": note.children, "hidden": note.hidden}),
    ]


def _missing(result: Result, topic: str, may_download: bool) -> html.P:
    words = _missing_words(result, may_download) if result.truncated else ""
    return html.P(words, id=ids.table_note(topic), hidden=not words, className="table-note", role="status")


def _missing_words(result: Result, may_download: bool) -> str:
    shown = f"The first {len(result.records):,} of {result.row_count:,} rows. Sorting and filtering are of these"
    rest = "; a download has all." if may_download else "."
    return shown + rest


def _grid(topic: str, columns: list[dict[str, Any]], rows: list[Row]) -> dag.AgGrid:
    return dag.AgGrid(
        id=ids.table_rows(topic),
        columnDefs=columns,
        rowData=rows,
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "minWidth": 110,
            "flex": 1,
            "cellDataType": "text",  # else the grid takes a text such as 2015-12-06 for a date
            "valueFormatter": {"function": "shown(params)"},
        },
        dashGridOptions={
            "theme": {"function": "themeQuartz.withParams(gridTheme())"},
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "suppressScrollOnNewData": True,  # rows that are read again come in place
        },
        style={"flex": "1", "minHeight": "0", "width": "100%"},
    )


def _columns(result: Result, styles: Styles) -> list[dict[str, Any]]:
    """The columns of the grid; their fields are positions, since names may repeat or hold dots."""
    return [_column(f"c{at}", column, styles.get(column.name, {})) for at, column in enumerate(result.columns)]


def _column(field: str, column: Column, style: Mapping[str, Any]) -> dict[str, Any]:
    name = style.get("label") or column.name.replace("_", " ").capitalize()
    described = {"field": field, "headerName": name, "hide": bool(style.get("hidden"))}
    if _is_number(column, style.get("format")):
        return described | _NUMBERS
    wide = {"minWidth": 190} if column.type == "timestamp" else {}
    return described | wide | {"filter": "agTextColumnFilter", "filterValueGetter": {"function": "shown(params)"}}


def _filter_option(key: str, name: str, inputs: int = 1) -> dict[str, Any]:
    return {"displayKey": key, "displayName": name, "predicate": {"function": f"exact.{key}"}, "numberOfInputs": inputs}


_NUMBERS: dict[str, Any] = {
    "type": "rightAligned",
    "comparator": {"function": "exact.compare"},
    "filter": "agTextColumnFilter",  # the number filter compares JavaScript's numbers
    "filterParams": {
        "filterOptions": [
            _filter_option("equals", "Equals"),
            _filter_option("differs", "Does not equal"),
            _filter_option("below", "Less than"),
            _filter_option("atMost", "At most"),
            _filter_option("above", "Greater than"),
            _filter_option("atLeast", "At least"),
            _filter_option("between", "Between", 2),
            "blank",
            "notBlank",
        ],
    },
}
"""A column of numbers: sorted and filtered by their exact values."""


def _is_number(column: Column, style: str | None) -> bool:
    return column.type in NUMERIC_TYPES or style in _NUMERIC_STYLES


def _rows(result: Result, styles: Styles) -> list[Row]:
    """A row has the exact text of a cell as `c0`, `c1`, ... and the text to show, where it differs, as `d0`, ..."""
    columns = zip(*result.records, strict=True)
    cells = [
        _cells(column, values, styles.get(column.name, {}).get("format"))
        for column, values in zip(result.columns, columns, strict=False)
    ]
    return [_row(pairs) for pairs in zip(*cells, strict=True)]


def _row(pairs: Sequence[tuple[str | None, str | None]]) -> Row:
    row: Row = {}
    for at, (value, display) in enumerate(pairs):
        row[f"c{at}"] = value
        if display != value:
            row[f"d{at}"] = display
    return row


def _cells(column: Column, values: Sequence[Any], style: str | None) -> list[tuple[str | None, str | None]]:
    texts = [None if value is None else exact_text(value) for value in values]
    return [(text, None if text is None else _display(column, text, style)) for text in texts]


def exact_text(value: Any) -> str:
    """A JSON value as text without loss: whole floats without a point, booleans as Yes and No."""
    if isinstance(value, bool):
        return formats.full(value)
    if isinstance(value, float) and abs(value) < 1e15 and value.is_integer():
        return str(int(value))
    return str(value)


def _display(column: Column, text: str, style: str | None) -> str:
    if style:
        return formats.full(text, style)
    if column.type in NUMERIC_TYPES:
        return formats.full(text, "number")
    return text.replace("T", " ", 1) if column.type == "timestamp" else text
