"""How a value differs from an earlier one, in words: `+8.4%`, or points where the values are percentages already.

Read by number cards and by charts that compare with an earlier period.
"""

import math

import pandas as pd

from dashboard.charts import formats
from dashboard.charts.drawing import Direction
from dashboard.charts.series import Parted, Series
from dashboard.locales.cldr import Affixes
from dashboard.locales.locale import current
from dashboard.locales.words import _


def difference(before: float, now: float, style: str | None) -> tuple[str | None, Direction]:
    """Its words and its direction; none against nothing or zero."""
    if style == "percent":
        unit = f" {_('pt')}"
        return _worded((now - before) * 100, Affixes(("", unit), ("-", unit)))
    change = (now / abs(before) - math.copysign(1, before)) * 100 if before else math.nan
    return _worded(change, current().conventions.percent)


def differences(part: Parted, member: Series) -> list[str] | None:
    """For each point of a series how it differs from the earlier period, empty where that cannot be told.

    None when the chart compares with nothing.
    """
    if member.role is not None or not part.beside("before"):
        return None
    (before,) = part.beside("before")
    earlier = before.y[~before.y.index.duplicated()].reindex(member.y.index)
    return [_of(then, now, member.style) for then, now in zip(earlier, member.y, strict=True)]


def _of(before: float, now: float, style: str | None) -> str:
    words = None if pd.isna(before) or pd.isna(now) else difference(float(before), float(now), style)[0]
    return f"  {words}" if words else ""


def _worded(change: float, unit: Affixes) -> tuple[str | None, Direction]:
    if not math.isfinite(change):
        return None, ""
    size = _size(abs(change))
    direction: Direction = "flat" if float(size.replace(",", "")) == 0 else "up" if change > 0 else "down"
    sign = {"up": "+", "flat": "", "down": formats.MINUS}[direction]
    return unit.around(current().conventions.digits(size), direction != "flat", sign), direction


def _size(change: float) -> str:
    return f"{change:,.1f}" if change < 100 else f"{change:,.0f}"
