"""Which code runs which statement. Called by `runner` for each SQL text.

A statement in neither table fails, saying so. Next: `queries`, `changes`, `copy_from`, `unload`,
`users`, `grants`.
"""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from infra.redshift_sql.errors import SyntaxFailed, unsupported
from infra.redshift_sql.parse import ParsedStatement, statement_of, tree_of

from . import changes, grants, queries, users
from .copy_from import run_copy
from .execution_context import ExecutionContext, StatementResult
from .unload import run_unload

Command = Callable[[ExecutionContext, ParsedStatement], StatementResult]


def _nothing(_work: ExecutionContext, _statement: ParsedStatement) -> StatementResult:
    """Upkeep that DuckDB does by itself."""
    return StatementResult()


def _transaction(work: ExecutionContext, statement: ParsedStatement) -> StatementResult:
    """BEGIN, COMMIT, ROLLBACK: useful in a session, where the connection stays."""
    word = {"START": "BEGIN", "END": "COMMIT", "ABORT": "ROLLBACK"}.get(statement.words[0], statement.words[0])
    work.cursor.execute(word)
    return StatementResult()


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
_REFUSED = {"SET", "RESET", "SHOW", "CALL", "LOCK", "PREPARE", "EXECUTE", "DECLARE", "FETCH", "USE", "CLOSE"}
_READING = {"SELECT", "WITH", "EXPLAIN", "(", "UNLOAD", "BEGIN", "COMMIT", "ROLLBACK"}
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
    """Whether other statements may see other tables afterwards: it changes something, or commits what did."""
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
