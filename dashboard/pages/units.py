"""Sizes, moments and parameters in words, for the lists of exports and of the audit. Pure."""

import datetime
from collections.abc import Mapping

from dashboard.charts import formats
from dashboard.locales.locale import current

_UNITS = ("B", "KB", "MB", "GB", "TB")


def size(count: int) -> str:
    """Bytes as people read them: `12.3 MB`."""
    number, unit = float(count), 0
    while number >= 1000 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{digits(f'{number:.1f}' if unit and number < 100 else f'{number:.0f}')} {_UNITS[unit]}"


def digits(english: str) -> str:
    """A number as the current language writes it."""
    return current().conventions.digits(english)


def moment(milliseconds: int) -> str:
    """Epoch milliseconds in the viewer's time zone: `2026-11-20 09:31`, or as his language writes it."""
    return written(datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC), "%H:%M")


def written(at: datetime.datetime, clock: str) -> str:
    """A moment in the viewer's time zone, its time in this form."""
    local = current().moved(at)
    if current().language == "en":
        return local.strftime(f"%Y-%m-%d {clock}")
    conventions = current().conventions
    return conventions.whole_digits(
        conventions.calendar.joined(conventions.calendar.date(local), local.strftime(clock))
    )


def day(iso: str) -> str:
    """The day of a moment in ISO 8601."""
    return iso[:10] if current().language == "en" else formats.full(iso[:10], "date")


def zone() -> str:
    """What the times of a list are in."""
    return (current().time_zone or "UTC").replace("_", " ")


def values(parameters: Mapping[str, str]) -> str:
    """Parameters in one line."""
    return " · ".join(f"{name} {value}" for name, value in parameters.items())
