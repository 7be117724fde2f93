"""A table of few rows, as the browser's own script writes it: it travels with the drawing and needs no grid.

Called by `panels.draw`, shown by `assets/js/panel/plain_table.js` until somebody sorts it: then `panels.table` brings
the grid of the same rows.
"""

from typing import Any

from dashboard.gateway.results import Result
from dashboard.grid import pages, rows, sources
from dashboard.grid.source import Source
from dashboard.grid.sources import Report

MOST_ROWS = 100
"""Rows of a result up to which its table is plain: as many as one reads without sorting them."""


def plain_table(result: Result, report: Report) -> dict[str, Any] | None:
    """The table of a result; None where it has more than `MOST_ROWS` rows, or not all of them are there.

    `columns` (see `_column`), `rows` and `total` as `grid.rows` has them, `note`, a sentence on what is missing, and
    `namesRows`, whether the first column names the rows. Raises `GridError` where the header does not go with the rows.
    """
    if not len(result.records) == result.row_count <= MOST_ROWS:
        return None
    found = sources.of_result(result, report)
    source, shown = found.source, pages.whole_view(found)
    return {
        "columns": [_column(source, at) for at in source.places if not source.columns[at].hidden],
        "rows": rows.page(source, shown, 0, len(shown.lines)),
        "total": rows.total_row(source, shown),
        "note": pages.note(found, report),
        "namesRows": source.names_rows,
    }


def _column(source: Source, at: int) -> dict[str, Any]:
    """`field` (its cells are `c0`, what is shown of them `d0` and so on), `label`, `heading`, and what holds of it."""
    column = source.columns[at]
    return {
        "field": f"c{at}",
        "label": column.label,
        "heading": column.heading,
        "isNumber": column.is_number,
        "isGroup": at == source.group,
        "clicks": source.clicks.get(at),
    }
