"""The order of a SELECT's rows, said by the numbers of its columns. Pure; used by `unload`.

An export unloads a table that the SELECT has filled, and a table has no order: it is said again, of that table's
columns. A term is taken that is a column's number, its name, or its very expression; from the first term that is
neither, the order cannot be said of the columns and is left open.
"""

import re
from collections.abc import Iterator

from backend_lambdas.reports import sql_text

_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)
_AFTER_ORDER = re.compile(r"\b(?:limit|offset|fetch|for)\b", re.IGNORECASE)
_SELECT = re.compile(r"\bselect\b(?:\s+(?:distinct|all)\b)?(?:\s+top\s+\d+\b)?", re.IGNORECASE)
_AFTER_LIST = re.compile(r"\bfrom\b|\border\s+by\b", re.IGNORECASE)
_DIRECTION = re.compile(r"(?:\s+(?:asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*\Z", re.IGNORECASE)
_NAME = r'(?:[A-Za-z_]\w*|"(?:[^"]|"")+")'
_ALIAS = re.compile(rf"\A(?P<expression>.+?)(?:\s+as)?\s+(?P<name>{_NAME})\s*\Z", re.IGNORECASE | re.DOTALL)
_COLUMN = re.compile(rf"\A(?:{_NAME}\s*\.\s*)*(?P<name>{_NAME})\s*\Z")
_BARE = re.compile(rf"\A{_NAME}\Z")
_ENDS_NO_NAME = frozenset({"end", "null", "true", "false"})


def order_by(sql: str) -> str:
    """`ORDER BY` with the numbers of the columns, or nothing where the SELECT has no order that can be said so."""
    text = sql_text.without_comments(sql)
    shown = _outermost(text)
    orders = list(_ORDER_BY.finditer(shown))
    first = _SELECT.search(shown)
    if not orders or first is None:
        return ""
    end = _AFTER_ORDER.search(shown, orders[-1].end())
    columns = list(_parts(text, shown, first.end(), _AFTER_LIST.search(shown, first.end())))
    terms = _parts(text, shown, orders[-1].end(), end)
    said = ", ".join(_said(list(terms), columns))
    return f"ORDER BY {said}" if said else ""


def _said(terms: list[str], columns: list[str]) -> Iterator[str]:
    for term in terms:
        direction = _DIRECTION.search(term)
        assert direction is not None  # noqa: S101 (it may be empty, and so is always found)
        number = _number(term[: direction.start()].strip(), columns)
        if number is None:
            return
        yield f"{number}{' '.join(['', *direction.group().split()]).upper()}"


def _number(wanted: str, columns: list[str]) -> int | None:
    """The number of the column that a term of the order is; None for anything else."""
    if wanted.isdecimal():
        return int(wanted)
    if any(re.search(r"(?:\A|\.)\s*\*\Z", column) for column in columns):
        return None  # how many columns it stands for is not said here
    if _BARE.match(wanted):
        named = [number for number, column in enumerate(columns, 1) if _name(column) == _plain(wanted)]
        return named[0] if len(named) == 1 else None
    alike = [number for number, column in enumerate(columns, 1) if _text(wanted) in _expressions(column)]
    return alike[0] if alike else None


def _name(column: str) -> str | None:
    """The name of a column in the result, where the SELECT says it."""
    found = _COLUMN.match(column) or _ALIAS.match(column)
    name = _plain(found["name"]) if found else None
    return None if name in _ENDS_NO_NAME else name


def _expressions(column: str) -> set[str]:
    found = _ALIAS.match(column)
    return {_text(column)} | ({_text(found["expression"])} if found else set())


def _text(expression: str) -> str:
    return re.sub(r"\s+", "", expression).casefold()


def _plain(name: str) -> str:
    return name.strip('"').casefold()


def _parts(text: str, shown: str, start: int, end: re.Match[str] | None) -> Iterator[str]:
    """The parts between commas, of what stands between two places outside of brackets."""
    stop = end.start() if end else len(text)
    commas = [place for place in range(start, stop) if shown[place] == ","]
    for begin, finish in zip([start, *(place + 1 for place in commas)], [*commas, stop], strict=True):
        yield text[begin:finish].strip()


def _outermost(text: str) -> str:
    """The text with everything in brackets and quotes blanked out, each character by one."""
    quoted = re.sub(r"""'(?:[^'\\]|''|\\.)*'|"(?:[^"]|"")*\"""", lambda found: "_" * len(found.group()), text)
    depth, shown = 0, []
    for character in quoted:
        depth += character == "("
        shown.append(character if depth == 0 else " ")
        depth -= character == ")"
    return "".join(shown)
