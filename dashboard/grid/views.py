"""What a grid shows of its rows: those that pass its filters, as they are sorted, with groups and totals. Pure.

Made once for each sorting and filter by `pages`, which keeps it: scrolling through it costs nothing.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.errors import UnusableRequest
from dashboard.grid import filters, marks, totals
from dashboard.grid.marks import Scale
from dashboard.grid.order import keys
from dashboard.grid.source import Source


class Sorting(NamedTuple):
    """One column by which rows are sorted, the earlier ones first."""

    column: int
    descending: bool = False


Filters = Mapping[int, Mapping[str, Any]]
"""AG Grid's model of the filter of each column that has one, by the column's place."""

Totals = Mapping[int, Any]
"""The total of each column that has one, by its place."""


class Group(NamedTuple):
    """Rows with the same value in the column by which a grid is grouped."""

    value: Any
    rows: Sequence[int]
    totals: Totals


@dataclass(frozen=True)
class View:
    """The lines of a grid: a row by its place in the source, or a group as -1 for the first one, -2 for the second.

    `rows` is how many rows pass the filters. `totals` are those of these rows, `scales` those of all.
    """

    lines: Sequence[int]
    rows: int
    groups: Sequence[Group]
    totals: Totals
    scales: Mapping[str, Scale]

    @property
    def size(self) -> int:
        """About how much memory it takes, in cells of `gateway.lru_cache`."""
        return 20 + len(self.lines) // 8 + len(self.groups) * 20


def view(source: Source, sorting: Sequence[Sorting], filtered: Filters) -> View:
    """The view of a source's rows; raises `UserError` (400) for columns and filters that it does not have."""
    width = len(source.columns)
    if not all(0 <= at < width for at in (*filtered, *(each.column for each in sorting))):
        raise UnusableRequest
    passing = _passing(source, filtered)
    rows = _sorted(source, sorting, passing)
    groups = _groups(source, sorting, passing, rows) if source.group is not None else []
    lines = (line for at, group in enumerate(groups) for line in (-1 - at, *group.rows)) if groups else rows
    return View(
        array("l", lines), len(rows), groups, _totals(source, rows), marks.scales(source.columns, source.records)
    )


def _passing(source: Source, filtered: Filters) -> list[int]:
    rows = range(len(source.records))
    tests = [filters.passing(source.columns[at], model, source.column(at, rows)) for at, model in filtered.items()]
    return [row for row in rows if all(test[row] for test in tests)]


def _sorted(source: Source, sorting: Sequence[Sorting], rows: Iterable[int]) -> list[int]:
    """In an order that leaves equal rows where they were, up or down."""
    found = list(rows)
    for at, descending in reversed(sorting):
        places = dict(zip(found, keys(source.columns[at], source.column(at, found)), strict=True))
        found.sort(key=places.__getitem__, reverse=descending)
    return found


def _groups(source: Source, sorting: Sequence[Sorting], passing: Sequence[int], rows: Sequence[int]) -> list[Group]:
    """The groups with their rows in order, at first as they appear in the result.

    They are sorted themselves by the column that groups them, and by those that have totals.
    """
    at = source.group or 0
    members: dict[Any, list[int]] = {source.records[row][at]: [] for row in passing}
    for row in rows:
        members[source.records[row][at]].append(row)
    groups = [Group(value, own, _totals(source, own)) for value, own in members.items()]
    for column, descending in reversed(sorting):
        if column == at or source.columns[column].total:
            if column == at:
                found = keys(source.columns[column], [group.value for group in groups])
            else:
                found = keys(totals.column_of(source.columns[column]), [group.totals[column] for group in groups])
            places = dict(enumerate(found))
            groups = [groups[place] for place in sorted(places, key=places.__getitem__, reverse=descending)]
    return groups


def _totals(source: Source, rows: Sequence[int]) -> dict[int, Any]:
    columns = enumerate(source.columns)
    return {at: totals.total(each, each.total, source.parts(at, rows)) for at, each in columns if each.total}
