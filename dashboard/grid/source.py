"""The rows behind a grid: a result's own, or those of a pivot. Made by `sources`, read by `views` and `pages`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from dashboard.grid.columns import GridColumn


@dataclass(frozen=True)
class Source:
    """Rows of a grid, and what their totals are made of.

    `records` are JSON values as in a `Result`. `group` is the column by which rows stand together. `note` is a sentence
    about what is missing. `clicks` are those of `columns.clicked`.
    """

    columns: tuple[GridColumn, ...]
    records: Sequence[Sequence[Any]]
    group: int | None = None
    note: str = ""
    clicks: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    @property
    def is_ordered_here(self) -> bool:
        """Whether its rows must be sorted and filtered on the server, because some are made of others."""
        return self.group is not None or self.has_totals

    @property
    def has_totals(self) -> bool:
        """Whether there is a row of totals."""
        return any(column.total for column in self.columns)

    @property
    def places(self) -> Sequence[int]:
        """Its columns in the order in which they are shown: the one by which rows stand together is the first."""
        return sorted(range(len(self.columns)), key=lambda at: at != self.group)

    @property
    def names_rows(self) -> bool:
        """Whether the first column names the rows, and stays when the others are scrolled."""
        return False

    def column(self, at: int, rows: Iterable[int]) -> list[Any]:
        """The values of a column in some rows."""
        records = self.records
        return [records[row][at] for row in rows]

    def parts(self, at: int, rows: Iterable[int]) -> Iterable[Any]:
        """The values that a column's total over some rows is made of."""
        return self.column(at, rows)


Members = Mapping[int, list[Any]]
"""Of a row of a pivot: the values in the result that each of its cells is made of, by the cell's column."""


@dataclass(frozen=True)
class PivotSource(Source):
    """Rows of a pivot, and for each the members of its cells. The last `measures` columns are its totals."""

    members: Sequence[Members] = ()
    measures: int = 1

    @property
    def names_rows(self) -> bool:
        return True

    def parts(self, at: int, rows: Iterable[int]) -> Iterable[Any]:
        """The members of a column in some rows: an average of averages would be another one."""
        width = len(self.columns)
        if at < width - self.measures:
            return chain.from_iterable(self.members[row].get(at, ()) for row in rows)
        like = (at - width) % self.measures
        return chain.from_iterable(
            members
            for row in rows
            for place, members in self.members[row].items()
            if (place - width) % self.measures == like
        )
