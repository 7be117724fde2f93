"""Small results: kept as MessagePack, since a Parquet file takes longer to write and read than a report's few rows.

Used by `queries`. A page reads them like any other result, see `results`.
"""
# ruff: noqa: S608 - the SQL is made of column numbers, types and a query already checked

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from infra.redshift_sql.errors import StatementFailed
from infra.warehouse.columns import Column
from infra.warehouse.results import Result

SMALL_ROWS = 1000
SMALL_BYTES = 256 * 1024
_BATCH_ROWS = 50
_CHANGED_BY_PARQUET = {"timetz"}
"""Types that a Parquet file gives back in another form: a TIMETZ in UTC, as Redshift does."""
_TEXTS = {"VARCHAR", "BLOB"}
Row = tuple[Any, ...]


@dataclass(frozen=True)
class SmallResult(Result):
    """At most one page of rows, in one file, and the bytes of the longest row's texts."""

    widest: int

    def read(self, cursor: duckdb.DuckDBPyConnection, offset: int, limit: int) -> Iterator[Row]:
        """Up to `limit` rows from a row number on. Raises FileNotFoundError when it was deleted."""
        del cursor
        rows = msgspec.msgpack.decode(self.path.read_bytes(), type=list[tuple[Any, ...]])
        return iter(rows[offset : offset + limit])

    def widest_row(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """The bytes of the longest row's texts."""
        del cursor
        return self.widest


def write_small(
    cursor: duckdb.DuckDBPyConnection, sql: str, columns: tuple[Column, ...], path: Path
) -> SmallResult | None:
    """Run a query into a file if it has few rows; None, and no file, if it has many.

    Rows are taken batch by batch, so that no more than a small result and a batch are in memory. What a later row of
    many would raise is not raised here, but when the query runs again into a file for many.
    """
    if any(column.kind.name in _CHANGED_BY_PARQUET for column in columns):
        return None
    rows = _few_rows(cursor.execute(_selected(sql, columns)))
    if rows is None:
        return None
    content = msgspec.msgpack.encode(rows)
    _write(path, content)
    return SmallResult(path, columns, len(rows), len(content), _widest(rows, columns))


def _selected(sql: str, columns: tuple[Column, ...]) -> str:
    """The query with each value as a page reads it from a file."""
    names = ", ".join(f"c{i}" for i in range(len(columns)))
    values = ", ".join(column.kind.read.format(column.kind.into_file(f"c{i}")) for i, column in enumerate(columns))
    return f"SELECT {values} FROM ({sql}) AS r({names})"


def _few_rows(stream: duckdb.DuckDBPyConnection) -> list[Row] | None:
    """All rows of a query that runs; None when they are more than a small result holds."""
    rows: list[Row] = []
    size = 0
    while batch := stream.fetchmany(_BATCH_ROWS):
        rows += batch
        size += len(msgspec.msgpack.encode(batch))
        if len(rows) > SMALL_ROWS or size > SMALL_BYTES:
            return None
    return rows


def _widest(rows: list[Row], columns: tuple[Column, ...]) -> int:
    texts = [i for i, column in enumerate(columns) if column.kind.stored in _TEXTS]
    return max((sum(_length(row[i]) for i in texts) for row in rows), default=0)


def _length(value: str | bytes | None) -> int:
    if value is None:
        return 0
    return len(value.encode() if isinstance(value, str) else value)


def _write(path: Path, content: bytes) -> None:
    try:
        path.write_bytes(content)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise StatementFailed(f"ERROR: Disk Full\n  Detail: {error.strerror}") from error
