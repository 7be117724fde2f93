"""Numbers and dates in words, en-US: `short` for cards and labels, `full` for tooltips, tables and foot lines.

The styles are the `format` values of a report's columns: currency, number, thousands, percent, date and text.
`thousands` is whole numbers, `percent` takes 0.173 for 17.3 %. A value that is not of its style is shown as it is, and
so is every text without a style: nothing takes `007`, `True` or `NaN` for something else.
"""

from collections.abc import Callable
from datetime import datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import pandas as pd

from dashboard.charts import dates

MISSING = "\u2013"
MINUS = "\u2212"
SPACE = "\u202f"  # narrow and unbreakable, between a number and its unit

_UNITS = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"), (Decimal(10) ** 3, "K"))
_TOO_LARGE = 18  # from 10 to the power of this on, a card shows an exponent
_TOO_LONG = 40  # so does a table: Redshift's decimals have at most 38 digits
_TOO_SMALL = -12
_EXACT = Context(prec=400)  # more digits than any number of the warehouse has
_MONTH_LETTERS = len("2015-12")


def short(value: Any, style: str | None = None) -> str:
    """At most about eight characters, such as `$171.2 M`, `11.46 M`, `17.9%`, `Dec 6`; a real minus sign."""
    return _shown(value, _SHORT.get(style or "text"))


def full(value: Any, style: str | None = None) -> str:
    """All the digits, such as `$6,213,400.50`, `17.25%`, `Dec 6, 2015`; a plain minus, so that it pastes."""
    return _shown(value, _FULL.get(style or "text"))


def exact(value: Any) -> str:
    """A JSON value as text without loss: whole floats without a point, booleans as Yes and No."""
    if isinstance(value, bool):
        return full(value)
    if isinstance(value, float) and abs(value) < 1e15 and value.is_integer():
        return str(int(value))
    return str(value)


def _shown(value: Any, write: Callable[[Any], str] | None) -> str:
    if _missing(value):
        return MISSING
    try:
        return write(value) if write else _text(value)
    except (InvalidOperation, ValueError):
        return _text(value)


def _missing(value: Any) -> bool:
    if isinstance(value, str) or not pd.api.types.is_scalar(value):
        return False
    return str(value).strip("+-").lower() in {"inf", "infinity", "nan", "snan"} or bool(pd.isna(value))


def _text(value: Any) -> str:
    if pd.api.types.is_bool(value):
        return "Yes" if value else "No"
    return str(value)


def _decimal(value: Any) -> Decimal:
    """Exact for whole numbers and text; a float without the digits that only its binary form has.

    Raises ValueError or InvalidOperation for what is no finite number.
    """
    number = Decimal(str(round(float(value), 6) if isinstance(value, float) and abs(value) > 1e-3 else value))
    if not number.is_finite():
        raise ValueError("not a finite number")
    return number


def _hundredfold(value: Any) -> Decimal:
    return _decimal(value).scaleb(2, _EXACT)


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
    return _signed(number, _short_size(number.copy_abs()), MINUS)


def _short_currency(value: Any) -> str:
    number = _decimal(value)
    cents = number.copy_abs() < 1000 and number != number.to_integral_value()
    return _signed(number, "$" + (f"{number.copy_abs():,.2f}" if cents else _short_size(number.copy_abs())), MINUS)


def _short_thousands(value: Any) -> str:
    number = _decimal(value)
    size = number.copy_abs()
    return _signed(number, f"{size:,.0f}" if size < Decimal("999999.5") else _scaled(size), MINUS)


def _short_percent(value: Any) -> str:
    number = _hundredfold(value)
    size = number.copy_abs()
    digits = _short_size(size) if size >= 1000 or size < 1 else _trimmed(f"{size:.1f}")
    return _signed(number, digits + "%", MINUS)


def _short_date(value: Any) -> str:
    moment = _moment(value)
    if len(str(value)) == _MONTH_LETTERS:
        return f"{moment:%b} {moment.year}"
    return f"{moment:%b} {moment.day}" + (f", {moment:%H:%M}" if moment.time() != time.min else "")


def _full_number(value: Any) -> str:
    return _full(value, lambda size: f"{size:,f}")


def _full_currency(value: Any) -> str:
    return _full(value, lambda size: f"{size:,.2f}", before="$")


def _full_thousands(value: Any) -> str:
    return _full(value, lambda size: f"{size:,.0f}")


def _full_percent(value: Any) -> str:
    return _full(_hundredfold(value), lambda size: _trimmed(f"{size:,.2f}"), after="%")


def _full(value: Any, write: Callable[[Decimal], str], before: str = "", after: str = "") -> str:
    number = _decimal(value)
    size = number.copy_abs()
    rounded = write(size)
    too_small = size.adjusted() < _TOO_SMALL and any(digit in "123456789" for digit in rounded)
    digits = _all_digits(size) if size and (too_small or size.adjusted() >= _TOO_LONG) else rounded
    return _signed(number, before + digits + after, "-")


def _all_digits(size: Decimal) -> str:
    """With an exponent, yet exact."""
    mantissa, _, exponent = f"{size:e}".partition("e")
    return f"{_trimmed(mantissa)}e{int(exponent)}"


def _full_date(value: Any) -> str:
    moment = _moment(value)
    if len(str(value)) == _MONTH_LETTERS:
        return f"{moment:%b} {moment.year}"
    day = f"{moment:%b} {moment.day}, {moment.year}"
    return day + (f", {_clock(moment)}" if moment.time() != time.min or moment.tzinfo else "")


def _clock(moment: datetime) -> str:
    """The time to the second, with its fraction and its offset where it has these."""
    fraction = f".{moment:%f}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%H:%M:%S}{fraction}" + (f" {moment.isoformat()[-6:]}" if moment.tzinfo else "")


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
