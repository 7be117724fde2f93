"""A result as every writer reads it: columns with unique names, and rows in blocks.

All formats share this: between two blocks other greenlets run, and a file that lacks rows ends with an error, so that
it does not look complete.
"""

import itertools
import json
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.downloads.pages import Digits, Page, Provenance, Record
from dashboard.gateway.results import Column

BLOCK_ROWS = 1000
"""Some 10 ms of work."""

_YIELD_SECONDS = 0.0005
"""Not 0: `sleep(0)` runs the greenlets that are ready, but gevent polls the sockets only once in 50 such calls."""


class Incomplete(Exception):
    """The pages had more or fewer rows than the statement."""

    def __init__(self, provenance: Provenance, rows: int) -> None:
        super().__init__(
            f"Statement {provenance.statement_id} has {provenance.row_count:,} rows, but its pages had {rows:,}."
        )


@dataclass(frozen=True)
class Table:
    """Columns with unique names, their declared digits, a sample (the first rows), and all rows in blocks.

    `blocks` can be read once. At its end it raises `Incomplete` unless the number of rows is that of the statement.
    """

    columns: tuple[Column, ...]
    digits: tuple[Digits | None, ...]
    sample: Sequence[Record]
    blocks: Iterator[Sequence[Record]]


def open_table(provenance: Provenance, pages: Iterable[Page]) -> Table:
    """Fetches the first page and returns the table of all; raises `Incomplete` if there is no page."""
    rest = iter(pages)
    first = next(rest, None)
    if first is None:
        raise Incomplete(provenance, 0)
    return Table(
        columns=_unique(first.columns),
        digits=first.digits or (None,) * len(first.columns),
        sample=first.records[:BLOCK_ROWS],
        blocks=_blocks(provenance, itertools.chain([first], rest)),
    )


def as_text(value: Any) -> str:
    """Returns a text column's value as text: one of a type outside the wire contract may be another JSON value."""
    return value if isinstance(value, str) else json.dumps(value)


def _blocks(provenance: Provenance, pages: Iterable[Page]) -> Iterator[Sequence[Record]]:
    rows = 0
    for page in pages:
        for start in range(0, len(page.records), BLOCK_ROWS):
            time.sleep(
                _YIELD_SECONDS
            )  # one thread serves every tab of this process: writing a block must not keep them waiting
            yield page.records[start : start + BLOCK_ROWS]
        rows += len(page.records)
    if rows != provenance.row_count:
        raise Incomplete(provenance, rows)


def _unique(columns: Sequence[Column]) -> tuple[Column, ...]:
    """The columns with different names, ignoring case: to DuckDB and Redshift `a` and `A` are the same name."""
    original = {column.name.lower() for column in columns}
    used: set[str] = set()
    named = []
    for position, column in enumerate(columns, 1):
        name = column.name or f"column_{position}"
        if name.lower() in used or not column.name:
            name = next(new for new in _numbered(name) if new.lower() not in original | used)
        used.add(name.lower())
        named.append(column._replace(name=name))
    return tuple(named)


def _numbered(name: str) -> Iterator[str]:
    return (name if number == 1 else f"{name}_{number}" for number in itertools.count(1))
