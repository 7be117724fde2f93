"""The grid itself: AG Grid with the columns of a source. Called by `panels.table`.

How its cells look and are compared in the browser is `assets/dashAgGridFunctions.js`, and where its lines come from
`assets/js/panel/rows.js`.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby
from types import MappingProxyType
from typing import Any

import dash_ag_grid as dag

from dashboard import ids
from dashboard.grid.rows import Row
from dashboard.grid.source import Source
from dashboard.locales.locale import current
from dashboard.locales.words import _, noop

BLOCK = 100
"""Lines that the browser asks for at a time."""

_MOST_BLOCKS = 20  # that the browser keeps
_NARROWEST, _NARROWEST_NUMBER, _WIDEST, _WIDEST_FOR_LABEL = 110, 90, 260, 180
_LETTER, _MARGINS, _MARK = 7.8, 34, 16  # pixels of a bold digit, of what is beside a cell's text, of a tone's mark
_LABEL_LETTER, _LABEL_MARGINS = 7.5, 50  # the same of a column's label, which has the sign of its order beside it
_CAN_CLICK = "params.data && !params.data.kind"  # totals stand for no value
_ROW_CLASSES = {f"line-{kind}": f"params.data && params.data.kind === '{kind}'" for kind in ("group", "total")}


def grid_of_rows(topic: str, source: Source, rows: list[Row]) -> dag.AgGrid:
    """A grid that has all its rows."""
    options = {"suppressScrollOnNewData": True}  # rows that are read again come in place
    return _grid(topic, source, rows, options, rowData=rows)


def grid_that_asks(topic: str, source: Source, first: Mapping[str, Any]) -> dag.AgGrid:
    """A grid that asks for its lines, with the first ones that it would ask for; see `pages.first_page`."""
    lines = [*first["rows"], *([first["total"]] if first["total"] else [])]
    options = {
        "cacheBlockSize": BLOCK,
        "maxBlocksInCache": _MOST_BLOCKS,
        "infiniteInitialRowCount": max(first["count"], 1),
        "blockLoadDebounceMillis": 60,  # whoever drags the scroll bar passes by most of them
        "context": {"first": dict(first)},
    }
    return _grid(topic, source, lines, options, rowModelType="infinite")


def _grid(topic: str, source: Source, lines: list[Row], options: Mapping[str, Any], **model: Any) -> dag.AgGrid:
    return dag.AgGrid(
        id=ids.table_rows(topic),
        columnDefs=list(column_defs(source, lines)),
        defaultColDef={
            "sortable": True,
            "resizable": True,
            "minWidth": _NARROWEST,
            "flex": 1,
            "cellDataType": "text",  # else the grid takes a text such as 2015-12-06 for a date
            "valueFormatter": {"function": "shown(params)"},
        },
        dashGridOptions={
            "theme": {"function": "themeQuartz.withParams(gridTheme())"},
            "enableCellTextSelection": True,
            "ensureDomOrder": True,
            "columnTypes": column_types(),
            "rowClassRules": _ROW_CLASSES,
            "enableRtl": current().direction == "rtl",
            "localeText": _words(),
            **options,
        },
        style={"flex": "1", "minHeight": "0", "width": "100%"},
        **model,
    )


def column_defs(source: Source, lines: list[Row]) -> Iterator[dict[str, Any]]:
    """AG Grid's columns, the one by which rows stand together first, and headings above those of a pivot.

    Their fields are positions, since names may repeat or hold dots. They are as wide as some of the lines need.
    """
    has_headings = any(column.heading for column in source.columns)
    for heading, ats in groupby(source.places, key=lambda at: source.columns[at].heading):
        children = [_column(source, at, lines) for at in ats]
        if has_headings:  # above each, be it empty: a row of headings with none in it is no row
            yield {"headerName": heading, "children": children}
        else:
            yield from children


def _column(source: Source, at: int, lines: list[Row]) -> dict[str, Any]:
    column, names_rows = source.columns[at], at == 0 and source.names_rows
    if column.is_number:
        types, width = ["rightAligned", "number"], _width(at, lines)
    else:
        widest = _WIDEST if names_rows or at == source.group else _WIDEST_FOR_LABEL
        types, width = ["text"], max(_NARROWEST, min(_width(at, lines), widest))
    width = max(width, _NARROWEST_NUMBER, _label_width(column.label))
    if column.bar:
        types.append("bar")
    if column.colour:
        types.append("tone")
    if column.labels:
        types.append("labelled")
    described: dict[str, Any] = {
        "field": f"c{at}",
        "headerName": column.label,
        "hide": column.hidden,
        "type": types,
        "minWidth": 190 if column.type == "timestamp" else width,
    }
    if at == source.group:
        described["cellClassRules"] = {"in-group": "params.data && !params.data.kind"}
    if at in source.clicks:
        described["context"] = {"clicks": source.clicks[at]}  # heard by `assets/js/page/clicks.js`
        described["cellClassRules"] = described.get("cellClassRules", {}) | {"can-click": _CAN_CLICK}
    if column.link:
        described["cellRenderer"] = "CellLink"
    return described | ({"pinned": "left", "width": width} if names_rows else {})


def _width(at: int, lines: list[Row]) -> int:
    """Pixels for the longest text of a column: a number that is cut off would be another one."""
    letters = max((len(line.get(f"d{at}", line.get(f"c{at}")) or "") for line in lines), default=0)
    marks = _MARK if any(f"t{at}" in line for line in lines) else 0
    return round(letters * _LETTER) + _MARGINS + marks


def _label_width(label: str) -> int:
    """Pixels for a label, unless it is long: that one is cut off until the column is widened."""
    return min(round(len(label) * _LABEL_LETTER) + _LABEL_MARGINS, _WIDEST_FOR_LABEL)


def _filter_option(key: str, name: str, inputs: int = 1) -> dict[str, Any]:
    return {"displayKey": key, "displayName": name, "predicate": {"function": f"exact.{key}"}, "numberOfInputs": inputs}


def column_types() -> dict[str, Any]:
    """What columns have in common. Each of their functions is read once, and not for each of a pivot's columns."""
    options = [_filter_option(key, _(name), inputs) for key, name, inputs in _FILTER_OPTIONS]
    return {
        **COLUMN_TYPES,
        "number": {
            "comparator": {"function": "exact.compare"},
            "filter": "agTextColumnFilter",  # the number filter compares JavaScript's numbers
            "filterParams": {"filterOptions": [*options, "blank", "notBlank"]},
        },
    }


def _words() -> dict[str, str]:
    """What the grid says by itself, by its own keys; nothing in English."""
    return {} if current().language == "en" else {key: _(text) for key, text in _GRID_WORDS.items()}


_FILTER_OPTIONS = (
    ("equals", noop("Equals"), 1),
    ("differs", noop("Does not equal"), 1),
    ("below", noop("Less than"), 1),
    ("atMost", noop("At most"), 1),
    ("above", noop("Greater than"), 1),
    ("atLeast", noop("At least"), 1),
    ("between", noop("Between"), 2),
)
_GRID_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "filterOoo": noop("Filter …"),
        "contains": noop("Contains"),
        "notContains": noop("Does not contain"),
        "equals": noop("Equals"),
        "notEqual": noop("Does not equal"),
        "startsWith": noop("Begins with"),
        "endsWith": noop("Ends with"),
        "blank": noop("Blank"),
        "notBlank": noop("Not blank"),
        "andCondition": noop("And"),
        "orCondition": noop("Or"),
        "noRowsToShow": noop("No rows"),
    }
)
COLUMN_TYPES: Mapping[str, Any] = MappingProxyType(
    {
        "text": {
            "comparator": {"function": "exact.compareTexts"},
            "filter": "agTextColumnFilter",
            "filterValueGetter": {"function": "shown(params)"},
        },
        "labelled": {"valueGetter": {"function": "shown(params)"}},  # sorted as it is read
        "bar": {
            "cellStyle": {"function": "bar(params)"},
            "cellClassRules": {"has-bar": "marked(params, 'b')"},
        },
        "tone": {
            "cellClassRules": {f"tone-{tone}": f"marked(params, 't') === '{tone}'" for tone in ("good", "bad", "warn")},
        },
    }
)
