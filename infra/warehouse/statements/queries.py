"""Statements that return rows: SELECT, WITH, set operations, EXPLAIN.

Called by `dispatch`; next, `small_results` or `results` writes the rows to a file.
"""

from dataclasses import replace

from sqlglot import exp

from infra.redshift_sql.errors import unsupported
from infra.redshift_sql.expressions.types import SqlType
from infra.redshift_sql.grammar import duckdb_sql
from infra.redshift_sql.parse import ParsedStatement, statement_of, tree_of
from infra.redshift_sql.rewrite import Columns, rewritten, translated
from infra.warehouse.column_metadata import TableColumns, with_origins
from infra.warehouse.columns import Column, kind_of_type
from infra.warehouse.prepared import Key, PreparedQuery
from infra.warehouse.results import described, write_result
from infra.warehouse.small_results import SmallResult, write_small
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult


def run_query(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """Run a query into a result file. Raises StatementFailed, PermissionFailed; DuckDB's errors pass through."""
    query = prepared(work, tree)
    if work.remembers and not any(relation.is_temporary for relation in query.relations):
        work.prepared.put(_key(work, work.sql), query, work.version)
    return _written(work, query)


def run_remembered(work: ExecutionContext, sql: str) -> StatementResult | None:
    """Run a query that was prepared before; None for a new one.

    Its user's rights were checked when it was prepared, and whatever may change rights makes it forgotten.
    """
    query = work.prepared.get(_key(work, sql)) if work.remembers else None
    return None if query is None else _written(work, query)


def _key(work: ExecutionContext, sql: str) -> Key:
    return work.database, work.user, sql, tuple(sorted(work.parameters.items()))


def prepared(work: ExecutionContext, tree: exp.Expr) -> PreparedQuery:
    """A query the user may run, translated."""
    if tree.find(exp.Into):
        raise unsupported("SELECT INTO")
    changed = rewritten(tree, work.user)
    relations = work.relations().read_by(changed)
    work.rights().check("SELECT", relations)
    tables = TableColumns(work.cursor)
    typed = translated(changed, tables.types)
    work.constants.write_literals(changed)
    sql = duckdb_sql(changed)
    columns = _columns(work, typed, sql)
    return PreparedQuery(sql, with_origins(tables, changed, columns), tuple(relations))


def _columns(work: ExecutionContext, typed: Columns, sql: str) -> tuple[Column, ...]:
    """DuckDB is asked only about what has no type here."""
    if all(kind is not None for _, kind in typed):
        return tuple(Column(name, kind_of_type(kind)) for name, kind in typed if kind is not None)
    known = described(work.cursor, sql)
    if len(known) != len(typed):
        return known
    return tuple(_column(found, name, kind) for found, (name, kind) in zip(known, typed, strict=True))


def _column(found: Column, name: str, kind: SqlType | None) -> Column:
    """What DuckDB tells, but for what is known: of columns of one name it renames all but the first."""
    label = found.label if name == "*" else name
    return replace(found, label=label, kind=found.kind if kind is None else kind_of_type(kind))


def explain(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
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
    return _written(work, PreparedQuery(sql, described(work.cursor, sql)))


def _written(work: ExecutionContext, query: PreparedQuery) -> StatementResult:
    result = _small(work, query) or write_result(work.cursor, query.sql, query.columns, work.result_path)
    return StatementResult(result.rows, result)


def _small(work: ExecutionContext, query: PreparedQuery) -> SmallResult | None:
    """The result if its rows are few. A text that once had many does not run twice again, whatever its values."""
    if not work.remembers or work.prepared.is_large(work.sql):
        return None
    path = work.result_path.with_suffix(".msgpack")
    result = write_small(work.cursor, query.sql, query.columns, path)
    if result is None:
        work.prepared.note_large(work.sql)
    return result
