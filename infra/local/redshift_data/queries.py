"""Statements that return rows: SELECT, WITH, set operations, EXPLAIN.

Called by `dispatch`; next, `results` writes the rows to a file.
"""

from sqlglot import exp

from .columns import Column
from .dialect import duckdb_sql
from .errors import unsupported
from .origins import with_origins
from .parse import Statement, statement_of, tree_of
from .quotients import decimal_quotients
from .results import column_types, described, spill
from .rewrites import rewritten
from .work import Outcome, Work


def run_query(work: Work, tree: exp.Expr) -> Outcome:
    """Run a query into a result file. Raises StatementFailed, PermissionFailed; DuckDB's errors pass through."""
    query = prepared(work, tree)
    sql = duckdb_sql(query)
    columns = with_origins(work.cursor, query, described(work.cursor, sql))
    return _spilled(work, sql, columns)


def prepared(work: Work, tree: exp.Expr) -> exp.Expr:
    """The tree DuckDB runs, for a query the user may run."""
    if tree.find(exp.Into):
        raise unsupported("SELECT INTO")
    changed = rewritten(tree, work.user)
    work.rights().check("SELECT", work.relations().read_by(changed))
    return decimal_quotients(changed, lambda sql: column_types(work.cursor, sql))


def explain(work: Work, statement: Statement) -> Outcome:
    """EXPLAIN: DuckDB's plan, one line a row, under Redshift's column name."""
    inner = statement_of(statement.sql[len("EXPLAIN") :])
    if inner.starts("VERBOSE"):
        inner = statement_of(inner.sql[len("VERBOSE") :])
    tree = tree_of(inner, work.parameters)
    if not isinstance(tree, exp.Query):
        raise unsupported("EXPLAIN of anything but a query")
    rows = work.cursor.execute("EXPLAIN " + duckdb_sql(prepared(work, tree))).fetchall()
    lines = [exp.Literal.string(line) for row in rows for line in str(row[1]).split("\n") if line.strip()]
    plan = exp.Select(expressions=[exp.Unnest(expressions=[exp.Array(expressions=lines)]).as_("QUERY PLAN")])
    sql = duckdb_sql(plan)
    return _spilled(work, sql, described(work.cursor, sql))


def _spilled(work: Work, sql: str, columns: tuple[Column, ...]) -> Outcome:
    result = spill(work.cursor, sql, columns, work.result_path)
    return Outcome(result.rows, result)
