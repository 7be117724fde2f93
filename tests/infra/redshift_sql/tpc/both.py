"""The same tables and rows in the local warehouse and in a PostgreSQL server, and a query's answer from each.

Used by `test_tpc`. The warehouse runs the published CREATE TABLE and COPY commands as they are.
"""

import csv
import gzip
import io
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tests.infra.local.redshift_data.conftest import Warehouse

from ..postgres import Server
from . import spelling
from .rows import Row, Rows
from .texts import Benchmark, Table
from .values import Values
from .vocabulary import Vocabulary

_NULL = "(null)"


@dataclass
class Answer:
    """A query's columns and rows; a number is a Decimal or a float, a text has no blanks at its end."""

    columns: list[str] = field(default_factory=list)
    rows: list[tuple[Any, ...]] = field(default_factory=list)
    types: list[str] = field(default_factory=list)


class Both:
    """The two of them, with a benchmark's tables of their own."""

    def __init__(self, benchmark: Benchmark, warehouse: Warehouse, server: Server, seed: int) -> None:
        self._schema = benchmark.name
        self._warehouse = warehouse
        self._server = server
        self._there(f"create schema {self._schema};\n{spelling.SETUP}")
        rows = Rows(benchmark.tables, Values(seed, Vocabulary(benchmark.queries.values())))
        for table in benchmark.tables:
            self._load(table, rows.rows[table.name])
        self._there("analyze;")

    def _there(self, script: str, number: str = "") -> str:
        return self._server.run(f"{spelling.settings(self._schema, number)}\n{script}")

    def _load(self, table: Table, rows: list[Row]) -> None:
        lines = "".join("|".join(row.values()) + "\n" for row in rows)
        self._there(f"{table.plain_definition};")
        self._there(f"copy {table.name} from stdin with (delimiter '|', null '');\n{lines}\\.\n")
        file = self._warehouse.folder / f"{table.name}.tbl"
        file.write_bytes(gzip.compress(lines.encode(), 1) if table.is_packed else lines.encode())
        self._warehouse.bucket[table.source] = [file]
        self._warehouse.ok(table.definition)
        assert self._warehouse.ok(table.copy)["ResultRows"] == len(rows)

    def here(self, sql: str) -> Answer:
        """The local warehouse's answer, all pages of it."""
        identifier = self._warehouse.ok(sql)["Id"]
        answer = Answer()
        members: dict[str, str] | None = {}
        while members is not None:
            page = self._warehouse.page(identifier, **members)
            metadata = page["ColumnMetadata"]
            answer.columns, answer.types = _members(metadata, "label"), _members(metadata, "typeName")
            answer.rows += [tuple(map(_field, record, answer.types)) for record in page["Records"]]
            members = {"NextToken": page["NextToken"]} if page.get("NextToken") else None
        return answer

    def there(self, sql: str, number: str, types: list[str]) -> Answer:
        """PostgreSQL's answer to the query of a number, its values read as these types, its labels in small letters."""
        copy = f"copy (\n{spelling.spelled(sql)}\n) to stdout with (format csv, header, null '{_NULL}');"
        columns, *rows = csv.reader(io.StringIO(self._there(copy, number)))
        labels = [column.lower() for column in columns]
        return Answer(labels, [tuple(map(_value, row, types)) for row in rows], types)


def _members(metadata: list[dict[str, Any]], name: str) -> list[str]:
    return [str(column[name]) for column in metadata]


def _field(record: dict[str, Any], kind: str) -> Any:
    return None if "isNull" in record else _value(str(next(iter(record.values()))), kind)


def _value(text: str, kind: str) -> Any:
    if text == _NULL:
        return None
    if kind in ("float4", "float8"):
        return float(f"{float(text):.12g}")
    if kind in ("numeric", "int2", "int4", "int8"):
        return Decimal(text)
    return text.rstrip(" ")
