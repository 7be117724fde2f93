"""The scales of values of lines and bars: one on the left and, for columns of another unit, one on the right."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.charts import axes
from dashboard.charts.drawing import shortened, titled
from dashboard.charts.series import Parted, Series

_LETTERS = 40  # of a title, which runs along the scale
_MARGIN = 1.06  # how much longer than its numbers a scale is, on both sides of zero


@dataclass(frozen=True)
class Scale:
    """One scale: the series on it, the numbers that it reaches, and whether it shows zero."""

    members: Sequence[Series]
    numbers: pd.Series
    tozero: bool

    def axis(self) -> dict[str, Any]:
        """The axis, with the names of its series as its title."""
        whole = bool((self.numbers.dropna() % 1 == 0).all())
        start = {"rangemode": "tozero"} if self.tozero else {}
        axis = axes.values(self.members[0].style, self.numbers, whole) | start
        return titled(axis, shortened(", ".join(dict.fromkeys(member.name for member in self.members)), _LETTERS))

    @property
    def reach(self) -> tuple[float, float]:
        """From the lowest to the highest number, zero among them."""
        known = [0.0, *self.numbers.dropna()]
        return min(known), max(known)


def scales(part: Parted, reach: pd.Series, tozero: bool, right_tozero: bool = False) -> dict[str, Any]:
    """The axes of values of a layout; the left one has to `reach` these numbers.

    Only the left one has a grid; where both show zero, it is at the same height.
    """
    tozero = tozero or near_zero(reach)
    if not part.right:
        return {"yaxis": axes.values(part.y.style, reach, part.y.whole) | ({"rangemode": "tozero"} if tozero else {})}
    numbers = pd.concat([member.y for member in part.right], ignore_index=True)
    left, right = Scale(part.left, reach, tozero), Scale(part.right, numbers, right_tozero or near_zero(numbers))
    beside = {"overlaying": "y", "side": "right", "showgrid": False, "tickmode": "auto"}
    ranges = _ranges(left, right)
    return {"yaxis": left.axis() | ranges[0], "yaxis2": right.axis() | beside | ranges[1]}


def near_zero(numbers: pd.Series) -> bool:
    """Whether zero belongs to the picture; far from it, it would flatten the line."""
    low, high = numbers.min(), numbers.max()
    return bool(0 <= low <= high * 0.6 or low == high)


def _ranges(left: Scale, right: Scale) -> tuple[dict[str, Any], dict[str, Any]]:
    """Of scales that both show zero and of which one goes below it; else zero is at the same end of both anyway."""
    reaches = [scale.reach for scale in (left, right) if scale.tozero]
    if len(reaches) < 2 or all(low == 0 for low, _ in reaches) or all(high == 0 for _, high in reaches):
        return {}, {}
    share = max(-low / (high - low) for low, high in reaches if high > low)
    share = min(max(share, 0.01), 0.9) if share < 1 else 0.5
    return _range(reaches[0], share), _range(reaches[1], share)


def _range(reach: tuple[float, float], share: float) -> dict[str, Any]:
    """The shortest range that holds these numbers and whose part below zero is this share of it."""
    low, high = reach
    above = max(high, -low * (1 - share) / share) or 1.0
    below = above * share / (1 - share)
    return {"range": [-below * _MARGIN, above * _MARGIN], "autorange": False}
