"""Statements that return rows: SELECT, WITH, set operations, EXPLAIN.

Called by `dispatch`; next, `results` writes the rows to a file.
"""

from dataclasses import dataclass, replace

from sqlglot import exp

from .columns import Column, kind_of_type
from .dialect import duckdb_sql
from .errors import unsupported
from .origins import TableColumns, with_origins
from .parse import Statement, statement_of, tree_of
from .results import described, spill
from .rewrites import Columns, rewritten, translated
from .work import Outcome, Work


@dataclass(frozen=True)
class PreparedQuery:
    """A query as DuckDB runs it, and the columns it will have."""

    sql: str
    columns: tuple[Column, ...]


def run_query(work: Work, tree: exp.Expr) -> Outcome:
    """Run a query into a result file. Raises StatementFailed, PermissionFailed; DuckDB's errors pass through."""
    return _spilled(work, prepared(work, tree))


def prepared(work: Work, tree: exp.Expr) -> PreparedQuery:
    """A query the user may run, translated."""
    if tree.find(exp.Into):
        raise unsupported("SELECT INTO")
    changed = rewritten(tree, work.user)
    work.rights().check("SELECT", work.relations().read_by(changed))
    tables = TableColumns(work.cursor)
    typed = translated(changed, tables.types)
    sql = duckdb_sql(changed)
    columns = _columns(work, typed, sql)
    return PreparedQuery(sql, with_origins(tables, changed, columns))


def _columns(work: Work, typed: Columns, sql: str) -> tuple[Column, ...]:
    """DuckDB is asked only about what has no type here."""
    if all(kind is not None for _, kind in typed):
        return tuple(Column(name, kind_of_type(kind)) for name, kind in typed if kind is not None)
    known = described(work.cursor, sql)
    if len(known) != len(typed):
        return known
    pairs = zip(known, typed, strict=True)
    return tuple(found if kind is None else replace(found, kind=kind_of_type(kind)) for found, (_, kind) in pairs)


def explain(work: Work, statement: Statement) -> Outcome:
    """EXPLAIN: DuckDB's plan, one line a row, under Redshift's column name."""
    inner = statement_of(statement.sql[len("EXPLAIN") :])
    if inner.starts("VERBOSE"):
        inner = statement_of(inner.sql[len("VERBOSE") :])
    tree = tree_of(inner, work.parameters)
    if not isinstance(tree, exp.Query):
        raise unsupported("EXPLAIN of anything but a query")
    rows = work.cursor.execute("EXPLAIN " + prepared(work, tree).sql).fetchall()
    lines = [exp.Literal.string(line) for row in rows for line in str(row[1]).split("\n") if line.strip()]
    plan = exp.Select(expressions=[exp.Unnest(expressions=[exp.Array(expressions=lines)]).as_("QUERY PLAN")])
    sql = duckdb_sql(plan)
    return _spilled(work, PreparedQuery(sql, described(work.cursor, sql)))


def _spilled(work: Work, query: PreparedQuery) -> Outcome:
    result = spill(work.cursor, query.sql, query.columns, work.result_path)
    return Outcome(result.rows, result)
