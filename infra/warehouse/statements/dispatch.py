"""Which code runs which statement. Called by `runner` for each SQL text.

A statement in neither table fails, saying so. Next: `queries`, `changes`, `copy_from`, `unload`,
`users`, `grants`, `show`.
"""

from collections.abc import Callable
from typing import Any

import duckdb
from sqlglot import exp

from infra.redshift_sql.errors import SyntaxFailed, unsupported
from infra.redshift_sql.parse import ParsedStatement, statement_of, tree_of
from infra.warehouse.statements import changes, grants, queries, users
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult
from infra.warehouse.statements.files.copy_from import run_copy
from infra.warehouse.statements.files.unload import run_unload
from infra.warehouse.statements.show import show

Command = Callable[[ExecutionContext, ParsedStatement], StatementResult]


def _nothing(_work: ExecutionContext, _statement: ParsedStatement) -> StatementResult:
    """Upkeep that DuckDB does by itself."""
    return StatementResult()


def _transaction(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """BEGIN, COMMIT, ROLLBACK: useful in a session or a batch that commits each statement."""
    word = {"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK"}.get(statement.words[0], statement.words[0])
    reads = word == "BEGIN" and statement.words[-2:] == ("READ", "ONLY")
    try:
        work.cursor.execute("BEGIN TRANSACTION READ ONLY" if reads else word)
    except duckdb.TransactionException as error:
        if not any(warning in str(error) for warning in _WARNED):
            raise
    return StatementResult()


_WARNED = ("no transaction is active", "within a transaction")
"""Redshift only warns of a COMMIT without a BEGIN, and of a second BEGIN."""


def _set(_work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """SET and RESET of what changes no answer: names for logs and queues, and the result cache."""
    words = [word for word in statement.words[1:] if word not in ("SESSION", "LOCAL")]
    if not words or words[0].lower() not in _WITHOUT_EFFECT:
        raise unsupported(" ".join((statement.words[0], *words[:1])))
    return StatementResult()


_WITHOUT_EFFECT = {"application_name", "query_group", "enable_result_cache_for_session"}
_COMMANDS: dict[tuple[str, ...], Command] = {
    ("EXPLAIN",): queries.explain,
    ("COPY",): run_copy,
    ("UNLOAD",): run_unload,
    ("CREATE", "USER"): users.create_user,
    ("ALTER", "USER"): users.alter_user,
    ("DROP", "USER"): users.drop_user,
    ("CREATE", "GROUP"): users.create_group,
    ("ALTER", "GROUP"): users.alter_group,
    ("DROP", "GROUP"): users.drop_group,
    ("GRANT",): grants.grant,
    ("REVOKE",): grants.revoke,
    ("SHOW",): show,
    ("SET",): _set,
    ("RESET",): _set,
    ("ANALYZE",): _nothing,
    ("VACUUM",): _nothing,
    ("BEGIN",): _transaction,
    ("START", "TRANSACTION"): _transaction,
    ("COMMIT",): _transaction,
    ("END",): _transaction,
    ("ROLLBACK",): _transaction,
    ("ABORT",): _transaction,
}
_TREES: dict[type[exp.Expr], Callable[[ExecutionContext, Any], StatementResult]] = {
    exp.Select: queries.run_query,
    exp.Union: queries.run_query,
    exp.Except: queries.run_query,
    exp.Intersect: queries.run_query,
    exp.Subquery: queries.run_query,
    exp.Insert: changes.run_insert,
    exp.Update: changes.run_update,
    exp.Delete: changes.run_delete,
    exp.TruncateTable: changes.run_truncate,
    exp.Create: changes.run_create,
    exp.Drop: changes.run_drop,
    exp.Alter: changes.run_alter,
    exp.Comment: changes.run_comment,
}
_REFUSED = {"CALL", "LOCK", "PREPARE", "EXECUTE", "DECLARE", "FETCH", "USE", "CLOSE"}
_READING = {"SELECT", "WITH", "EXPLAIN", "SHOW", "SET", "RESET", "(", "UNLOAD", "BEGIN", "COMMIT", "ROLLBACK"}
_ENDING = {"COMMIT", "END", "ROLLBACK", "ABORT"}
_COMMITTING = {"COMMIT", "END"}
_OWN_TABLE = (("CREATE", "TEMP"), ("CREATE", "TEMPORARY"))


def execute(work: ExecutionContext, sql: str) -> StatementResult:
    """Run one text. Raises StatementFailed; DuckDB's errors pass through."""
    remembered = queries.run_remembered(work, sql)
    if remembered is not None:
        return remembered
    statement = statement_of(sql)
    for words, command in _COMMANDS.items():
        if statement.starts(*words):
            if statement.words[0] not in _ENDING:  # what ends an aborted transaction may not read anything first
                work.rights()
            return command(work, statement)
    if statement.words[0] in _REFUSED:
        raise unsupported(statement.words[0])
    tree = tree_of(statement, work.parameters)
    run = _TREES.get(type(tree))
    if run is None:
        raise unsupported(statement.words[0])
    return run(work, tree)


def unloads(sql: str) -> bool:
    """Whether a text is an UNLOAD."""
    try:
        return statement_of(sql).starts("UNLOAD")
    except SyntaxFailed:
        return False


def may_change_tables(sql: str) -> bool:
    """Whether other statements may see other tables or rights afterwards: it changes something, or commits what did."""
    if not only_reads(sql):
        return True
    try:
        return statement_of(sql).words[0] in _COMMITTING
    except SyntaxFailed:
        return False


def only_reads(sql: str) -> bool:
    """Whether a text cannot change what others see, so that it need not queue with those that do."""
    try:
        statement = statement_of(sql)
        return statement.words[0] in _READING or any(statement.starts(*words) for words in _OWN_TABLE)
    except SyntaxFailed:  # it will fail when run, and change nothing
        return True
