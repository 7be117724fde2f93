"""A finished statement's rows, as `GET /results/{statementId}` gives them; made by `gateway`, drawn by `charts`."""

from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

NUMERIC_TYPES = frozenset({"integer", "number", "decimal"})
TEMPORAL_TYPES = frozenset({"date", "timestamp"})


class Column(NamedTuple):
    """One column: its name and its wire type (string integer number decimal boolean date timestamp)."""

    name: str
    type: str


@dataclass(frozen=True)
class Result:
    """A statement's rows. Decimals are exact text, dates ISO text and NULL is None, as on the wire."""

    statement_id: str
    report: str
    as_of: str
    row_count: int
    columns: tuple[Column, ...]
    records: tuple[tuple[Any, ...], ...]

    @property
    def truncated(self) -> bool:
        """Whether the statement has more rows than were fetched."""
        return self.row_count > len(self.records)

    def serves(self, rows: int) -> bool:
        """Whether these are the statement's first so many rows, or all that it has."""
        return not self.truncated or len(self.records) >= rows

    def first(self, rows: int) -> Self:
        """The same result with no more than its first so many rows."""
        return self if len(self.records) <= rows else replace(self, records=self.records[:rows])
