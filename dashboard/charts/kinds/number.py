"""The big figure of a card: the last row's value, its change against the row before, and all rows as a sparkline."""

import math
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.drawing import Direction, Drawing, Number
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.charts.series import highs_and_lows

_POINTS = 200  # a card is about as many pixels wide


def number(sheet: Sheet) -> Drawing:
    """The figure of the last row, whatever column orders the rows."""
    value, along = sheet.one("value"), sheet.maybe("x")
    numbers = value.numbers()
    change, direction = _change(numbers, value.style)
    versus = _versus(along) if change else None
    text = formats.short(numbers.iloc[-1], value.style or "number")
    figure = Number(text, change, direction, versus)
    return Drawing(number=figure, sparkline=_sparkline(numbers), note=left_out([value.as_number()]))


def _versus(along: Field | None) -> str:
    return f"vs {along.worded(along.values.iloc[-2:-1]).iloc[0]}" if along else "vs previous"


def _change(numbers: pd.Series, style: str | None) -> tuple[str | None, Direction]:
    """Percent of the value before, or points where the values are percentages already; none against nothing or zero."""
    if len(numbers) < 2 or numbers.iloc[-2:].isna().any():
        return None, ""
    before, now = float(numbers.iloc[-2]), float(numbers.iloc[-1])
    if style == "percent":
        return _worded((now - before) * 100, " pt")
    return _worded((now / abs(before) - math.copysign(1, before)) * 100, "%") if before else (None, "")


def _worded(change: float, unit: str) -> tuple[str | None, Direction]:
    if not math.isfinite(change):
        return None, ""
    size = _size(abs(change))
    if float(size.replace(",", "")) == 0:
        return f"0.0{unit}", "flat"
    return (f"+{size}{unit}", "up") if change > 0 else (f"{formats.MINUS}{size}{unit}", "down")


def _size(change: float) -> str:
    return f"{change:,.1f}" if change < 100 else f"{change:,.0f}"


def _sparkline(numbers: pd.Series) -> dict[str, list[Any]] | None:
    """The rows that have a value, by their position; None when fewer than two have."""
    known = numbers.reset_index(drop=True).dropna()
    known = known.iloc[highs_and_lows(known, _POINTS)]
    if len(known) < 2:
        return None
    return {"x": [int(position) for position in known.index], "y": axes.plain(known)}
