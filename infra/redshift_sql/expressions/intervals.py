"""Interval literals: quantities with units, years and months, days and a clock, cut to their qualifier.

Used by `dates`, `operators` and `literals`. Source: "Interval data types and literals" and "Examples of interval
literals without qualifier syntax" in the Redshift developer guide.
"""

import re

from sqlglot import exp

from ..errors import StatementFailed
from ..functions.date_parts import interval_part
from .nodes import call, number
from .types import DAY_TO_SECOND, INTERVAL, YEAR_TO_MONTH, SqlType

_QUANTITY = re.compile(r"\s*([-+]?\d*\.?\d+)\s*([a-z]*)\s*,?\s*", re.IGNORECASE)
_YEARS_MONTHS = re.compile(r"\s*([-+]?)(\d+)-(\d+)\s*")
_CLOCK = re.compile(r"\s*(?:([-+]?\d+)\s+)?([-+]?)(\d+):(\d+)(?::(\d+(?:\.\d*)?))?\s*$")
_AGO = re.compile(r"\s+ago\s*$", re.IGNORECASE)
_MONTHS = {"year": 12, "month": 1}
_MICROS = {"day": 86_400_000_000, "hour": 3_600_000_000, "minute": 60_000_000, "second": 1_000_000}
_DAY = _MICROS["day"]


def kind_of(qualifier: str) -> SqlType:
    """The type of a literal with this qualifier, such as `day to second`, empty for none."""
    if qualifier in ("", "week"):
        return INTERVAL
    return YEAR_TO_MONTH if qualifier.split()[0] in _MONTHS else DAY_TO_SECOND


def read_interval(words: str, qualifier: str = "", precision: int = 6) -> exp.Expr:
    """The interval that a quoted text tells. Raises StatementFailed for none.

    A number alone counts in the qualifier's last unit, or in seconds; what is smaller than that unit is cut.
    """
    last = qualifier.split()[-1] if qualifier else ""
    body = _AGO.sub("", words)
    months, micros = _read(body, last or "second", qualifier)
    if last == "week":  # no qualifier of the guide, yet a unit
        last = ""
    if body != words:
        months, micros = -months, -micros
    if last in _MONTHS:
        return _node(_cut(months, _MONTHS[last]), 0)
    if last:
        step = 10 ** (6 - precision) if last == "second" else _MICROS[last]
        micros = round(micros / step) * step if last == "second" and precision < 6 else _cut(int(micros), step)
    return _node(months, round(micros))


def _read(words: str, unit: str, qualifier: str) -> tuple[int, float]:
    """Months and microseconds."""
    years = _YEARS_MONTHS.fullmatch(words)
    if years:
        months = int(years[2]) * 12 + int(years[3])
        return (-months if years[1] == "-" else months), 0
    months, micros, end = 0, 0.0, 0
    while end < len(words):
        clock = _CLOCK.fullmatch(words, end)
        if clock:
            return months, micros + _clock(clock, qualifier)
        found = _QUANTITY.match(words, end)
        if not found or found.end() == end:
            break
        end = found.end()
        more_months, more_micros = interval_part(float(found[1]), found[2].lower() or unit)
        months, micros = months + more_months, micros + more_micros
    if not words.strip() or end != len(words):
        raise StatementFailed(f'ERROR: invalid input syntax for type interval: "{words.strip()}"')
    return months, micros


def _clock(found: re.Match[str], qualifier: str) -> float:
    """`2:03` is hours and minutes, or minutes and seconds where the qualifier says so; days may stand before it."""
    days, sign, *parts = found.groups()
    first, second, third = (float(part or 0) for part in parts)
    if parts[2] is None and qualifier.startswith("minute"):
        first, second, third = 0.0, first, second
    micros = first * _MICROS["hour"] + second * _MICROS["minute"] + third * _MICROS["second"]
    signed = -micros if sign == "-" or (days or "").startswith("-") else micros
    return int(days or 0) * _DAY + signed


def _cut(count: int, step: int) -> int:
    """Towards zero."""
    return (abs(count) // step * step) * (-1 if count < 0 else 1)


def _node(months: int, micros: int) -> exp.Expr:
    days, rest = divmod(abs(micros), _DAY)
    sign = -1 if micros < 0 else 1
    parts = [("to_months", months), ("to_days", sign * days), ("to_microseconds", sign * rest)]
    kept = [call(name, number(count)) for name, count in parts if count] or [call("to_days", number(0))]
    result = kept[0]
    for part in kept[1:]:
        result = exp.Add(this=result, expression=part)
    return exp.Paren(this=result)
