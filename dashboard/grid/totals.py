"""Sums, averages and the like of a column's values, exactly. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal
from functools import reduce
from typing import Any

from dashboard.gateway.results import NUMERIC_TYPES
from dashboard.grid.columns import GridColumn, GridError
from dashboard.grid.order import EXACT, keys
from dashboard.locales.words import _, noop

_MORE_DIGITS = 2  # an average has so many more than what it is of
_MOST_DIGITS = 6  # unless that has more itself
_EXACT = frozenset({int, Decimal})
TOTAL = noop("Total")
"""What the line, or the column, of all is called."""

NEEDS_NUMBERS = frozenset({"sum", "average"})
NAMES = {
    "sum": noop("sum"),
    "average": noop("average"),
    "min": noop("least"),
    "max": noop("greatest"),
    "count": noop("count"),
}


def check(columns: Iterable[GridColumn]) -> None:
    """Raises `GridError` for a column that holds no numbers and is to be added up."""
    for column in columns:
        if column.total in NEEDS_NUMBERS and column.type not in NUMERIC_TYPES:
            kind = _(NAMES[str(column.total)])
            words = _("The column '{column}' holds no numbers, so it has no {total}.", column=column.name, total=kind)
            raise GridError(words)


def total(column: GridColumn, kind: str, values: Iterable[Any]) -> Any:
    """The total of a column's values that are not NULL, as a value of the column; None where there is none.

    A count is a whole number. An average has two more digits than its values, six at most where these have fewer.
    """
    known = [value for value in values if value is not None]
    if kind == "count":
        return len(known)
    if not known:
        return None
    if kind in NEEDS_NUMBERS:
        return _of_numbers(column, kind, numbers(known))
    distinct = list(dict.fromkeys(known))
    pairs = zip(keys(column, distinct), distinct, strict=True)
    pick = min if kind == "min" else max
    return pick(pairs, key=lambda pair: pair[0])[1]


def ready(column: GridColumn, values: Sequence[Any]) -> Sequence[Any]:
    """The same values, as numbers where their total needs them: for whoever needs more than one of these."""
    if column.total not in NEEDS_NUMBERS:
        return values
    return [value if value is None or type(value) in _EXACT else Decimal(str(value)) for value in values]


def numbers(values: Iterable[Any]) -> list[int | Decimal]:
    """Numbers' JSON values, exactly: a float is the decimal that it is written as."""
    return [value if type(value) in _EXACT else Decimal(str(value)) for value in values]


def result_type(column: GridColumn) -> str:
    """The wire type of a column's total."""
    if column.total == "count":
        return "integer"
    return "decimal" if column.total == "average" and column.type == "integer" else column.type


def column_of(column: GridColumn) -> GridColumn:
    """What a column's totals are values of: a count is a number, whatever is counted."""
    style = "thousands" if column.total == "count" else column.style
    return replace(column, type=result_type(column), style=style, labels={})


def _of_numbers(column: GridColumn, kind: str, of: Sequence[int | Decimal]) -> Any:
    added = sum(of) if set(map(type, of)) == {int} else reduce(EXACT.add, of, Decimal(0))
    if kind == "sum" or (isinstance(added, Decimal) and not added.is_finite()):
        return _json(added)
    average = EXACT.divide(added, len(of))
    digits = _digits(column, of, average)
    return _json(average.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN, EXACT))


def _digits(column: GridColumn, of: Sequence[int | Decimal], average: Decimal) -> int:
    own = max(_scale(each) for each in of)
    if column.type == "number":  # a float has as many as its binary form needs
        return max(_MOST_DIGITS, _MOST_DIGITS - average.adjusted()) if average else 0
    return max(own, min(own + _MORE_DIGITS, _MOST_DIGITS))


def _scale(value: int | Decimal) -> int:
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    return max(-exponent, 0) if isinstance(exponent, int) else 0


def _json(value: int | Decimal) -> Any:
    """As a result has it: whole numbers as such, decimals as text."""
    if isinstance(value, int):
        return value
    if not value.is_finite():
        return "NaN" if value.is_nan() else "Infinity" if value > 0 else "-Infinity"
    return f"{value:f}"
