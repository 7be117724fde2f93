"""The tables that a SELECT reads, by their names in its SQL. Pure; used by `report_file`.

No parser: it follows FROM, JOIN and the commas of a FROM list, and leaves out what the statement itself names (WITH),
functions that give rows, and the FROM that belongs to a function's arguments, as in `extract(year from day)`.
Source: Amazon Redshift, "SELECT", FROM clause and WITH clause.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from backend_lambdas.reports import sql_text

DEFAULT_SCHEMA = "public"
"""Where a name without a schema is looked for."""

_WORD = re.compile(
    r"""(?P<name> [A-Za-z_\u0080-\uffff][\w$]* | "(?:[^"]|"")+" ) | (?P<mark> '(?:[^'\\]|''|\\.)*' | \S )""", re.VERBOSE
)
_ENDS_FROM = frozenset(
    {"where", "group", "having", "order", "limit", "offset", "union", "intersect", "except", "minus", "qualify"}
    | {"window", "fetch", "for", "start", "connect"}
)
_NO_FUNCTION = _ENDS_FROM | frozenset(
    {"select", "from", "join", "on", "using", "and", "or", "not", "in", "exists", "any", "some", "all", "as", "when"}
    | {"then", "else", "case", "between", "like", "ilike", "with", "by", "distinct", "lateral", "inner", "outer"}
    | {"left", "right", "full", "cross", "natural", "values", "over", "within", "top", "is", "recursive"}
)
_BEGINS_QUERY = frozenset({"select", "with"})


class _Word(NamedTuple):
    """A name (without its quotes) or a mark; `key` is a word as keywords are compared, empty for a quoted name."""

    text: str
    key: str
    is_name: bool


class _Level:
    """What is between two parentheses: whether a table is expected next, and where it stands in a query."""

    def __init__(self, is_query: bool, expects: bool = False, defines: str = "") -> None:
        self.is_query = is_query
        self.expects = expects
        self.in_from = expects
        self.defines = defines


def tables_read(sql: str) -> tuple[str, ...]:
    """The tables and views that a SELECT reads, as `schema.table` in order.

    All in lower case: so Redshift keeps names, in quotes or not, unless it is set to tell case apart.
    """
    words = list(_words(sql))
    is_recursive = any(word.key == "recursive" for word in words)
    defined = {name for at in range(len(words)) if is_recursive and (name := _defined_by(words, at))}
    found: set[str] = set()
    levels = [_Level(is_query=True)]
    position = 0
    while position < len(words):
        position = _step(words, position, levels, defined, found)
    return tuple(sorted(found))


def normalized(name: str) -> str:
    """A table's name as it is compared: with its schema, in lower case."""
    parts = [word.text for word in _words(name) if word.is_name]
    return ".".join(parts[-2:]) if len(parts) > 1 else f"{DEFAULT_SCHEMA}.{''.join(parts)}"


def _step(words: list[_Word], at: int, levels: list[_Level], defined: set[str], found: set[str]) -> int:
    """Takes the word at a position, and gives the position of the next one to take."""
    word, level = words[at], levels[-1]
    if word.text == "(" and not word.is_name:
        levels.append(_opened(words, at, level))
    elif word.text == ")" and not word.is_name:
        _close(levels, defined)
    elif word.text == "," and level.in_from:
        level.expects = True
    elif word.is_name and level.is_query and _is_clause(words, at):
        _enter_clause(level, word.key)
    elif word.is_name and level.expects and word.key not in {"lateral", "only"}:
        return _take_table(words, at, level, defined, found)
    return at + 1


def _is_clause(words: list[_Word], at: int) -> bool:
    """Whether a word begins or ends a list of tables: not `IS DISTINCT FROM`, nor a column that is named so."""
    key, before = words[at].key, words[at - 1] if at else None
    if before and before.text == ".":
        return False
    if key == "from":
        return not (before and before.key == "distinct" and at > 1 and words[at - 2].key in {"is", "not"})
    return key == "join" or key in _ENDS_FROM or key in {"select", "on", "using"}


def _enter_clause(level: _Level, key: str) -> None:
    if key in {"from", "join"}:
        level.in_from = level.expects = True
    elif key in {"on", "using"}:
        level.expects = False
    else:
        level.in_from = level.expects = False


def _opened(words: list[_Word], at: int, outer: _Level) -> _Level:
    """The level of a parenthesis: a query of its own, tables joined in parentheses, or anything else."""
    following = words[at + 1].key if at + 1 < len(words) else ""
    if following in _BEGINS_QUERY or following == "":
        is_query = following in _BEGINS_QUERY or _is_parenthesis_before_query(words, at)
        expects, outer.expects = outer.expects and not is_query, False
        return _Level(is_query=is_query or expects, expects=expects, defines=_defined_by(words, at) if is_query else "")
    expects, outer.expects = outer.expects, False
    before = words[at - 1] if at else None
    is_function = before is not None and before.is_name and before.key not in _NO_FUNCTION
    return _Level(is_query=not is_function, expects=expects and not is_function)


def _is_parenthesis_before_query(words: list[_Word], at: int) -> bool:
    while at < len(words) and words[at].text == "(" and not words[at].is_name:
        at += 1
    return at < len(words) and words[at].key in _BEGINS_QUERY


def _defined_by(words: list[_Word], at: int) -> str:
    """The name that WITH gives to the query in the parenthesis at this word: `name AS (` or `name (columns) AS (`."""
    if at < 2 or words[at].text != "(" or words[at - 1].key != "as":
        return ""
    before = at - 2
    if words[before].text == ")":
        while before > 0 and words[before].text != "(":
            before -= 1
        before -= 1
    return words[before].text if before >= 0 and words[before].is_name else ""


def _close(levels: list[_Level], defined: set[str]) -> None:
    if len(levels) > 1:
        closed = levels.pop()
        if closed.defines:
            defined.add(closed.defines)


def _take_table(words: list[_Word], at: int, level: _Level, defined: set[str], found: set[str]) -> int:
    """Takes a name with its schema and database; gives the position behind it."""
    parts, end = [words[at].text], at + 1
    while end + 1 < len(words) and words[end].text == "." and words[end + 1].is_name:
        parts.append(words[end + 1].text)
        end += 2
    level.expects = False
    is_function = end < len(words) and words[end].text == "("
    if not is_function and not (len(parts) == 1 and parts[0] in defined):
        found.add(".".join(parts[-2:]) if len(parts) > 1 else f"{DEFAULT_SCHEMA}.{parts[0]}")
    return end


def _words(sql: str) -> Iterator[_Word]:
    for match in _WORD.finditer(sql_text.without_comments(sql)):
        text = match.group()
        if match.lastgroup != "name":
            yield _Word(text, "", is_name=False)
        elif text.startswith('"'):
            yield _Word(text[1:-1].replace('""', '"').lower(), "", is_name=True)
        else:
            yield _Word(text.lower(), text.lower(), is_name=True)
