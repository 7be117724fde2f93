"""Reads SQL text as far as Pushboard must without a parser: its named placeholders and its statements.

Strings (where a backslash escapes, as in Redshift), quoted identifiers, comments and dollar-quoted text are skipped, as
the Data API skips them when it binds parameters. Used by `report_file` (declared parameters equal used ones; lists),
`select_list`, `export_table`, `script_files` (scripts into statements) and `jobs` (the steps of a job).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_TOKEN = re.compile(
    r"""
      (?P<text> '(?:[^'\\]|''|\\.)*' | "(?:[^"]|"")*" | (?P<tag>\$\w*\$).*?(?P=tag) | :: )
    | (?P<line_comment> --[^\n]* )
    | (?P<comment> /\* )
    | : (?P<name> [A-Za-z_][A-Za-z0-9_]* )
    | (?P<end> ; )
    """,
    re.VERBOSE | re.DOTALL,
)
_NO_LINE_END = re.compile(r"[^\n]")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_OPENING = re.compile(r"['\"]|\$\w*\$")
_BEFORE_LIST = re.compile(r"\bin\s*\(\s*\Z", re.IGNORECASE)
_AFTER_LIST = re.compile(r"\s*\)")
_COUNT = re.compile(r"\b(?:limit|offset|top)\s+\Z", re.IGNORECASE)
_NEAR = 100
"""Characters before a placeholder within which its `IN (` is looked for."""


Span = tuple[int, int]
"""Where a part of a text begins and ends."""


class _Token(NamedTuple):
    kind: str
    start: int
    end: int
    name: str | None


def placeholders(sql: str) -> dict[str, int]:
    """The `:name` placeholders that the Data API would bind: each name with where it stands first."""
    found: dict[str, int] = {}
    for token in _placeholders(sql):
        found.setdefault(str(token.name), token.start)
    return found


def outside_of_lists(sql: str, name: str) -> int | None:
    """Where the placeholder `:name` stands first other than as `IN (:name)`, which is where a list may be put."""
    places = (token for token in _placeholders(sql) if token.name == name)
    return next((token.start for token in places if not _is_in_list(sql, token)), None)


def with_lists(sql: str, lists: Mapping[str, Sequence[str]]) -> str:
    """The SQL with each placeholder in `lists` replaced by those given for it: names are put in, never values."""
    parts, position = [], 0
    for token in _placeholders(sql):
        names = lists.get(str(token.name))
        if names is not None:
            parts += [sql[position : token.start], ", ".join(f":{name}" for name in names)]
            position = token.end
    return "".join([*parts, sql[position:]])


def without_values(sql: str) -> str:
    """The SQL with nothing in the place of each value: what it gives has the same columns, and is no answer.

    NULL has no type of its own, as a bound value has none; where a number must stand it is 0.
    """
    parts, position = [], 0
    for token in _placeholders(sql):
        before = sql[position : token.start]
        parts += [before, "0" if _COUNT.search(before) else "NULL"]
        position = token.end
    return "".join([*parts, sql[position:]])


def statements(script: str) -> list[str]:
    """The statements of a script, without their semicolons; parts that hold only comments are left out."""
    ends = [token.start for token in _tokens(script) if token.kind == "end"]
    starts = [0, *(end + 1 for end in ends)]
    parts = [script[start:end].strip() for start, end in zip(starts, [*ends, len(script)], strict=True)]
    return [part for part in parts if without_comments(part).strip()]


def without_comments(sql: str) -> str:
    """The text with a blank in the place of every comment: without it two words could become one."""
    comments = [token for token in _tokens(sql) if token.kind in {"comment", "line_comment"}]
    starts = [0, *(comment.end for comment in comments)]
    ends = [*(comment.start for comment in comments), len(sql)]
    return " ".join(sql[start:end] for start, end in zip(starts, ends, strict=True))


def with_comments_blanked(sql: str) -> str:
    """The text with a blank for each character of a comment: everything else, and every line, stays where it is."""
    parts, position = [], 0
    for token in _tokens(sql):
        if token.kind in {"comment", "line_comment"}:
            parts += [sql[position : token.start], _NO_LINE_END.sub(" ", sql[token.start : token.end])]
            position = token.end
    return "".join([*parts, sql[position:]])


def line_comments(sql: str) -> list[Span]:
    """Where each comment stands that begins with two hyphens and ends with its line."""
    return [(token.start, token.end) for token in _tokens(sql) if token.kind == "line_comment"]


def strings(sql: str) -> list[Span]:
    """Where each text stands that is in single quotes or between dollar signs, these included."""
    return [(token.start, token.end) for token in _tokens(sql) if token.kind == "text" and sql[token.start] in "'$"]


def unclosed(sql: str) -> int | None:
    """Where a quote or a comment is opened that is never closed; None when there is none."""
    position = 0
    for token in _tokens(sql):
        opened = _OPENING.search(sql, position, token.start)
        if opened:
            return opened.start()
        if token.kind == "comment" and not _is_closed(sql, token):
            return token.start
        position = token.end
    opened = _OPENING.search(sql, position)
    return opened.start() if opened else None


def with_quotes_blanked(sql: str) -> str:
    """The text with `_` for each character of a string, a quoted identifier and dollar-quoted text."""
    parts, position = [], 0
    for token in _tokens(sql):
        if token.kind == "text" and sql[token.start] in "'\"$":
            parts += [sql[position : token.start], "_" * (token.end - token.start)]
            position = token.end
    return "".join([*parts, sql[position:]])


def _placeholders(sql: str) -> Iterator[_Token]:
    return (token for token in _tokens(sql) if token.name)


def _is_in_list(sql: str, token: _Token) -> bool:
    before = sql[max(token.start - _NEAR, 0) : token.start]
    return bool(_BEFORE_LIST.search(before) and _AFTER_LIST.match(sql, token.end))


def _is_closed(sql: str, comment: _Token) -> bool:
    edges = _COMMENT_EDGE.findall(sql, comment.start, comment.end)
    return edges.count("/*") == edges.count("*/")


def _tokens(sql: str) -> Iterator[_Token]:
    position = 0
    while match := _TOKEN.search(sql, position):
        kind = str(match.lastgroup)
        position = _comment_end(sql, match.end()) if kind == "comment" else match.end()
        yield _Token(kind, match.start(), position, match["name"])


def _comment_end(sql: str, position: int) -> int:
    """Where the block comment ends that was opened before `position`; Redshift's comments nest."""
    depth = 1
    while depth and (edge := _COMMENT_EDGE.search(sql, position)):
        depth += 1 if edge.group() == "/*" else -1
        position = edge.end()
    return len(sql) if depth else position
