"""Results and reports as the gateway has them, for tests of grids."""

from typing import Any

from dashboard.gateway.results import Column, Result
from dashboard.grid import rows, sources
from dashboard.grid.source import Source
from dashboard.grid.views import Filters, Sorting, View, view


def result(columns: dict[str, str], *records: tuple[Any, ...], total: int | None = None) -> Result:
    described = tuple(Column(name, wire) for name, wire in columns.items())
    return Result("s-1", "trips", "2026-11-23T09:31:07Z", total or len(records), described, records)


def source(found: Result, styles: dict[str, Any] | None = None, **chart: Any) -> Source:
    report = {"chart": chart or {"type": "table"}, "columns": styles or {}}
    return sources.source(found, report, repr((found, report)))


def shown(grid: Source, *sorting: Sorting, filters: Filters | None = None) -> list[list[str]]:
    """What a reader sees in the lines of a grid, the totals last."""
    return texts(grid, view(grid, sorting, filters or {}))


def texts(grid: Source, seen: View) -> list[list[str]]:
    total = rows.total_row(grid, seen)
    lines = [*rows.page(grid, seen, 0, len(seen.lines)), *([total] if total else [])]
    places = range(len(grid.columns))
    return [[line.get(f"d{at}", line.get(f"c{at}")) or "" for at in places] for line in lines]
