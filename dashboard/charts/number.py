"""The big figure of a card: the last row's value, its change against the row before, and all rows as a sparkline."""

import math
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.drawing import Direction, Drawing, Number
from dashboard.charts.fields import Field, Sheet
from dashboard.charts.figures import figure
from dashboard.charts.thin import highs_and_lows

_SPARKS = 400


def number(sheet: Sheet) -> Drawing:
    """The figure of the last row, whatever column orders the rows."""
    value, along = sheet.one("value"), sheet.maybe("x")
    numbers = value.numbers()
    change, direction = _change(numbers, value.style)
    versus = _versus(along) if change else None
    text = formats.short(numbers.iloc[-1], value.style or "number")
    return Drawing(_sparkline(numbers), Number(text, change, direction, versus))


def _versus(along: Field | None) -> str:
    return f"vs {along.labels().iloc[-2]}" if along else "vs previous"


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


def _sparkline(numbers: pd.Series) -> dict[str, Any] | None:
    known = numbers.reset_index(drop=True)
    known = known.iloc[highs_and_lows(known, _SPARKS)]
    if known.notna().sum() < 2:
        return None
    trace = {
        "type": "scatter",
        "mode": "lines",
        "x": [int(position) for position in known.index],
        "y": axes.plain(known),
        "line": {"width": 1.75},
        "hoverinfo": "skip",
        "connectgaps": True,
    }
    hidden = {"visible": False, "fixedrange": True}
    none = {"l": 0, "r": 0, "t": 3, "b": 3, "pad": 0}
    return figure([trace], margin=none, hovermode=False, dragmode=False, xaxis=hidden, yaxis=hidden)
