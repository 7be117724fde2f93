"""Columns as their tables declare them: NOT NULL, a text's length, a default.

Used by `queries`, for the metadata of a result column that is a table's column, and by `catalog`.
"""

import re
from dataclasses import replace
from typing import Any

import duckdb
from sqlglot import exp

from infra.redshift_sql.expressions.types import SqlType, of_duckdb
from infra.redshift_sql.rewrite import Columns
from infra.warehouse.columns import Column, Origin, kind_of

DECLARED = """
    SELECT columns.schema_name, columns.table_name, columns.column_name, columns.data_type, columns.is_nullable,
           columns.column_default, checks.expression
    FROM duckdb_columns() AS columns
    LEFT JOIN duckdb_constraints() AS checks
      ON checks.table_oid = columns.table_oid AND checks.database_name = columns.database_name
     AND checks.constraint_type = 'CHECK' AND checks.constraint_column_names = [columns.column_name]
    WHERE """
_OF_TABLE = DECLARED + "columns.schema_name = $1 AND columns.table_name = $2 ORDER BY columns.column_index"
_LENGTH = re.compile(r"strlen\(.*\) <= (\d+)")
_CHAR = re.compile(r"strlen\(rtrim\(")
Declared = dict[str, Origin]


class TableColumns:
    """The declared columns of tables, each read once a statement."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection) -> None:
        self._cursor = cursor
        self._rows: dict[tuple[str, str], list[tuple[Any, ...]]] = {}

    def types(self, table: exp.Table) -> Columns:
        """Names and types of a resolved table's columns, for the translation."""
        return [(str(row[2]), _type(str(row[3]), row[6])) for row in self._of(table)]

    def origins(self, table: exp.Table) -> Declared:
        """Where each column comes from, by its name."""
        return {str(row[2]): declared_column(row).origin for row in self._of(table)}

    def _of(self, table: exp.Table) -> list[tuple[Any, ...]]:
        key = (table.db, table.name)
        if key not in self._rows:
            self._rows[key] = self._cursor.execute(_OF_TABLE, list(key)).fetchall()
        return self._rows[key]


def with_origins(tables: TableColumns, tree: exp.Expr, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of a query whose tables are resolved; an expression's column keeps the empty origin."""
    if not isinstance(tree, exp.Select):
        return columns
    names = _column_names(tree, columns)
    sources = _sources(tree) if any(names) else {}
    declared = {alias: tables.origins(table) for alias, table in sources.items()}
    return tuple(_placed(column, name, declared) for column, name in zip(columns, names, strict=True))


def _column_names(tree: exp.Select, columns: tuple[Column, ...]) -> list[exp.Column | None]:
    """For each result column the table column it shows, if any; `*` counts when it stands alone."""
    if len(tree.expressions) == 1 and tree.expressions[0].is_star:
        return [exp.column(column.label) for column in columns]
    if len(tree.expressions) != len(columns) or any(projection.is_star for projection in tree.expressions):
        return [None] * len(columns)
    shown = [projection.unalias() for projection in tree.expressions]
    return [node if isinstance(node, exp.Column) else None for node in shown]


def _sources(tree: exp.Select) -> dict[str, exp.Table]:
    clauses = [tree.args.get("from_"), *(tree.args.get("joins") or [])]
    tables = [clause.this for clause in clauses if clause is not None and isinstance(clause.this, exp.Table)]
    return {table.alias_or_name: table for table in tables if table.db}


def declared_column(row: tuple[Any, ...]) -> Column:
    """A row of `DECLARED` as a column."""
    schema, table, name, kind, nullable, default, check = row
    origin = Origin(schema, table, bool(nullable), _length(check))
    return Column(name, kind_of(kind), origin, default)


def _type(kind: str, check: str | None) -> SqlType | None:
    """A column's type. A CHAR is told by its check, and held without blanks at its end."""
    length = _length(check)
    is_char = length is not None and _CHAR.search(check or "") is not None
    return SqlType("char", length or 0, trimmed=True) if is_char else of_duckdb(kind, length)


def _length(check: str | None) -> int | None:
    found = _LENGTH.search(check or "")
    return int(found[1]) if found else None


def _placed(column: Column, shown: exp.Column | None, declared: dict[str, Declared]) -> Column:
    if shown is None:
        return column
    tables = [declared[shown.table]] if shown.table in declared else ([] if shown.table else list(declared.values()))
    origins = [table[shown.name] for table in tables if shown.name in table]
    return replace(column, origin=origins[0]) if len(origins) == 1 else column
