"""From SQL text to a syntax tree with its values bound. Used by `service` (how many statements?) and by `runner`.

Next: the tree goes through `relations` (may this user?) and `rewrites` (what does DuckDB call this?).
"""

import logging
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokens import Token, TokenType

from .dialect import Warehouse, tokens_of
from .errors import StatementFailed, invalid, syntax_error
from .parameters import bind, marked
from .rewrites.tables import without_physical_design

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings are raised here as errors of the statement


@dataclass(frozen=True)
class Statement:
    """One statement's text, without a closing semicolon, and its leading words in capitals."""

    sql: str
    words: tuple[str, ...]

    def starts(self, *words: str) -> bool:
        """Whether the statement begins with these words."""
        return self.words[: len(words)] == words


def check_single(sql: str) -> None:
    """Raise ValidationException for more than one statement, or none. Unreadable text passes: it fails later."""
    try:
        parts = _split(sql)
    except TokenError:
        return
    if not parts:
        raise invalid("The SQL statement is empty.")
    if len(parts) > 1:
        raise invalid("Multiple SQL statements are not supported here; use BatchExecuteStatement.")


def statement_of(sql: str) -> Statement:
    """Raises SyntaxFailed for an unclosed quote or comment."""
    try:
        parts = _split(sql)
    except TokenError as error:
        raise syntax_error(sql.strip().split("\n")[0][-20:]) from error
    if len(parts) != 1:
        raise syntax_error(";")
    tokens = parts[0]
    text = sql[tokens[0].start : tokens[-1].end + 1]
    return Statement(text, tuple(token.text.upper() for token in tokens[:6]))


def _split(sql: str) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token in tokens_of(sql):
        if token.token_type == TokenType.SEMICOLON:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def tree_of(statement: Statement, parameters: dict[str, str]) -> exp.Expr:
    """The statement's tree, every parameter bound. Raises SyntaxFailed, or StatementFailed for a missing value."""
    renamed, names = marked(statement.sql)
    if statement.starts("CREATE"):
        renamed = without_physical_design(renamed)
    try:
        tree = sqlglot.parse_one(renamed, read=Warehouse)
    except ParseError as error:
        raise _located(error) from error
    except SqlglotError as error:
        raise StatementFailed(f"ERROR: {error}") from error
    if isinstance(tree, exp.Command):
        raise syntax_error(statement.words[0].lower(), 1)
    return bind(tree, names, parameters)


def _located(error: ParseError) -> StatementFailed:
    detail = error.errors[0] if error.errors else {}
    near = str(detail.get("highlight") or "end of input")
    return syntax_error(near)
