"""How a column looks: the format of its cells and its width, from its type and its first values; used by `as_xlsx`."""

from collections.abc import Sequence
from typing import Any

from dashboard.downloads.pages import Digits
from dashboard.downloads.tables import as_text
from dashboard.gateway.results import Column

_NARROWEST, _WIDEST = 8, 60
_FILTER = 3  # characters that the filter's button takes of the header
_MOST_ZEROS = 4  # digits behind the point that are worth showing when they are 0

_DATE, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
_SHOWN = {"integer": "0", "date": _DATE}


def cell_format(column: Column, digits: Digits | None, values: Sequence[Any]) -> dict[str, object]:
    """XlsxWriter's properties of the column's cells, {} for Excel's own choice.

    Decimals show as many digits as they are declared with, or as the values have; times show milliseconds only if one
    of the values has a fraction.
    """
    shown = _SHOWN.get(column.type)
    if column.type == "decimal":
        scale = digits.scale if digits else max((_scale(value) for value in values if value is not None), default=0)
        shown = f"0.{'0' * scale}" if 0 < scale <= _MOST_ZEROS else None if scale else "0"
    if column.type == "timestamp":
        shown = f"{_TIME}.000" if any("." in value for value in values if value is not None) else _TIME
    return {"num_format": shown} if shown else {}


def width(column: Column, values: Sequence[Any]) -> int:
    """Characters that the name and the first values need, within reason."""
    longest = max((_length(value) for value in values if value is not None), default=0)
    return min(max(len(column.name) + _FILTER, longest + 1, _NARROWEST), _WIDEST)


def _scale(decimal: str) -> int:
    return len(decimal.partition(".")[2])


def _length(value: Any) -> int:
    return max(map(len, as_text(value).split("\n")))
