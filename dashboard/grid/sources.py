"""From a statement to the rows behind its grid: as many as the user may see, pivoted where the report wants it.

The right to see them is asked for each time (`Gateway.result`). What is computed runs in native threads, and a pivot is
made once for everybody.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from dashboard import native_threads
from dashboard.gateway.client import MAX_ROWS, Gateway
from dashboard.gateway.lru_cache import LRUCache
from dashboard.gateway.results import Result
from dashboard.grid import totals
from dashboard.grid.columns import clicked, columns_of, place_of
from dashboard.grid.pivot import pivot
from dashboard.grid.source import Source
from dashboard.locales.locale import current

FIRST_ROWS = 5_000
"""So many rows are fetched for a grid that is only scrolled; twice as many each time that it is scrolled beyond."""

_MAX_KEPT = 400_000
"""The size of all kept pivots, in cells of `lru_cache.size_of`."""

_pivots: LRUCache[str, Source] = LRUCache(_MAX_KEPT)

Report = Mapping[str, Any]


class Found(NamedTuple):
    """The rows behind a grid, those of the result that they are of, and a name to keep what is made of them by."""

    source: Source
    result: Result
    key: str


def most_rows(report: Report) -> int:
    """How many rows of a result a user may see here: whoever may not download it sees no more than its limit."""
    return MAX_ROWS if report.get("download") else min(MAX_ROWS, int(report.get("limit", MAX_ROWS)))


def needs_all(report: Report) -> bool:
    """Whether all rows are needed to show the first ones: some are made of others."""
    styles = report.get("columns", {}).values()
    is_pivot = report.get("chart", {}).get("type") == "pivot"
    return is_pivot or _group(report) is not None or any(style.get("total") or style.get("bar") for style in styles)


def fetched(gateway: Gateway, token: str, statement_id: str, report: Report, end: int | None) -> Found:
    """The rows behind the grid of a statement: at least those before `end`, or all that the user may see.

    Raises `GatewayError`, and `GridError` where the report's header does not go with its rows.
    """
    most = most_rows(report)
    rows = FIRST_ROWS
    while end is not None and rows < end:
        rows *= 2
    wanted = most if end is None or needs_all(report) else min(rows, most)
    return of_result(gateway.result(token, statement_id, wanted), report)


def of_result(result: Result, report: Report) -> Found:
    """The rows behind the grid of a result, as many as it has; raises `GridError`."""
    how = json.dumps([report.get("chart"), report.get("columns"), len(result.records), repr(current())])
    key = f"{result.statement_id} {hashlib.sha256(how.encode()).hexdigest()}"
    return Found(source(result, report, key), result, key)


def source(result: Result, report: Report, key: str) -> Source:
    """The rows behind the grid of a result; raises `GridError`."""
    styles = report.get("columns", {})
    if report.get("chart", {}).get("type") == "pivot":
        return _kept_pivot(result, report, key)
    columns = columns_of(result.columns, styles)
    totals.check(columns)
    clicks = clicked(columns, report.get("chart", {}))
    name = _group(report)
    if name is None:
        return Source(columns, result.records, clicks=clicks)
    group = place_of(columns, name)
    shown = tuple(replace(each, hidden=each.hidden and at != group) for at, each in enumerate(columns))
    return Source(shown, result.records, group, clicks=clicks)


def _kept_pivot(result: Result, report: Report, key: str) -> Source:
    kept = _pivots.get(key)
    if kept is None:
        kept = native_threads.run(pivot, report["chart"], report.get("columns", {}), result)
        size = len(kept.records) * len(kept.columns) + len(result.records) // 2
        _pivots.put(key, kept, size)
    return kept


def _group(report: Report) -> str | None:
    """The column by which a table is grouped; its chart is another's affair where it is no table."""
    chart = report.get("chart", {})
    return chart.get("group") if chart.get("type", "table") == "table" else None
