"""The big figure of a card: the last row's value, its change, how much of its target it is, all rows as a sparkline."""

import math
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.comparison import difference
from dashboard.charts.drawing import Direction, Drawing, Number, noted
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.charts.series import highs_and_lows
from dashboard.locales.words import _, inline

_POINTS = 200  # a card is about as many pixels wide


def number(sheet: Sheet) -> Drawing:
    """The figure of the last row, whatever column orders the rows."""
    value, along = sheet.one("value"), sheet.maybe("x")
    numbers = value.numbers()
    change, direction = _change(numbers, value.style)
    versus = _versus(along) if change else None
    text = formats.short(numbers.iloc[-1], value.style or "number")
    target = _target(sheet)
    words = None if target is None else target_words(float(numbers.iloc[-1]), target, value.style or "number")
    figure = Number(text, change, direction, versus, words)
    untold = (
        _("The last row has no {columns}.", columns=_named(sheet))
        if sheet.chart.get("target") and target is None
        else None
    )
    return Drawing(number=figure, sparkline=_sparkline(numbers), note=noted(left_out([value.as_number()]), untold))


def _target(sheet: Sheet) -> float | None:
    """The number that the header names, or the last row's value of the column that it names."""
    level = sheet.level("target")
    if level is not None or not sheet.columns("target"):
        return level
    last = float(sheet.one("target").numbers().iloc[-1])
    return last if math.isfinite(last) else None


def _named(sheet: Sheet) -> str:
    return ", ".join(inline(field.label) for field in sheet.columns("target")) or _("target")


def target_words(value: float, target: float, style: str) -> str:
    """`92% of 5,000`, or the target alone where a share of it tells nothing: there is no value, or none above zero."""
    share = value / target if target > 0 and value >= 0 else math.nan
    if not math.isfinite(share):
        return _("target {value}", value=formats.short(target, style))
    reached = formats.short(round(share, 2), "percent")
    return _("{share} of {value}", share=reached, value=formats.short(target, style))


def _versus(along: Field | None) -> str:
    if along is None:
        return _("vs previous")
    return _("vs {before}", before=along.worded(along.values.iloc[-2:-1]).iloc[0])


def _change(numbers: pd.Series, style: str | None) -> tuple[str | None, Direction]:
    """Percent of the value before, or points where the values are percentages already; none against nothing or zero."""
    if len(numbers) < 2 or numbers.iloc[-2:].isna().any():
        return None, ""
    return difference(float(numbers.iloc[-2]), float(numbers.iloc[-1]), style)


def _sparkline(numbers: pd.Series) -> dict[str, list[Any]] | None:
    """The rows that have a value, by their position; None when fewer than two have."""
    known = numbers.reset_index(drop=True).dropna()
    known = known.iloc[highs_and_lows(known, _POINTS)]
    if len(known) < 2:
        return None
    return {"x": [int(position) for position in known.index], "y": axes.plain(known)}
