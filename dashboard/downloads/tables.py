"""A result on its way into a file: its columns, and its rows in blocks; opened by every writer.

Here is what all formats share: unique column names, a turn for everybody else between two blocks, and the rule that a
file has all the rows or none: one that lacks some must not look whole.
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
"""Seconds. Not 0: gevent then runs who is ready, but looks at the sockets only after 50 such turns."""


class Incomplete(Exception):
    """The pages ended with more or fewer rows than the statement has."""

    def __init__(self, provenance: Provenance, rows: int) -> None:
        super().__init__(
            f"Statement {provenance.statement_id} has {provenance.row_count:,} rows, but its pages had {rows:,}."
        )


@dataclass(frozen=True)
class Table:
    """Columns with unique names, how decimals are declared, the first rows to judge by, and all rows in blocks.

    `blocks` can be read once. It raises `Incomplete` at its end unless as many rows came as there are.
    """

    columns: tuple[Column, ...]
    digits: tuple[Digits | None, ...]
    sample: Sequence[Record]
    blocks: Iterator[Sequence[Record]]


def open_table(provenance: Provenance, pages: Iterable[Page]) -> Table:
    """The result of these pages, of which the first is fetched now; raises `Incomplete` if there is none."""
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
    """The text of a text column's value. A type that the wire contract does not name may travel as something else."""
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
    """The columns with names that differ, in whatever case: to DuckDB and Redshift `a` and `A` are the same name."""
    taken = {column.name.lower() for column in columns}
    used: set[str] = set()
    named = []
    for position, column in enumerate(columns, 1):
        name = column.name or f"column_{position}"
        if name.lower() in used or not column.name:
            name = next(new for new in _numbered(name) if new.lower() not in taken | used)
        used.add(name.lower())
        named.append(column._replace(name=name))
    return tuple(named)


def _numbered(name: str) -> Iterator[str]:
    return (name if number == 1 else f"{name}_{number}" for number in itertools.count(1))
