"""The published texts: tables, COPY commands and queries of a benchmark, read from a checkout of their repository.

Used by `test_tpc`. They are not part of this project and are never copied into it.
"""

import os
import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlglot import exp

from infra.redshift_sql.expressions.types import SqlType, of_node
from infra.redshift_sql.parse import statement_of, statements_in, tree_of
from infra.redshift_sql.queries.tables import without_physical_design

_CHECKOUT = os.environ.get("PUSHBOARD_TPC", "")
_BENCHMARKS = Path(_CHECKOUT) / "src" / "CloudDataWarehouseBenchmark"
_NAME = re.compile(r"TPC-DS query(\d+)\.tpl \S+(?: part(\d))?|TPC-H Q(\d+)")
_SOURCE = re.compile(r"copy\s+(\w+)\s+from\s*'([^']+)'", re.IGNORECASE)


@dataclass(frozen=True)
class Column:
    """A column of a table. `is_key`: it belongs to the primary key."""

    name: str
    type: SqlType
    is_nullable: bool
    is_key: bool


@dataclass(frozen=True)
class Table:
    """A table, and the address its COPY command reads."""

    name: str
    columns: list[Column]
    definition: str
    copy: str

    @property
    def source(self) -> str:
        """The address in S3."""
        found = _SOURCE.match(self.copy)
        assert found is not None
        return found[2]

    @property
    def is_packed(self) -> bool:
        """Whether the files are gzip."""
        return " gzip " in self.copy.lower()

    @property
    def plain_definition(self) -> str:
        """The CREATE TABLE without what only Redshift knows."""
        return without_physical_design(self.definition)


@dataclass(frozen=True)
class Benchmark:
    """A folder of the checkout."""

    name: str
    folder: Path

    @cached_property
    def tables(self) -> list[Table]:
        """The tables that are loaded."""
        texts = _statements(self.folder / "ddl.sql")
        copies = {found[1].lower(): text for text in texts if (found := _SOURCE.match(text))}
        made = [_table(text, copies) for text in texts if text.lower().startswith("create table")]
        return [table for table in made if table.copy]

    @cached_property
    def queries(self) -> dict[str, str]:
        """The queries by their number; the second of a pair as `39b`."""
        texts = _statements(self.folder / "queries" / "query_0.sql")
        return {_name(text): text for text in texts}


BENCHMARKS = [
    Benchmark("h", _BENCHMARKS / "Cloud-DWB-Derived-from-TPCH" / "10GB"),
    Benchmark("ds", _BENCHMARKS / "Cloud-DWB-Derived-from-TPCDS" / "1TB"),
]


def absence() -> str:
    """Why the texts cannot be read; empty when they can."""
    if not _CHECKOUT:
        return "PUSHBOARD_TPC names no checkout of awslabs/amazon-redshift-utils"
    missing = [str(one.folder) for one in BENCHMARKS if not one.folder.is_dir()]
    return f"PUSHBOARD_TPC: no folder {', '.join(missing)}" if missing else ""


def _statements(file: Path) -> list[str]:
    text = file.read_text()
    return [text[tokens[0].start : tokens[-1].end + 1] for tokens in statements_in(text)]


def _name(text: str) -> str:
    found = _NAME.search(text)
    assert found is not None, text[:200]
    return (found[1] or found[3]) + ("b" if found[2] else "")


def _table(definition: str, copies: dict[str, str]) -> Table:
    tree = tree_of(statement_of(definition), {})
    key = tree.find(exp.PrimaryKey)
    keys = {one.name.lower() for one in key.expressions} if key is not None else set()
    columns = [_column(one, keys) for one in tree.find_all(exp.ColumnDef)]
    name = tree.this.this.name.lower()
    return Table(name, columns, definition, copies.get(name, ""))


def _column(node: exp.ColumnDef, keys: set[str]) -> Column:
    kind = of_node(node.args["kind"])
    assert kind is not None
    name = node.name.lower()
    is_key = name in keys
    is_nullable = node.find(exp.NotNullColumnConstraint) is None and not is_key
    return Column(name, kind, is_nullable, is_key)
