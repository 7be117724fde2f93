"""The types of parameters: which texts are bound for what a user sends or an author writes. Pure; used by `parameters`.

Each reader gives a text and a rank, by which minimum and maximum compare; or it raises `BadParameter` with a sentence
about what is expected.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any

from msgspec import Struct

from backend_lambdas.errors import BadParameter

MAX_TEXT_LENGTH = 1000
MAX_VALUES = 100
"""The most values of one list."""

Reader = Callable[[Any], tuple[str, Any]]


def _written(value: Any) -> str:
    """The text of a JSON text or number; empty, which no reader takes, for anything else."""
    try:
        return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    except ValueError:  # an integer of thousands of digits
        return ""


def text(value: Any) -> tuple[str, str]:
    """Any text that the Data API can bind."""
    if not isinstance(value, str) or not 1 <= len(value) <= MAX_TEXT_LENGTH or "\x00" in value:
        raise BadParameter(f"A text of 1 to {MAX_TEXT_LENGTH} characters is expected.")
    return value, value


def integer(value: Any) -> tuple[str, int]:
    """A whole number of up to 18 digits, without leading zeros."""
    digits = _written(value)
    if not re.fullmatch(r"[+-]?[0-9]{1,18}", digits):
        raise BadParameter("A whole number is expected.")
    return str(int(digits)), int(digits)


def number(value: Any) -> tuple[str, Decimal]:
    """A decimal number, written without an exponent."""
    digits = _written(value)
    try:
        parsed = Decimal(digits if len(digits) <= 40 else "NaN")
    except InvalidOperation:
        parsed = Decimal("NaN")
    if not parsed.is_finite() or abs(parsed.adjusted()) > 30:
        raise BadParameter("A number is expected.")
    return format(parsed, "f"), parsed


def _calendar(form: str, pattern: str, expected: str) -> Callable[[Any], tuple[str, datetime.date]]:
    def read(value: Any) -> tuple[str, datetime.date]:
        written = _written(value)
        try:
            if not re.fullmatch(pattern, written, re.ASCII):
                raise ValueError(written)
            return written, datetime.datetime.strptime(written, form).date()  # noqa: DTZ007 - a day has no zone
        except ValueError:
            raise BadParameter(f"{expected} is expected.") from None

    return read


date = _calendar("%Y-%m-%d", r"\d{4}-\d\d-\d\d", "A date like 2015-12-31")
month = _calendar("%Y-%m", r"\d{4}-\d\d", "A month like 2015-12")
year = _calendar("%Y", r"\d{4}", "A year like 2015")


class Kind(Struct, frozen=True):
    """What a type of parameter takes: how one of its values is read, and how many make a whole.

    `items` parts what is sent into single values, `settled` puts their texts into the form that is bound, `written` are
    the placeholders an author writes for a name, `bound` those that values are bound to.
    """

    read: Reader
    items: Callable[[Any], list[Any]]
    settled: Callable[[list[str]], list[str]]
    written: Callable[[str], list[str]]
    bound: Callable[[str, int], list[str]]


def _one(read: Reader) -> Kind:
    return Kind(read, lambda value: [value], list, lambda name: [name], lambda name, _: [name])


def _items_of_list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise BadParameter("A list of values is expected.")
    return value


def _distinct(texts: list[str]) -> list[str]:
    """Sorted, so that the order in which a user chose them makes no other query."""
    if not 1 <= len(set(texts)) <= MAX_VALUES:
        raise BadParameter(f"A list of 1 to {MAX_VALUES} values is expected.")
    return sorted(set(texts))


def _items_of_pair(value: Any) -> list[Any]:
    if not isinstance(value, list) or len(value) != 2:
        raise BadParameter("Two dates, the first and the last, are expected.")
    return value


def _in_order(texts: list[str]) -> list[str]:
    if texts[0] > texts[1]:
        raise BadParameter("The first date must not be after the last.")
    return texts


def _ends(name: str) -> list[str]:
    return [f"{name}_from", f"{name}_to"]


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "text": _one(text),
        "choice": _one(text),
        "integer": _one(integer),
        "number": _one(number),
        "date": _one(date),
        "month": _one(month),
        "year": _one(year),
        "several": Kind(
            text,
            _items_of_list,
            _distinct,
            lambda name: [name],
            lambda name, count: [f"{name}_{position}" for position in range(1, count + 1)],
        ),
        "daterange": Kind(date, _items_of_pair, _in_order, _ends, lambda name, _: _ends(name)),
    }
)
"""Every type of parameter by its name in a header."""
