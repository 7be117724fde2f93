"""A finished statement's rows, as `GET /results/{statementId}` gives them; made by `gateway`, drawn by `charts`."""

from dataclasses import dataclass
from typing import Any, NamedTuple

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
