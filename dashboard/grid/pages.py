"""The lines of a grid that its reader sees next: asked for by `assets/js/panel/rows.js`, called by `panels.results`.

Whoever sorts or filters asks for a view of all rows; it is made once and kept, for everybody who asks for the same.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dashboard import native_threads
from dashboard.charts import formats
from dashboard.errors import UnusableRequest
from dashboard.gateway.client import Gateway
from dashboard.gateway.lru_cache import LRUCache
from dashboard.grid import rows, sources
from dashboard.grid.sources import Found, Report
from dashboard.grid.views import Sorting, View, view
from dashboard.locales.words import _, _n, noop_n
from dashboard.web.callback_values import RowFilter, RowSorting, RowsWanted

MOST_LINES = 500
"""Lines that one request may ask for."""

FIRST_LINES = 100
"""Lines that come with a grid, and by which the widths of its columns are chosen; as many as it asks for at a time."""

MOST_CONDITIONS = 20
"""Columns that one request may sort by, or filter."""

_MAX_KEPT = 1_000_000
"""The size of all kept views, in cells of `lru_cache.size_of`: some 50 MB."""

_views: LRUCache[str, View] = LRUCache(_MAX_KEPT)

Page = dict[str, Any]


def first_page(found: Found, report: Report) -> Page:
    """What `page` returns of the first lines, as nobody has sorted or filtered them: it comes with the grid itself."""
    shown = whole_view(found)
    return {
        "rows": native_threads.run(rows.page, found.source, shown, 0, FIRST_LINES),
        "count": len(shown.lines) if sources.needs_all(report) else visible(found, report),
        "total": rows.total_row(found.source, shown),
        "note": note(found, report),
    }


def page(gateway: Gateway, token: str, wanted: RowsWanted, report: Report) -> Page:
    """What the browser needs to show some lines of a grid.

    `rows` (see `grid.rows`), `count` of all lines, `total` (a row or None) and `note`, a sentence on what is missing.
    Raises `UserError` for a request that no page of ours sends, and for rows that cannot be had.
    """
    start, end = wanted["startRow"], wanted["endRow"]
    if not 0 <= start <= end <= start + MOST_LINES or len(wanted["sort"]) + len(wanted["filters"]) > MOST_CONDITIONS:
        raise UnusableRequest
    found = sources.fetched(gateway, token, wanted["statementId"], report, _end(wanted))
    shown = _kept_view(found, wanted["sort"], wanted["filters"])
    is_whole = _end(wanted) is None or sources.needs_all(report)
    count = len(shown.lines) if is_whole else visible(found, report)
    return {
        "rows": native_threads.run(rows.page, found.source, shown, start, min(end, count)),
        "count": count,
        "total": rows.total_row(found.source, shown),
        "note": note(found, report, shown if wanted["filters"] else None),
    }


def whole_view(found: Found) -> View:
    """All lines, as nobody has sorted or filtered them."""
    return _kept_view(found, (), {})


def note(found: Found, report: Report, filtered: View | None = None) -> str:
    """How many of how many rows these are; nothing where they are all."""
    told = [_truncated(found, report), found.source.note]
    if filtered:
        count, shown = len(found.source.records), formats.count(filtered.rows)
        one, other = noop_n("{shown} of {count} row pass the filters.", "{shown} of {count} rows pass the filters.")
        told.insert(0, _n(one, other, count, shown=shown))
    return " ".join(filter(None, told))


def _truncated(found: Found, report: Report) -> str:
    first = visible(found, report)
    if first >= found.result.row_count:
        return ""
    counts = {"shown": formats.count(first), "rows": formats.count(found.result.row_count)}
    if report.get("download"):
        return _("The first {shown} of {rows} rows. Sorting and filtering are of these; a download has all.", **counts)
    return _("The first {shown} of {rows} rows. Sorting and filtering are of these.", **counts)


def visible(found: Found, report: Report) -> int:
    """How many rows of the result can be scrolled through, be they fetched already or not."""
    return min(found.result.row_count, sources.most_rows(report), found.result.max_rows)


def _end(wanted: RowsWanted) -> int | None:
    """Which rows are needed: all of them, as soon as somebody sorts or filters."""
    return None if wanted["sort"] or wanted["filters"] else wanted["endRow"]


def _kept_view(found: Found, sort: Sequence[RowSorting], filters: Mapping[str, RowFilter]) -> View:
    key = f"{found.key} {json.dumps([list(sort), filters], sort_keys=True)}"
    kept = _views.get(key)
    if kept is None:
        sorting = [Sorting(_place(each["colId"]), each["sort"] == "desc") for each in sort]
        filtered: Mapping[int, Any] = {_place(name): model for name, model in filters.items()}
        kept = native_threads.run(view, found.source, sorting, filtered)
        _views.put(key, kept, kept.size)
    return kept


def _place(field: str) -> int:
    """The place of a column by its field, such as `c3`; -1 for what is no field."""
    digits = field.removeprefix("c")
    return int(digits) if digits.isdecimal() and digits.isascii() and len(digits) < 5 and field != digits else -1
