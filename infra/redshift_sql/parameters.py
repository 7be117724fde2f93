"""Named parameters: `:name` in the SQL, always a text value.

Used by `parse` (binding), and by the Data API (is every value used?). Binding happens on the syntax tree: a placeholder
node becomes a string-literal node, which the writer escapes, so no value is ever part of SQL text that is read again.
A literal rather than a prepared parameter, since an untyped literal takes the type of what it is compared with, as
Redshift's bound text does; DuckDB's typed VARCHAR parameter would not.
Source: "Running SQL statements with parameters" in the Data API's guide.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from sqlglot import exp
from sqlglot.tokens import Token, TokenType

from .errors import StatementFailed, syntax_error
from .grammar import tokens_of

_NAME = re.compile(r"[0-9a-zA-Z_]+")
_PREFIX = "bound_"


@dataclass(frozen=True)
class Occurrence:
    """One `:name` in a text: the name, and where colon and name stand (end exclusive)."""

    name: str
    start: int
    end: int


@lru_cache(maxsize=256)
def occurrences(sql: str) -> tuple[Occurrence, ...]:
    """All placeholders outside quotes and comments, in order. `::type` is a cast and `a[1:2]` a slice."""
    found = []
    previous: Token | None = None
    for token in tokens_of(sql):
        name = _NAME.match(sql, token.start + 1) if token.token_type == TokenType.COLON else None
        if name and not (previous and _is_slice(previous)):
            found.append(Occurrence(name.group(), token.start, name.end()))
        previous = token
    return tuple(found)


def _is_slice(previous: Token) -> bool:
    return previous.token_type in (TokenType.NUMBER, TokenType.L_BRACKET)


def marked(sql: str) -> tuple[str, list[str]]:
    """The text with every placeholder renamed to `:bound_<n>`, and the names: a name can be a keyword or a number."""
    places = occurrences(sql)
    pieces, end = [], 0
    for index, place in enumerate(places):
        pieces += [sql[end : place.start], f":{_PREFIX}{index}"]
        end = place.end
    return "".join(pieces) + sql[end:], [place.name for place in places]


def unmarked(sql: str, start: int) -> int:
    """The place in a text that became `start` when `marked` renamed its placeholders."""
    longer = 0
    for index, place in enumerate(occurrences(sql)):
        if place.start + longer >= start:
            break
        longer += len(f":{_PREFIX}{index}") - (place.end - place.start)
    return start - longer


def bind(tree: exp.Expr, names: list[str], parameters: dict[str, str]) -> exp.Expr:
    """Put the values into a tree parsed from `marked` text. Raises SyntaxFailed where a value cannot stand."""
    placeholders = list(tree.find_all(exp.Placeholder))
    indexes = [int(str(placeholder.this).removeprefix(_PREFIX)) for placeholder in placeholders]
    if set(indexes) != set(range(len(names))):  # one was read as something else
        raise syntax_error(":")
    for placeholder, index in zip(placeholders, indexes, strict=True):
        name = names[index]
        _check_place(placeholder, name)
        if name not in parameters:
            raise StatementFailed(f'ERROR: syntax error at or near ":"\n  No value was given for parameter {name}.')
        placeholder.replace(exp.Literal.string(parameters[name]))
    return tree


def _check_place(placeholder: exp.Placeholder, name: str) -> None:
    parent = placeholder.parent
    if isinstance(parent, exp.Table | exp.Column | exp.Ordered | exp.Group | exp.Alias | exp.TableAlias) and (
        not isinstance(parent, exp.Alias) or placeholder.arg_key == "alias"
    ):
        raise syntax_error(f":{name}")
