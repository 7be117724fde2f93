"""A finished statement's rows, as `GET /results/{statementId}` returns them; made by `client`, drawn by `charts`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Self

NUMERIC_TYPES = frozenset({"integer", "number", "decimal"})
TEMPORAL_TYPES = frozenset({"date", "timestamp"})


MAX_CELLS = 1_000_000
"""Values of one result that are held, whatever the number of its columns: some 50 MB."""


class Column(NamedTuple):
    """One column: its name and its wire type (string integer number decimal boolean date timestamp).

    `zoned` is whether a timestamp has a time zone.
    """

    name: str
    type: str
    zoned: bool = False

    @classmethod
    def of(cls, wire: Mapping[str, Any]) -> Self:
        """A column as `GET /results/{statementId}` describes it."""
        return cls(wire["name"], wire["type"], wire.get("zoned", False))


@dataclass(frozen=True)
class Result:
    """A statement's rows. Decimals are exact text, dates ISO text and NULL is None, as on the wire.

    A number is a float, or one of the texts NaN, Infinity and -Infinity, which JSON has no numbers for."""

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

    @property
    def max_rows(self) -> int:
        """As many rows as there is room for: 100,000 of 10 columns, 1,000 of 1,000."""
        return max(MAX_CELLS // max(len(self.columns), 1), 1)

    def serves(self, rows: int) -> bool:
        """Whether these are the statement's first `rows` rows, or all that it has or there is room for."""
        return not self.truncated or len(self.records) >= min(rows, self.max_rows)

    def first(self, rows: int) -> Self:
        """The same result with at most its first `rows` rows, and no more than there is room for."""
        most = min(rows, self.max_rows)
        return self if len(self.records) <= most else replace(self, records=self.records[:most])
