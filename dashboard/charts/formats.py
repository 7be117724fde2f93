"""Numbers and dates in words: `short` for cards and labels, `full` for tooltips, tables and foot lines.

They are written as the current locale has them (`locales.locale`); the examples here are en-US. The styles are the
`format` values of a report's columns: currency, number, thousands, percent, date and text. `currency:EUR` names the
currency, too. `thousands` is whole numbers, `percent` takes 0.173 for 17.3 %. A value that is not of its style is shown
as it is, and so is every text without a style: nothing takes `007`, `True` or `NaN` for something else.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, time
from decimal import Context, Decimal, InvalidOperation
from typing import Any

import pandas as pd

from dashboard.charts import dates
from dashboard.locales.cldr import Affixes, Unit, fraction_digits, scaled
from dashboard.locales.locale import current
from dashboard.locales.words import _, noop

MISSING = "\u2013"
MINUS = "\u2212"
SPACE = "\u202f"  # narrow and unbreakable, between a number and its unit

_TOO_LARGE = 18  # from 10 to the power of this on, a card shows an exponent
_TOO_LONG = 40  # so does a table: Redshift's decimals have at most 38 digits
_TOO_SMALL = -12
_EXACT = Context(prec=400)  # more digits than any number of the warehouse has
_MONTH_LETTERS = len("2015-12")
_CENTS_BELOW = 1000

Sized = tuple[str, Unit | None]
"""The digits of a number without its sign, in English, and its unit."""


def style_of(settings: Mapping[str, Any]) -> str | None:
    """The style of a column from what its report says of it: its format, with a currency of its own if it has one."""
    style, currency = settings.get("format"), settings.get("currency")
    return f"{style}:{currency}" if style == "currency" and currency else style


def kind_of(style: str | None) -> str | None:
    """A style without its currency."""
    return style.partition(":")[0] if style else None


def currency_of(style: str | None) -> str:
    """The currency of a style, which is the current one unless the style names it."""
    return (style or "").partition(":")[2] or current().currency


def count(number: int) -> str:
    """A whole number within a sentence: `5,000`."""
    return current().conventions.digits(f"{number:,}")


def percent(text: str, *, minus: bool = False) -> str:
    """A percentage whose digits are written in English: `17.5%`."""
    conventions = current().conventions
    return conventions.percent.around(conventions.digits(text), minus, MINUS)


def short(value: Any, style: str | None = None) -> str:
    """At most about eight characters, such as `$171.2 M`, `11.46 M`, `17.9%`, `Dec 6`; a real minus sign."""
    return _shown(value, style, _SHORT)


def tick(value: float, style: str) -> str:
    """A round number on an axis, in its unit: as many decimals as it has."""
    number = Decimal(str(round(value, 6)))
    size = number.copy_abs()
    unit = current().conventions.unit(size.adjusted()) if size else None
    digits = _trimmed(f"{scaled(size, unit) if unit else size:,.6f}")
    affixes = _money(style.partition(":")[2]) if kind_of(style) == "currency" else _plain()
    return _signed(number, (digits, unit), affixes, MINUS)


def full(value: Any, style: str | None = None) -> str:
    """All the digits, such as `$6,213,400.50`, `17.25%`, `Dec 6, 2015`; a plain minus, so that it pastes."""
    return _shown(value, style, _FULL)


def exact(value: Any) -> str:
    """A JSON value as text without loss: whole floats without a point, booleans as Yes and No."""
    if isinstance(value, bool):
        return noop("Yes") if value else noop("No")
    if isinstance(value, float) and abs(value) < 1e15 and value.is_integer():
        return str(int(value))
    return str(value)


def _shown(value: Any, style: str | None, writers: Mapping[str, Callable[[Any, str], str]]) -> str:
    if _missing(value):
        return MISSING
    kind, _colon, currency = (style or "text").partition(":")
    write = writers.get(kind)
    try:
        return write(value, currency) if write else _text(value)
    except (InvalidOperation, ValueError, OverflowError):
        return _text(value)


def _missing(value: Any) -> bool:
    if isinstance(value, str) or not pd.api.types.is_scalar(value):
        return False
    return str(value).strip("+-").lower() in {"inf", "infinity", "nan", "snan"} or bool(pd.isna(value))


def _text(value: Any) -> str:
    if pd.api.types.is_bool(value):
        return _("Yes") if value else _("No")
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


def _signed(number: Decimal, sized: Sized, affixes: Affixes, minus: str) -> str:
    """The number with its sign, its unit and what stands around it."""
    digits, unit = sized
    text = current().conventions.digits(digits)
    if unit:
        text = f"{unit.before}{text}{unit.after}"
    return affixes.around(text, number.is_signed() and _is_something(digits), minus)


def _is_something(digits: str) -> bool:
    return any(letter in "123456789" for letter in digits)


def _plain() -> Affixes:
    return current().conventions.plain


def _money(currency: str) -> Affixes:
    return current().conventions.money(currency or current().currency)


def _exponential(size: Decimal) -> str:
    mantissa, exponent = f"{size:.2e}".split("e")
    return f"{_trimmed(mantissa)}e{int(exponent)}"


def _scaled(size: Decimal) -> Sized:
    """A number from ten thousand on, in the unit that it has when it is rounded: at most two decimals, four digits."""
    if size.adjusted() >= _TOO_LARGE:
        return _exponential(size), None
    conventions = current().conventions
    unit = conventions.unit(size.adjusted())
    digits = _four_digits(size, unit)
    power = len(digits.replace(",", "").partition(".")[0]) - 1 + (unit.divisor if unit else 0)
    larger = conventions.unit(power)
    return (digits, unit) if larger == unit else (_four_digits(size, larger), larger)


def _four_digits(size: Decimal, unit: Unit | None) -> str:
    if unit is None:
        return f"{size:,.0f}"
    told = scaled(size, unit)
    if told >= 1000 and not current().conventions.is_english:  # thousands in a unit: 5,000万
        return f"{told:,.0f}"
    return _trimmed(f"{told:,.2f}" if told < Decimal("99.995") else f"{told:,.1f}")


def _short_size(size: Decimal) -> Sized:
    if size >= Decimal("9999.5"):
        return _scaled(size)
    if size >= 1000:
        return f"{size:,.0f}", None
    if size == 0 or size >= Decimal("0.01"):
        return _trimmed(f"{size:,.2f}"), None
    return (_exponential(size) if size.adjusted() < -4 else f"{size:.2g}"), None


def _short_number(value: Any, _currency: str = "") -> str:
    number = _decimal(value)
    return _signed(number, _short_size(number.copy_abs()), _plain(), MINUS)


def _short_currency(value: Any, currency: str) -> str:
    number = _decimal(value)
    size, places = number.copy_abs(), fraction_digits(currency or current().currency)
    if not places:
        size = size.to_integral_value()
    has_cents = size < _CENTS_BELOW and size != size.to_integral_value()
    return _signed(number, (f"{size:,.{places}f}", None) if has_cents else _short_size(size), _money(currency), MINUS)


def _short_thousands(value: Any, _currency: str = "") -> str:
    number = _decimal(value)
    size = number.copy_abs()
    sized = (f"{size:,.0f}", None) if size < Decimal("999999.5") else _scaled(size)
    return _signed(number, sized, _plain(), MINUS)


def _short_percent(value: Any, _currency: str = "") -> str:
    number = _hundredfold(value)
    size = number.copy_abs()
    sized = _short_size(size) if size >= 1000 or size < 1 else (_trimmed(f"{size:.1f}"), None)
    return _signed(number, sized, current().conventions.percent, MINUS)


def _short_date(value: Any, _currency: str = "") -> str:
    moment, calendar = _moment(value), current().conventions.calendar
    if len(str(value)) == _MONTH_LETTERS:
        return _local(calendar.month(moment))
    day = calendar.day(moment)
    return _local(calendar.joined(day, f"{moment:%H:%M}") if moment.time() != time.min else day)


def _full_number(value: Any, _currency: str = "") -> str:
    return _full(value, lambda size: f"{size:,f}", _plain())


def _full_currency(value: Any, currency: str) -> str:
    places = fraction_digits(currency or current().currency)
    return _full(value, lambda size: f"{size:,.{places}f}", _money(currency))


def _full_thousands(value: Any, _currency: str = "") -> str:
    return _full(value, lambda size: f"{size:,.0f}", _plain())


def _full_percent(value: Any, _currency: str = "") -> str:
    return _full(_hundredfold(value), lambda size: _trimmed(f"{size:,.2f}"), current().conventions.percent)


def _full(value: Any, write: Callable[[Decimal], str], affixes: Affixes) -> str:
    number = _decimal(value)
    size = number.copy_abs()
    rounded = write(size)
    too_small = size.adjusted() < _TOO_SMALL and _is_something(rounded)
    digits = _all_digits(size) if size and (too_small or size.adjusted() >= _TOO_LONG) else rounded
    return _signed(number, (digits, None), affixes, "-")


def _all_digits(size: Decimal) -> str:
    """With an exponent, yet exact."""
    mantissa, _letter, exponent = f"{size:e}".partition("e")
    return f"{_trimmed(mantissa)}e{int(exponent)}"


def _full_date(value: Any, _currency: str = "") -> str:
    moment, calendar = _moment(value), current().conventions.calendar
    if len(str(value)) == _MONTH_LETTERS:
        return _local(calendar.month(moment))
    day = calendar.date(moment)
    return _local(calendar.joined(day, _clock(moment)) if moment.time() != time.min or moment.tzinfo else day)


def _local(text: str) -> str:
    return current().conventions.whole_digits(text)


def _clock(moment: datetime) -> str:
    """The time to the second, with its fraction and its offset where it has these."""
    fraction = f".{moment:%f}".rstrip("0") if moment.microsecond else ""
    return f"{moment:%H:%M:%S}{fraction}" + (f" {moment.isoformat()[-6:]}" if moment.tzinfo else "")


def _moment(value: Any) -> datetime:
    if not dates.is_iso(str(value)):
        raise ValueError("not an ISO date")
    moment = datetime.fromisoformat(f"{value}-01" if len(str(value)) == _MONTH_LETTERS else str(value))
    return current().moved(moment)


_SHORT: dict[str, Callable[[Any, str], str]] = {
    "number": _short_number,
    "currency": _short_currency,
    "thousands": _short_thousands,
    "percent": _short_percent,
    "date": _short_date,
}
_FULL: dict[str, Callable[[Any, str], str]] = {
    "number": _full_number,
    "currency": _full_currency,
    "thousands": _full_thousands,
    "percent": _full_percent,
    "date": _full_date,
}
