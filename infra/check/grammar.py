"""A report's SQL in Redshift's grammar: one SELECT that only reads. Used by `checking`, before anything runs."""

import sqlglot
from sqlglot import exp
from sqlglot.errors import ParseError, TokenError

from infra.check.findings import Wrong
from infra.redshift_sql.grammar import Warehouse, tokens_of
from infra.redshift_sql.parameters import marked

ONE_SELECT = "after the header there must be one SELECT and nothing else"  # as `report_file` says it
_CHANGES: dict[type[exp.Expr], tuple[str, str]] = {
    exp.Into: ("INTO", "SELECT INTO makes a table"),
    exp.Lock: ("FOR", "FOR UPDATE locks rows"),
    exp.Insert: ("INSERT", "INSERT adds rows"),
    exp.Update: ("UPDATE", "UPDATE changes rows"),
    exp.Delete: ("DELETE", "DELETE removes rows"),
    exp.Merge: ("MERGE", "MERGE changes rows"),
}


def tree_of(sql: str) -> exp.Expr:
    """The syntax tree of one SELECT; raises `Wrong` with a line of `sql`."""
    trees = _parsed(sql)
    for kind, (word, what) in _CHANGES.items():
        if any(tree.find(kind) for tree in trees):
            raise Wrong(line_of_word(sql, word), f"{what}: a report may only read")
    if len(trees) != 1 or not isinstance(trees[0], exp.Query):
        raise Wrong(1, ONE_SELECT)
    return trees[0]


def line_of_word(sql: str, word: str) -> int:
    """The line where a word or name first stands, outside comments; 1 when it does not."""
    found = (token.line - token.text.count("\n") for token in tokens_of(sql) if token.text.lower() == word.lower())
    return next(found, 1)


def _parsed(sql: str) -> list[exp.Expr]:
    try:
        text, names = marked(sql)
        return [tree for tree in sqlglot.parse(text, read=Warehouse) if tree is not None]
    except TokenError as error:
        raise Wrong(_line_left_open(sql), "a quote or a comment is opened here and never closed") from error
    except ParseError as error:
        raise _located(error, names) from error


def _line_left_open(sql: str) -> int:
    """The last line at whose beginning everything was closed: up to there the text can be read."""
    lines = sql.split("\n")
    return next((count + 1 for count in range(len(lines) - 1, 0, -1) if _readable("\n".join(lines[:count]))), 1)


def _readable(sql: str) -> bool:
    try:
        tokens_of(sql)
    except TokenError:
        return False
    return True


def _located(error: ParseError, names: list[str]) -> Wrong:
    detail = error.errors[0] if error.errors else {}
    near = str(detail.get("highlight") or "end of input")
    if near.startswith("bound_"):
        near = f":{names[int(near.removeprefix('bound_'))]}"
    description = str(detail.get("description", ""))
    if description == "Expected type":
        return Wrong(int(detail.get("line") or 1), f'type "{near}" does not exist')
    expected = f": {description[0].lower()}{description[1:]}" if description.startswith("Expecting") else ""
    return Wrong(int(detail.get("line") or 1), f'syntax error at or near "{near}"{expected}')
