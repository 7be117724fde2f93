"""Finished results: written to a Parquet file in one pass, read back in pages. Never whole in memory.

`statements.queries` writes them, the Data API reads pages of them; `small_results` keeps those of few rows.
"""
# ruff: noqa: S608 - the SQL is made of column numbers, types and a query already checked

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from infra.warehouse.columns import Column, kind_of

SLICE_ROWS = 10_000
GROUP_ROWS = 20_480  # a page reads the groups it lies in
_LENGTHS = {"VARCHAR": "strlen", "BLOB": "octet_length"}


@dataclass(frozen=True)
class Result(ABC):
    """A result on disk: one file, its columns and its size."""

    path: Path
    columns: tuple[Column, ...]
    rows: int
    size: int

    def metadata(self) -> list[dict[str, Any]]:
        """ColumnMetadata of every column."""
        return [column.metadata() for column in self.columns]

    @abstractmethod
    def read(self, cursor: duckdb.DuckDBPyConnection, offset: int, limit: int) -> Iterator[tuple[Any, ...]]:
        """Up to `limit` rows from a row number on, in order, each value as its type's `read` gives it."""

    @abstractmethod
    def widest_row(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """The bytes of the longest row's texts; 0 when there are none, as all else is short."""

    def delete(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True)
class ParquetResult(Result):
    """A result of any size, read in slices."""

    def read(self, cursor: duckdb.DuckDBPyConnection, offset: int, limit: int) -> Iterator[tuple[Any, ...]]:
        """Up to `limit` rows from a row number on, in order, each value as its type's `read` gives it."""
        names = ", ".join(column.kind.read.format(f"c{i}") for i, column in enumerate(self.columns))
        query = (
            f"SELECT {names} FROM read_parquet($1) WHERE file_row_number >= $2 AND file_row_number < $3 "
            "ORDER BY file_row_number"
        )
        end = min(offset + limit, self.rows)
        for start in range(offset, end, SLICE_ROWS):
            yield from cursor.execute(query, [str(self.path), start, min(start + SLICE_ROWS, end)]).fetchall()

    def widest_row(self, cursor: duckdb.DuckDBPyConnection) -> int:
        """The bytes of the longest row's texts; 0 when there are none, as all else is short."""
        stored = [(f"c{i}", column.kind.stored) for i, column in enumerate(self.columns)]
        lengths = [f"coalesce({_LENGTHS[kind]}({name}), 0)" for name, kind in stored if kind in _LENGTHS]
        if not lengths or not self.rows:
            return 0
        width = " + ".join(lengths)
        row = cursor.execute(f"SELECT max({width}) FROM read_parquet($1)", [str(self.path)]).fetchone()
        return int(row[0]) if row else 0


def described(cursor: duckdb.DuckDBPyConnection, sql: str) -> tuple[Column, ...]:
    """The columns a DuckDB query will have, without running it."""
    rows = cursor.execute(f"DESCRIBE {sql}").fetchall()
    return tuple(Column(str(name), kind_of(str(kind))) for name, kind, *_ in rows)


def write_result(cursor: duckdb.DuckDBPyConnection, sql: str, columns: tuple[Column, ...], path: Path) -> ParquetResult:
    """Run a query straight into a file."""
    names = ", ".join(f"c{i}" for i in range(len(columns)))
    stored = ", ".join(f"{column.kind.into_file(f'c{i}')} AS c{i}" for i, column in enumerate(columns))
    rows = f"SELECT {stored} FROM ({sql}) AS r({names})"
    row = cursor.execute(f"COPY ({rows}) TO '{path}' (FORMAT parquet, ROW_GROUP_SIZE {GROUP_ROWS})").fetchone()
    return ParquetResult(path, columns, int(row[0]) if row else 0, path.stat().st_size)
