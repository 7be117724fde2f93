"""The input of every writer: a result's pages, and the provenance of its rows.

Made by the download routes from the gateway's pages; read by `tables` and the writers.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.gateway.results import Column

Record = Sequence[Any]
"""A row with the values of the wire: exact text for decimals, ISO 8601 text for dates, None for NULL."""

Chunks = Generator[bytes, None, None]
"""A file, piece by piece, no piece empty; closing it ends the fetching of pages."""


class Digits(NamedTuple):
    """How a decimal column is declared: digits in all, and digits behind the point."""

    precision: int
    scale: int


@dataclass(frozen=True)
class Page:
    """Some of a result's rows. `digits` has the declared digits of each column, by position, where they are known."""

    columns: tuple[Column, ...]
    records: Sequence[Record]
    digits: tuple[Digits | None, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where rows come from, and who downloaded them when. `as_of` and `downloaded_at` are ISO 8601 text.

    `row_count` is the number of rows of the statement, and so of the file. `note` is a notice that every copy of the
    data must carry, such as that it is simulated.
    """

    report: str
    title: str
    department: str
    parameters: Mapping[str, str | Sequence[str]]
    statement_id: str
    as_of: str
    row_count: int
    user: str
    downloaded_at: str
    note: str = ""


def value_text(value: str | Sequence[str]) -> str:
    """Returns a parameter's value as text: several values, and the ends of a range, with commas between them."""
    return value if isinstance(value, str) else ", ".join(value)
