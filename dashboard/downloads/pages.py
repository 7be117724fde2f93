"""What a download is made of: a result's pages as the gateway gives them, and where they come from.

Made by the download routes from `gateway`'s pages; read by `tables` and every writer.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from dashboard.gateway.results import Column

Record = Sequence[Any]
"""A row: values as on the wire, that is exact text for decimals, ISO text for dates, None for NULL."""

Chunks = Generator[bytes, None, None]
"""A file, piece by piece and never an empty piece; to close it is to end the work on it."""


class Digits(NamedTuple):
    """How a decimal column is declared: digits in all, and digits behind the point."""

    precision: int
    scale: int


@dataclass(frozen=True)
class Page:
    """Some of a result's rows. `digits` tells of each column, by position, how it is declared, where that is known."""

    columns: tuple[Column, ...]
    records: Sequence[Record]
    digits: tuple[Digits | None, ...] = ()


@dataclass(frozen=True)
class Provenance:
    """Where rows come from and who took them when. `as_of` and `downloaded_at` are ISO 8601 text.

    `row_count` is how many rows the statement has, and so how many the file must have. `note` is what must be known
    of the data wherever it goes, such as that it is simulated.
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
    """A parameter's value for people: several values, and the ends of a range, with commas between them."""
    return value if isinstance(value, str) else ", ".join(value)
