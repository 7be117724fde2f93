"""Dates and times as people write them: the forms of literals that the guide lists, read by PostgreSQL's rules.

Used by `literals`. Month before day (DateStyle MDY). Source: "Date, time, and timestamp literals" in the Redshift
developer guide, and PostgreSQL's appendix on date and time input.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo, available_timezones

from ..errors import StatementFailed

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LONG_MONTHS = "january february march april june july august september sept october november december"
_MONTH_NAMES = (*_LONG_MONTHS.split(), *_MONTHS)
_MONTH = f"(?P<name>{'|'.join(sorted(_MONTH_NAMES, key=len, reverse=True))})"
_WEEKDAY = re.compile(r"\b(?:sun|mon|tues?|wed(?:nes)?|thu(?:rs?)?|fri|sat(?:ur)?)(?:day)?\b,?\s*")
_DATES = tuple(
    re.compile(pattern + r"(?P<rest>$|[ tT,].*$)", re.DOTALL)
    for pattern in (
        r"(?P<y>\d{3,4})[-/. ](?P<m>\d{1,2})[-/. ](?P<d>\d{1,2})",
        r"(?P<m>\d{1,2})[-/.](?P<d>\d{1,2})[-/.](?P<y>\d{4}|\d{2})",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<y>\d{2})(?P<m>\d{2})(?P<d>\d{2})",
        r"(?P<y>\d{4})[.]?(?P<doy>\d{3})",
        rf"{_MONTH}[-/. ]*(?P<d>\d{{1,2}})[-/. ,]+(?P<y>\d{{4}}|\d{{2}})",
        rf"(?P<d>\d{{1,2}})[-/. ]+{_MONTH}[-/. ,]+(?P<y>\d{{4}}|\d{{2}})",
        rf"(?P<y>\d{{4}})[-/. ]+{_MONTH}[-/. ]+(?P<d>\d{{1,2}})",
    )
)
_TIME = re.compile(
    r"(?:(?P<h>\d{1,2}):(?P<mi>\d{2})(?::(?P<s>\d{2})(?P<f>\.\d+)?)?|(?P<packed>\d{6}|\d{4})(?P<pf>\.\d+)?)"
    r"\s*(?P<half>[ap]m(?![a-z]))?\s*(?P<zone>.*)$"
)
_OFFSET = re.compile(r"(?:utc|gmt)?(?P<sign>[-+])(?P<h>\d{1,2})(?::?(?P<m>\d{2}))?$")
_ABBREVIATIONS = {
    **dict.fromkeys(("z", "utc", "gmt", "ut", "zulu", "wet"), 0.0),
    **{"est": -5.0, "edt": -4.0, "cst": -6.0, "cdt": -5.0, "mst": -7.0, "mdt": -6.0, "pst": -8.0, "pdt": -7.0},
    **{"akst": -9.0, "akdt": -8.0, "hst": -10.0, "ast": -4.0, "adt": -3.0, "nst": -3.5, "brt": -3.0},
    **{"bst": 1.0, "cet": 1.0, "west": 1.0, "met": 1.0, "cest": 2.0, "eet": 2.0, "eest": 3.0, "msk": 3.0},
    **{"ist": 2.0, "jst": 9.0, "kst": 9.0, "sgt": 8.0, "hkt": 8.0, "aest": 10.0, "aedt": 11.0, "nzst": 12.0},
}
_POSIX = re.compile(r"(?P<name>.+?)\s*(?P<sign>[-+])(?P<h>\d{1,2})(?::?(?P<m>\d{2}))?$")
SPECIAL = frozenset({"now", "today", "tomorrow", "yesterday", "epoch"})


def read_date(text: str) -> date:
    """A literal's date; a time behind it is left out. Raises StatementFailed for anything else."""
    return _read(text, "date")[0].date()


def read_timestamp(text: str) -> datetime:
    """A literal's date and time, its zone left out."""
    return _read(text, "timestamp")[0]


def read_timestamptz(text: str) -> datetime:
    """A literal's moment in UTC, without a zone meaning UTC."""
    moment, zone = _read(text, "timestamp with time zone")
    return moment if zone is None else moment.replace(tzinfo=zone(moment)).astimezone(UTC)


def read_time(text: str) -> time:
    """A literal's time of day, also behind a date."""
    return _read_time(text, "time")[0].time()


def read_timetz(text: str) -> datetime:
    """A literal's time of day with its offset from UTC (on an arbitrary date)."""
    moment, zone = _read_time(text, "time with time zone")
    return moment.replace(tzinfo=zone(moment) if zone else UTC)


_Zone = Callable[[datetime], timezone]


def _read_time(text: str, kind: str) -> tuple[datetime, _Zone | None]:
    try:
        return _with_time(datetime.combine(date(2000, 1, 1), time()), text.strip().lower())
    except ValueError:
        return _read(text, kind)


def _read(text: str, kind: str) -> tuple[datetime, _Zone | None]:
    try:
        return _moment(_WEEKDAY.sub("", text.strip().lower()))
    except _OutOfRange as error:
        raise StatementFailed(f'ERROR: date/time field value out of range: "{text}"') from error
    except ValueError as error:
        raise StatementFailed(f'ERROR: invalid input syntax for type {kind}: "{text}"') from error


class _OutOfRange(ValueError):
    """A number where it may stand, but too large."""


def _moment(text: str) -> tuple[datetime, _Zone | None]:
    for pattern in _DATES:
        found = pattern.match(text)
        if found:
            rest = found["rest"].lstrip(" tT,").strip()
            before = rest.endswith((" bc", " ad")) or rest in ("bc", "ad")
            if before:
                rest = rest[:-2].strip()
            day = datetime.combine(_date(found), time())
            return _with_time(day, rest) if rest else (day, None)
    raise ValueError(text)


def _date(found: re.Match[str]) -> date:
    parts = found.groupdict()
    year = int(parts["y"])
    if len(parts["y"]) == 2:
        year += 2000 if year < 70 else 1900
    try:
        if parts.get("doy"):
            return date(year, 1, 1) + timedelta(int(parts["doy"]) - 1)
        month = _MONTHS.index(parts["name"][:3]) + 1 if parts.get("name") else int(parts["m"])
        return date(year, month, int(parts["d"]))
    except ValueError as error:
        raise _OutOfRange from error


def _with_time(day: datetime, text: str) -> tuple[datetime, _Zone | None]:
    found = _TIME.match(text)
    if found is None:
        return day, _zone(text)
    packed = found["packed"]
    hour = int(found["h"] or packed[:2])
    minute = int(found["mi"] or packed[2:4])
    second = int(found["s"] or (packed or "")[4:6] or 0)
    micros = round(float(found["f"] or found["pf"] or 0) * 1_000_000)
    if found["half"]:
        if not 1 <= hour <= 12:
            raise _OutOfRange
        hour = hour % 12 + (12 if found["half"] == "pm" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and (minute or second)):
        raise _OutOfRange
    moment = day + timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)
    return moment, _zone(found["zone"]) if found["zone"] else None


def _zone(text: str) -> _Zone:
    offset = _OFFSET.match(text)
    if offset:
        hours = int(offset["h"]) + int(offset["m"] or 0) / 60
        return _fixed(hours if offset["sign"] == "+" else -hours)
    if text in _ABBREVIATIONS:
        return _fixed(_ABBREVIATIONS[text])
    try:
        named = ZoneInfo("/".join(part.title() for part in text.split("/")))
    except (KeyError, OSError, ValueError) as error:
        raise ValueError(text) from error
    return lambda moment: timezone(moment.replace(tzinfo=named).utcoffset() or timedelta())


def minutes_behind(zone: str) -> int | None:
    """The minutes that a zone is behind UTC all year: `PST`, `NEWZONE +2` (POSIX counts westward).

    None for the name of a place, whose clocks change.
    """
    word = zone.strip().lower()
    if word in _ABBREVIATIONS:
        return round(-60 * _ABBREVIATIONS[word])
    found = _POSIX.match(zone.strip())
    if found is None or zone.strip() in available_timezones():
        return None
    minutes = int(found["h"]) * 60 + int(found["m"] or 0)
    return minutes if found["sign"] == "+" else -minutes


def _fixed(hours: float) -> _Zone:
    return lambda _moment: timezone(timedelta(hours=hours))
