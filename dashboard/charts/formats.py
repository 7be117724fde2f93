"""Numbers and dates in words, en-US: `short` for cards and labels, `full` for tooltips, tables and foot lines.

The styles are the `format` values of a report's columns: currency, number, thousands, percent, date and text.
`thousands` is whole numbers, `percent` takes 0.173 for 17.3 %. A value that is not of its style is shown as it is.
"""

from collections.abc import Callable
from datetime import datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any

import pandas as pd

from dashboard.charts import dates

MISSING = "\u2013"
MINUS = "\u2212"
SPACE = "\u202f"  # narrow and unbreakable, between a number and its unit

_UNITS = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))
_TOO_LARGE = 18  # from 10 to the power of this on, digits say less than an exponent
_TOO_SMALL = -12
_MONTH_LETTERS = len("2015-12")
_BOOLEANS = {"True": "Yes", "False": "No"}


def short(value: Any, style: str | None = None) -> str:
    """At most about eight characters, such as `$171.2 M`, `11.46 M`, `17.9%`, `Dec 6`; a real minus sign."""
    return _shown(value, _SHORT.get(style or "text"))


def full(value: Any, style: str | None = None) -> str:
    """All the digits, such as `$6,213,400.50`, `17.25%`, `Dec 6, 2015`; a plain minus, so that it pastes."""
    return _shown(value, _FULL.get(style or "text"))


def _shown(value: Any, write: Callable[[Any], str] | None) -> str:
    if _missing(value):
        return MISSING
    try:
        return write(value) if write else _text(value)
    except (InvalidOperation, ValueError):
        return _text(value)


def _missing(value: Any) -> bool:
    if not pd.api.types.is_scalar(value):
        return False
    return str(value).strip("+-").lower() in {"inf", "infinity", "nan", "snan"} or bool(pd.isna(value))


def _text(value: Any) -> str:
    return _BOOLEANS.get(str(value), str(value))


def _decimal(value: Any) -> Decimal:
    """Exact for whole numbers and decimal text; a float without the digits that only its binary form has."""
    return Decimal(str(round(float(value), 6) if isinstance(value, float) and abs(value) > 1e-3 else value))


def _trimmed(digits: str) -> str:
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def _signed(number: Decimal, size: str, minus: str) -> str:
    nothing = not any(letter in "123456789" for letter in size)
    return size if number >= 0 or nothing else minus + size


def _exponential(size: Decimal) -> str:
    mantissa, exponent = f"{size:.2e}".split("e")
    return f"{_trimmed(mantissa)}e{int(exponent)}"


def _scaled(size: Decimal) -> str:
    """A number from ten thousand on, in its unit: at most two decimals and four digits."""
    if size.adjusted() >= _TOO_LARGE:
        return _exponential(size)
    for (unit, letter), (larger, larger_letter) in zip(_UNITS[1:], _UNITS, strict=False):
        if size < unit:
            continue
        digits = _four_digits(size / unit)
        if size < larger and digits != "1,000":
            return f"{digits}{SPACE}{letter}"
        return f"{_four_digits(size / larger)}{SPACE}{larger_letter}"
    return _four_digits(size)


def _four_digits(size: Decimal) -> str:
    return _trimmed(f"{size:,.2f}" if size < Decimal("99.995") else f"{size:,.1f}")


def _short_size(size: Decimal) -> str:
    if size >= Decimal("9999.5"):
        return _scaled(size)
    if size >= 1000:
        return f"{size:,.0f}"
    if size == 0 or size >= Decimal("0.01"):
        return _trimmed(f"{size:,.2f}")
    return _exponential(size) if size.adjusted() < -4 else f"{size:.2g}"


def _short_number(value: Any) -> str:
    number = _decimal(value)
    return _signed(number, _short_size(abs(number)), MINUS)


def _short_currency(value: Any) -> str:
    number = _decimal(value)
    cents = abs(number) < 1000 and number != number.to_integral_value()
    return _signed(number, "$" + (f"{abs(number):,.2f}" if cents else _short_size(abs(number))), MINUS)


def _short_thousands(value: Any) -> str:
    number = _decimal(value)
    size = abs(number)
    return _signed(number, f"{size:,.0f}" if size < Decimal("999999.5") else _scaled(size), MINUS)


def _short_percent(value: Any) -> str:
    number = _decimal(value) * 100
    size = abs(number)
    digits = _short_size(size) if size >= 1000 or size < 1 else _trimmed(f"{size:.1f}")
    return _signed(number, digits + "%", MINUS)


def _short_date(value: Any) -> str:
    moment = _moment(value)
    if len(str(value)) == _MONTH_LETTERS:
        return f"{moment:%b} {moment.year}"
    return f"{moment:%b} {moment.day}" + (f", {moment:%H:%M}" if moment.time() != time.min else "")


def _full_size(size: Decimal) -> str:
    beyond = size != 0 and not _TOO_SMALL <= size.adjusted() < _TOO_LARGE
    return _exponential(size) if beyond else f"{size:,f}"


def _full_number(value: Any) -> str:
    number = _decimal(value)
    return _signed(number, _full_size(abs(number)), "-")


def _full_currency(value: Any) -> str:
    number = _decimal(value)
    beyond = number.adjusted() >= _TOO_LARGE
    return _signed(number, "$" + (_exponential(abs(number)) if beyond else f"{abs(number):,.2f}"), "-")


def _full_thousands(value: Any) -> str:
    number = _decimal(value)
    beyond = number.adjusted() >= _TOO_LARGE
    return _signed(number, _exponential(abs(number)) if beyond else f"{abs(number):,.0f}", "-")


def _full_percent(value: Any) -> str:
    number = _decimal(value) * 100
    beyond = number.adjusted() >= _TOO_LARGE
    size = _exponential(abs(number)) if beyond else _trimmed(f"{abs(number):,.2f}")
    return _signed(number, size + "%", "-")


def _full_date(value: Any) -> str:
    moment = _moment(value)
    if len(str(value)) == _MONTH_LETTERS:
        return f"{moment:%b} {moment.year}"
    day = f"{moment:%b} {moment.day}, {moment.year}"
    return day + (f", {moment:%H:%M:%S}" if moment.time() != time.min else "")


def _moment(value: Any) -> datetime:
    if not dates.is_iso(str(value)):
        raise ValueError("not an ISO date")
    return datetime.fromisoformat(f"{value}-01" if len(str(value)) == _MONTH_LETTERS else str(value))


_SHORT: dict[str, Callable[[Any], str]] = {
    "number": _short_number,
    "currency": _short_currency,
    "thousands": _short_thousands,
    "percent": _short_percent,
    "date": _short_date,
}
_FULL: dict[str, Callable[[Any], str]] = {
    "number": _full_number,
    "currency": _full_currency,
    "thousands": _full_thousands,
    "percent": _full_percent,
    "date": _full_date,
}
