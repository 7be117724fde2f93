"""Which table column a result column is: its schema, table, NOT NULL and declared length. Used by `queries`."""

import re
from dataclasses import replace

import duckdb
from sqlglot import exp

from .columns import Column, Origin

_DECLARED = """
    SELECT columns.column_name, columns.is_nullable, checks.expression
    FROM duckdb_columns() AS columns
    LEFT JOIN duckdb_constraints() AS checks
      ON checks.table_oid = columns.table_oid AND checks.database_name = columns.database_name
     AND checks.constraint_type = 'CHECK' AND checks.constraint_column_names = [columns.column_name]
    WHERE columns.schema_name = $1 AND columns.table_name = $2"""
_LENGTH = re.compile(r"strlen\(.*\) <= (\d+)")
Declared = dict[str, Origin]


def with_origins(cursor: duckdb.DuckDBPyConnection, tree: exp.Expr, columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The columns of a query whose tables are resolved; an expression's column keeps the empty origin."""
    if not isinstance(tree, exp.Select):
        return columns
    names = _column_names(tree, columns)
    sources = _sources(tree) if any(names) else {}
    declared = {alias: declared_columns(cursor, table.db, table.name) for alias, table in sources.items()}
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


def declared_columns(cursor: duckdb.DuckDBPyConnection, schema: str, table: str) -> Declared:
    """Each column of a table: whether it is nullable, and a text's declared length."""
    found: Declared = {}
    for name, nullable, check in cursor.execute(_DECLARED, [schema, table]).fetchall():
        length = _LENGTH.search(check or "")
        found[name] = Origin(schema, table, bool(nullable), int(length[1]) if length else None)
    return found


def _placed(column: Column, shown: exp.Column | None, declared: dict[str, Declared]) -> Column:
    if shown is None:
        return column
    tables = [declared[shown.table]] if shown.table in declared else ([] if shown.table else list(declared.values()))
    origins = [table[shown.name] for table in tables if shown.name in table]
    return replace(column, origin=origins[0]) if len(origins) == 1 else column
