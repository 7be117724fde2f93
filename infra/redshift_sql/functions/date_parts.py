"""Date parts: Redshift's many spellings of year to microsecond, as a bare word or a quoted text.

Source: "Date parts for date or timestamp functions" in the Redshift developer guide.
"""

from sqlglot import exp

from ..errors import StatementFailed
from ..expressions.nodes import call, cast, number

_SPELLINGS = {
    "millennium": "mil mils millennia",
    "century": "c cent cents centuries",
    "decade": "dec decs decades",
    "year": "y yr yrs years",
    "quarter": "qtr qtrs quarters",
    "month": "mon mons months",
    "week": "w weeks",
    "day": "d days",
    "hour": "h hr hrs hours",
    "minute": "m min mins minutes",
    "second": "s sec secs seconds",
    "millisecond": "ms msec msecs msecond mseconds millisec millisecs millisecon milliseconds",
    "microsecond": "us usec usecs usecond useconds microsec microsecs microsecon microseconds",
    "dow": "dw dayofweek weekday",
    "doy": "dayofyear dy yearday",
    "epoch": "",
    "timezone": "",
    "timezone_hour": "",
    "timezone_minute": "",
}
_PARTS = {word: part for part, words in _SPELLINGS.items() for word in [part, *words.split()]}
_MONTHS = {"millennium": 12000, "century": 1200, "decade": 120, "year": 12, "quarter": 3, "month": 1}
_UNITS = {
    "week": ("to_weeks", "integer"),
    "day": ("to_days", "integer"),
    "hour": ("to_hours", "bigint"),
    "minute": ("to_minutes", "bigint"),
    "second": ("to_seconds", "bigint"),
    "millisecond": ("to_milliseconds", "bigint"),
    "microsecond": ("to_microseconds", "bigint"),
}


def part_of(word: exp.Expr) -> str:
    """The part's one name in DuckDB. Raises StatementFailed for a word that is no date part."""
    spelled = word.name.lower()
    part = _PARTS.get(spelled)
    if part is None:
        raise StatementFailed(f'ERROR: date part "{spelled}" not recognized')
    return part


def truncated_part(word: exp.Expr) -> str:
    """A part that DATE_TRUNC knows."""
    part = part_of(word)
    if part not in _MONTHS and part not in _UNITS:
        raise StatementFailed(f'ERROR: timestamp units "{part}" not supported')
    return part


_MICROS = {
    "week": 604_800_000_000,
    "day": 86_400_000_000,
    "hour": 3_600_000_000,
    "minute": 60_000_000,
    "second": 1_000_000,
    "millisecond": 1000,
    "microsecond": 1,
}


def interval_part(count: float, word: str) -> tuple[int, float]:
    """So many of a part, as months and microseconds; a fraction of a month counts in months of 30 days.

    Raises StatementFailed for a word that is no part of an interval.
    """
    part = _PARTS.get(word)
    if part in _MONTHS:
        months = count * _MONTHS[part]
        whole = int(months)
        return whole, (months - whole) * 30 * _MICROS["day"]
    if part not in _MICROS:
        raise StatementFailed(f'ERROR: interval units "{word}" not recognized')
    return 0, count * _MICROS[part]


def interval(part: str, count: exp.Expr) -> exp.Expr:
    """`count` times the part, as an interval."""
    if part in _MONTHS:
        months = exp.Mul(this=exp.Paren(this=count), expression=number(_MONTHS[part]))
        return call("to_months", cast(months, "integer"))
    if part not in _UNITS:
        raise StatementFailed(f'ERROR: date part "{part}" not supported')
    function, kind = _UNITS[part]
    return call(function, cast(count, kind))
