"""Days told by words, such as `last month`: what they mean today, in UTC. Pure; used by `parameters`.

A header's default, minimum or maximum may be such a word; it is resolved anew at every request, so the report's version
stays the same while its default moves on.
"""

import datetime
from collections.abc import Callable, Mapping
from types import MappingProxyType

Span = tuple[datetime.date, datetime.date]
Values = tuple[str, str]
_DAY = datetime.timedelta(days=1)


def today() -> datetime.date:
    """The day it is now in UTC."""
    return datetime.datetime.now(datetime.UTC).date()


def _month_of(day: datetime.date) -> Span:
    first = day.replace(day=1)
    return first, (first + 31 * _DAY).replace(day=1) - _DAY


def _year_of(day: datetime.date) -> Span:
    return day.replace(month=1, day=1), day.replace(month=12, day=31)


SPANS: Mapping[str, Callable[[datetime.date], Span]] = MappingProxyType(
    {
        "today": lambda day: (day, day),
        "yesterday": lambda day: (day - _DAY, day - _DAY),
        "this month": _month_of,
        "last month": lambda day: _month_of(_month_of(day)[0] - _DAY),
        "this year": _year_of,
        "last year": lambda day: _year_of(_year_of(day)[0] - _DAY),
        "last 7 days": lambda day: (day - 6 * _DAY, day),
        "last 30 days": lambda day: (day - 29 * _DAY, day),
        "last 90 days": lambda day: (day - 89 * _DAY, day),
        "month to date": lambda day: (day.replace(day=1), day),
        "year to date": lambda day: (day.replace(month=1, day=1), day),
    }
)
"""Each word's first and last day, seen from a day; the last so many days end with that day."""

OFFERED = ("last 7 days", "last 30 days", "last 90 days", "month to date", "year to date", "last month", "last year")
"""The words that a range's control offers."""

_DAYS = ("today", "yesterday")
_MONTHS = (*_DAYS, "this month", "last month")
_YEARS = (*_MONTHS, "this year", "last year")

WORDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"date": _DAYS, "month": _MONTHS, "year": _YEARS, "daterange": tuple(SPANS)}
)
"""The words each type takes as a default: those whose span lies within one value of it."""

_ENDS: Mapping[str, Callable[[datetime.date], Span]] = MappingProxyType({"month": _month_of, "year": _year_of})

LETTERS: Mapping[str, int] = MappingProxyType({"date": 10, "month": 7, "year": 4, "daterange": 10})
"""How much of an ISO date a value of the type is."""


def as_of(kind: str, latest: str | None, day: datetime.date) -> datetime.date:
    """The day from which words are seen: the day itself, or the last one of `latest` where that is earlier.

    `latest` is a value of the type, or a word. So words mean something for data that end in the past.
    """
    if latest is None or latest in WORDS.get(kind, ()) or kind not in LETTERS:
        return day
    last = _ENDS.get(kind, lambda first: (first, first))(datetime.date.fromisoformat(f"{latest}-01-01"[:10]))[1]
    return min(day, last)


def resolved(kind: str, word: str, day: datetime.date) -> Values | None:
    """The first and last value of a word for a type on a day; None when the type knows no such word."""
    if word not in WORDS.get(kind, ()):
        return None
    first, last = SPANS[word](day)
    return first.isoformat()[: LETTERS[kind]], last.isoformat()[: LETTERS[kind]]
