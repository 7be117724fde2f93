"""A finished statement's rows, as `GET /results/{statementId}` gives them; made by `gateway`, drawn by `charts`."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import pandas as pd

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

    def frame(self) -> pd.DataFrame:
        """The rows for drawing: numbers as float64 or Int64, dates as datetime64, everything else as objects."""
        frame = pd.DataFrame(list(self.records), columns=[column.name for column in self.columns], dtype=object)
        for position, column in enumerate(self.columns):
            frame.isetitem(position, _converted(frame.iloc[:, position], column.type))
        return frame


def _converted(values: pd.Series, wire_type: str) -> pd.Series:
    if wire_type in NUMERIC_TYPES:
        return pd.to_numeric(values, errors="coerce")
    if wire_type in TEMPORAL_TYPES:
        return pd.to_datetime(values, errors="coerce", format="ISO8601")
    return values
