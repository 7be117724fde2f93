"""What a run asks of the table, by kind: the one place where the simulation's figures of it stand.

Units in all are those that docs/operations.md tells, which the suite `calls` counts and holds it to. Which of them fall
on a key that many share was counted from the same clients' requests, by their keys.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OPERATIONS = Path(__file__).parents[3] / "docs" / "operations.md"

TOLD = re.compile(
    r"a statement takes (?P<missed_writes>\d+) writes and (?P<missed_reads>\d+) reads from asked to told, "
    r"joining one (?P<joined_writes>\d+) writes and (?P<joined_reads>\d+) reads, "
    r"a cached answer (?P<cached_writes>\d+) writes and (?P<cached_reads>\d+) reads"
)
"""The sentence of docs/operations.md on which its costs stand, and ours."""

MISSED, JOINED, CACHED = KINDS = ("missed", "joined", "cached")


@dataclass(frozen=True)
class SharedKeys:
    """DynamoDB units of one run on keys that it shares with others: of a report on one table.

    `attempt` is the key of everybody who waits for the statement, `run` the question's own, `settled` the catalogue's
    and the table's, which each page reads once for all its runs, and `ended` the day's.
    """

    attempt_writes: float
    run_writes: float
    run_reads: float
    settled_reads: float
    ended_writes: float


SHARED_KEYS: Mapping[str, SharedKeys] = {
    MISSED: SharedKeys(attempt_writes=3, run_writes=3, run_reads=3, settled_reads=1, ended_writes=1),
    JOINED: SharedKeys(attempt_writes=3, run_writes=0, run_reads=2, settled_reads=1, ended_writes=0),
    CACHED: SharedKeys(attempt_writes=0, run_writes=0, run_reads=2, settled_reads=1, ended_writes=1),
}
"""As counted on 2026-11-30. `settled_reads` are of each of the two keys."""

WATCH_WRITES = 2
"""Of the write units that are told of a run, those of its watch: under its table and on its socket. A page of several
panels has one watch for all of them."""

_WATCH_BYTES, _PANEL_BYTES = 110, 140
"""Of a page's watch under a table, and of each panel in it, as counted on 2026-12-01."""

POSTS = 2
"""Messages that a run is told that is not cached: accepted, and its end. A page asks by one, and what is cached of it
is told by one."""

RESULT_READS = 1
"""Read units of one reading of rows."""


def watch_units(panels: int) -> int:
    """Write units of a page's watch under one table, of so many panels: one for each kilobyte that it has begun."""
    return math.ceil((_WATCH_BYTES + _PANEL_BYTES * panels) / 1024)


def units() -> dict[str, int]:
    """Write and read units of a run of each kind, such as `joined_writes`; raises `ValueError` when none are told."""
    found = TOLD.search(" ".join(OPERATIONS.read_text(encoding="utf-8").split()))
    if found is None:
        raise ValueError("docs/operations.md does not tell what a statement takes of DynamoDB.")
    return {name: int(number) for name, number in found.groupdict().items()}
