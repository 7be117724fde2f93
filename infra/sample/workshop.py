"""The DuckDB connection on which `simulated` and `tripfiles` make trips, kept small beside the running warehouse."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

MEMORY_LIMIT = "400MB"
THREADS = 2


class SampleError(Exception):
    """The wanted trips cannot be made; the message is one sentence for the person at the terminal."""


@contextmanager
def workshop(directory: Path, macros: Iterable[str] = ()) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection that knows `macros`, on a scratch database in `directory`: staged rows need disk and not memory.

    The scratch database is gone afterwards.
    """
    scratch = directory / "scratch.duckdb"
    remove(scratch)
    try:
        with duckdb.connect(scratch, config={"memory_limit": MEMORY_LIMIT, "threads": THREADS}) as connection:
            for macro in macros:
                connection.execute(macro)
            yield connection
    finally:
        remove(scratch)


def remove(scratch: Path) -> None:
    """Delete a scratch database and what DuckDB may have left beside it."""
    for leftover in (scratch, scratch.with_name(f"{scratch.name}.wal")):
        leftover.unlink(missing_ok=True)


def statement(name: str) -> str:
    """The SQL file `name` that lies beside this module."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")
