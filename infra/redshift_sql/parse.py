"""From SQL text to a syntax tree with its values bound. Used by `execution` and `request_checks`.

Next: the tree goes through `name_resolution` (may this user?) and `rewrite` (what does DuckDB call this?).
"""

import logging
from dataclasses import dataclass
from functools import lru_cache

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, SqlglotError, TokenError
from sqlglot.tokens import Token, TokenType

from .errors import StatementFailed, SyntaxFailed, syntax_error
from .fence.checks import differences
from .grammar import Warehouse, tokens_of
from .parameters import bind, marked, unmarked
from .queries.tables import without_physical_design

REMEMBERED = 256
"""Texts whose reading is remembered: a report's text is read once, not once a run."""

logging.getLogger("sqlglot").setLevel(logging.ERROR)  # its warnings are raised here as errors of the statement


@dataclass(frozen=True)
class ParsedStatement:
    """One statement's text, without a closing semicolon, and its leading words in capitals."""

    sql: str
    words: tuple[str, ...]

    def starts(self, *words: str) -> bool:
        """Whether the statement begins with these words."""
        return self.words[: len(words)] == words


@lru_cache(maxsize=REMEMBERED)
def statement_of(sql: str) -> ParsedStatement:
    """The one statement of a text. Raises SyntaxFailed for an unclosed quote or comment."""
    try:
        parts = statements_in(sql)
    except TokenError as error:
        raise syntax_error(sql.strip().split("\n")[0][-20:]) from error
    if len(parts) != 1:
        raise syntax_error(";")
    tokens = parts[0]
    text = sql[tokens[0].start : tokens[-1].end + 1]
    return ParsedStatement(text, tuple(token.text.upper() for token in tokens[:6]))


def statements_in(sql: str) -> list[list[Token]]:
    """The tokens of each statement of a text. Raises sqlglot's TokenError, as for a quote never closed."""
    parts: list[list[Token]] = [[]]
    for token in tokens_of(sql):
        if token.token_type == TokenType.SEMICOLON:
            parts.append([])
        else:
            parts[-1].append(token)
    return [part for part in parts if part]


def tree_of(statement: ParsedStatement, parameters: dict[str, str]) -> exp.Expr:
    """The statement's tree, every parameter bound.

    Raises SyntaxFailed, also for what Redshift or the laptop does not have, or StatementFailed for a missing value.
    """
    tree, names = _read(statement)
    return bind(tree.copy(), names, parameters)


@lru_cache(maxsize=REMEMBERED)
def _read(statement: ParsedStatement) -> tuple[exp.Expr, list[str]]:
    """The tree with its placeholders, and their names. Shared by all runs: it is copied before anything changes it."""
    renamed, names = marked(statement.sql)
    if statement.starts("CREATE"):
        renamed = without_physical_design(renamed)
    try:
        tree = sqlglot.parse_one(renamed, read=Warehouse)
    except ParseError as error:
        raise _located(error, renamed, statement) from error
    except SqlglotError as error:
        raise StatementFailed(f"ERROR: {error}") from error
    if isinstance(tree, exp.Command):
        raise syntax_error(statement.words[0].lower(), 1)
    _refuse(tree, renamed, statement)
    return tree, names


def _refuse(tree: exp.Expr, renamed: str, statement: ParsedStatement) -> None:
    """Raise SyntaxFailed for the first thing that Redshift does not have, else for the first that is not here."""
    found = differences(tree, renamed)
    if found:
        first = min(found, key=lambda difference: (not difference.is_error, difference.start))
        position = unmarked(statement.sql, first.start) + 1
        raise SyntaxFailed(f"ERROR: {first.reason}\n  Position: {position}")


def _located(error: ParseError, renamed: str, statement: ParsedStatement) -> StatementFailed:
    detail = error.errors[0] if error.errors else {}
    near = str(detail.get("highlight") or "")
    if not near:
        return syntax_error("end of input")
    lines = renamed.split("\n")
    start = sum(len(line) + 1 for line in lines[: int(detail["line"]) - 1]) + int(detail["col"]) - len(near)
    position = unmarked(statement.sql, start) + 1
    if detail.get("description") == "Expected type":
        return StatementFailed(f'ERROR: type "{near}" does not exist\n  Position: {position}')
    return syntax_error(near, position)
