"""Results that are read page after page: each page goes on where the one before it ended.

Used by `statement_queries`. To find a page in a file, DuckDB reads the whole row group that it lies in,
several times for each of its rows; an open query has them one after another. It is a query of a DuckDB of its own, so
that one that is left open, as by a reader who gives up, holds no snapshot of the warehouse.
"""
# ruff: noqa: S608 - the SQL is made of column numbers and types

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from infra.warehouse.engine import MEMORY_LIMIT
from infra.warehouse.results import ParquetResult, Result

MOST_OPEN = 4
"""Queries that are kept open, those used last: each holds about a megabyte of rows."""

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    "threads": "2",
    "memory_limit": MEMORY_LIMIT,
    "autoinstall_known_extensions": "false",
}
Row = tuple[Any, ...]


class OutOfOrder(Exception):
    """DuckDB gave rows of a file in another order than they lie in."""


@dataclass
class _Stream:
    """The rows of a result from a row number on, of which some are fetched and not yet taken."""

    cursor: duckdb.DuckDBPyConnection
    position: int
    fetched: list[Row] = field(default_factory=list)

    def peek(self, count: int) -> list[Row]:
        """So many of the next rows, or all that are left."""
        if len(self.fetched) < count:
            first = self.position + len(self.fetched)
            more = self.cursor.fetchmany(count - len(self.fetched))
            if more and (more[0][-1], more[-1][-1]) != (first, first + len(more) - 1):
                raise OutOfOrder(f"row {more[0][-1]} came where row {first} was next")
            self.fetched += [row[:-1] for row in more]
        return self.fetched[:count]

    def take(self, count: int) -> None:
        """So many of the rows that were seen are done with."""
        del self.fetched[:count]
        self.position += count


class ResultStreams:
    """Opens results for reading; safe for many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._connection = duckdb.connect(config=_CONFIG)
        self._connection.execute("SET GLOBAL TimeZone = 'UTC'")
        self._open: OrderedDict[tuple[Path, int], _Stream] = OrderedDict()

    def rows(self, result: Result, offset: int, count: int) -> list[Row]:
        """Up to so many rows from a row number on. Raises duckdb.IOException or FileNotFoundError if it was deleted."""
        if not isinstance(result, ParquetResult):
            return list(result.read(self._connection, offset, count))
        stream = self._taken(result, offset)
        rows = stream.peek(count)
        self._put_back(result, stream)
        return rows

    def go_on(self, result: Result, offset: int, count: int) -> None:
        """Of the rows that `rows` gave from this row number on, so many were read; the next page is behind them."""
        with self._lock:
            stream = self._open.pop((result.path, offset), None)
        if stream is not None:
            stream.take(count)
            self._put_back(result, stream)

    def close(self) -> None:
        """Lets go of all files."""
        with self._lock:
            for stream in self._open.values():
                stream.cursor.close()
            self._open.clear()
            self._connection.close()

    def _taken(self, result: ParquetResult, offset: int) -> _Stream:
        with self._lock:
            stream = self._open.pop((result.path, offset), None)
            if stream is not None:
                return stream
            cursor = self._connection.cursor()
        names = ", ".join(column.kind.read.format(f"c{i}") for i, column in enumerate(result.columns))
        query = f"SELECT {names}, file_row_number FROM read_parquet($1) WHERE file_row_number >= $2"
        try:
            return _Stream(cursor.execute(query, [str(result.path), offset]), offset)
        except BaseException:
            cursor.close()
            raise

    def _put_back(self, result: Result, stream: _Stream) -> None:
        """Keeps it for the next page, unless there is none, and closes what was not used for the longest time."""
        with self._lock:
            done = [stream] if stream.position >= result.rows else []
            if not done:
                replaced = self._open.pop((result.path, stream.position), None)
                done = [replaced] if replaced else []
                self._open[result.path, stream.position] = stream
            while len(self._open) > MOST_OPEN:
                done.append(self._open.popitem(last=False)[1])
        for each in done:
            each.cursor.close()
