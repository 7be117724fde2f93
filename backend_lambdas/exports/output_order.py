"""The order of a SELECT's rows, said by the numbers of its columns. Pure; used by `unload`.

An export unloads a table that the SELECT has filled, and a table has no order: it is said again, of that table's
columns. A term is taken that is a column's number, its name, or its very expression; from the first term that is
neither, the order cannot be said of the columns and is left open.
"""

import re
from collections.abc import Iterator, Sequence

from backend_lambdas.exports import select_list
from backend_lambdas.exports.select_list import Column
from backend_lambdas.reports import sql_text

_ORDER_BY = re.compile(r"\border\s+by\b", re.IGNORECASE)
_AFTER_ORDER = re.compile(r"\b(?:limit|offset|fetch|for)\b", re.IGNORECASE)
_DIRECTION = re.compile(r"(?:\s+(?:asc|desc))?(?:\s+nulls\s+(?:first|last))?\s*\Z", re.IGNORECASE)
_BARE = re.compile(r'\A(?:[A-Za-z_]\w*|"(?:[^"]|"")+")\Z')


def order_by(sql: str) -> str:
    """`ORDER BY` with the numbers of the columns, or nothing where the SELECT has no order that can be said so."""
    text = sql_text.without_comments(sql)
    shown = select_list.outermost(text)
    orders = list(_ORDER_BY.finditer(shown))
    columns = select_list.columns(text)
    if not orders or not columns:
        return ""
    end = _AFTER_ORDER.search(shown, orders[-1].end())
    places = select_list.parts(text, shown, orders[-1].end(), end.start() if end else len(text))
    said = ", ".join(_said([text[start:stop] for start, stop in places], columns))
    return f"ORDER BY {said}" if said else ""


def _said(terms: Sequence[str], columns: Sequence[Column]) -> Iterator[str]:
    for term in terms:
        direction = _DIRECTION.search(term)
        assert direction is not None  # noqa: S101 (it may be empty, and so is always found)
        number = _number(term[: direction.start()].strip(), columns)
        if number is None:
            return
        yield f"{number}{' '.join(['', *direction.group().split()]).upper()}"


def _number(wanted: str, columns: Sequence[Column]) -> int | None:
    """The number of the column that a term of the order is; None for anything else."""
    if wanted.isdecimal():
        return int(wanted)
    if any(column.is_star for column in columns):
        return None  # how many columns it stands for is not said here
    if _BARE.match(wanted):
        name = select_list.plain(wanted)
        named = [number for number, column in enumerate(columns, 1) if column.name == name]
        return named[0] if len(named) == 1 else None
    alike = [number for number, column in enumerate(columns, 1) if _text(wanted) == _text(column.expression)]
    return alike[0] if alike else None


def _text(expression: str) -> str:
    return re.sub(r"\s+", "", expression).casefold()
