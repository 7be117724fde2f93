"""Sizes, moments and parameters in words, for the lists of exports and of the audit. Pure."""

import datetime
from collections.abc import Mapping

_UNITS = ("B", "KB", "MB", "GB", "TB")


def size(count: int) -> str:
    """Bytes as people read them: `12.3 MB`."""
    number, unit = float(count), 0
    while number >= 1000 and unit < len(_UNITS) - 1:
        number, unit = number / 1000, unit + 1
    return f"{number:.1f} {_UNITS[unit]}" if unit and number < 100 else f"{number:.0f} {_UNITS[unit]}"


def moment(milliseconds: int) -> str:
    """Epoch milliseconds as `2026-11-20 09:31`, in UTC."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).strftime("%Y-%m-%d %H:%M")


def values(parameters: Mapping[str, str]) -> str:
    """Parameters in one line."""
    return " · ".join(f"{name} {value}" for name, value in parameters.items())
