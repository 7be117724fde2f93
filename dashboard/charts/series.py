"""The rows of a chart parted into series, one for each y column or for each value of its series column, and thinned.

Read by lines, bars, scatters and sparklines. More than twelve series are told apart by nobody, so the largest stay.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np
import pandas as pd

from dashboard.charts import formats
from dashboard.charts.drawing import noted
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.locales.words import _, inline, noop

MOST = 12
OTHER = noop("Other")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")
SYMBOLS = ("circle", "diamond", "square", "triangle-up", "x", "cross")
PATTERNS = ("", "/", ".", "x")


Role = Literal["line", "before", "target"]
"""What a series is beside those of y: a line over bars, an earlier period, a target that changes."""


@dataclass(frozen=True)
class Series:
    """One series: its name, how its values are written, and its points in the order to draw them.

    `role` is None for those of y; `right` tells whether its scale stands on the right.
    """

    name: str
    style: str | None
    x: pd.Series
    y: pd.Series
    role: Role | None = None
    right: bool = False

    def at(self, places: Collection[Any] | pd.Series) -> Self:
        """Its points at these places along x only."""
        stays = self.x.isin(places)
        return replace(self, x=self.x[stays], y=self.y[stays])


@dataclass(frozen=True)
class Parted:
    """All series of a chart, the column along which they run, and a note on those left out.

    Those of y come first, so that what stands beside them changes none of their colours.
    """

    x: Field
    y: Field
    members: tuple[Series, ...]
    note: str | None = None

    @property
    def numbers(self) -> pd.Series:
        """Every value of every series."""
        return pd.concat([member.y for member in self.members], ignore_index=True)

    @property
    def own(self) -> tuple[Series, ...]:
        """The series of y."""
        return tuple(member for member in self.members if member.role is None)

    @property
    def left(self) -> tuple[Series, ...]:
        """Those whose scale stands on the left: at least one."""
        return tuple(member for member in self.members if not member.right)

    @property
    def right(self) -> tuple[Series, ...]:
        """Those whose scale stands on the right."""
        return tuple(member for member in self.members if member.right)

    def beside(self, role: Role) -> tuple[Series, ...]:
        """The series of this role."""
        return tuple(member for member in self.members if member.role == role)


def parted(sheet: Sheet, other: bool = False, x: Field | None = None) -> Parted:
    """The chart's series; with `other`, those left out are added up into one."""
    along = x or sheet.one("x")
    by = sheet.maybe("series")
    if by is None:
        return _by_column(sheet, along)
    return _by_value(along, sheet.one("y"), by.as_text(), other)


def dash(position: int) -> str:
    """A dash pattern that differs from its neighbours' and, where colours come round again, from its colour twin's."""
    return _turning(DASHES, position)


def symbol(position: int) -> str:
    """A marker's shape, by the same rule as `dash`."""
    return _turning(SYMBOLS, position)


def pattern(position: int) -> str:
    """A bar's hatching, needed only where colours come round again."""
    return PATTERNS[position // len(DASHES) % len(PATTERNS)]


def _turning(marks: tuple[str, ...], position: int) -> str:
    return marks[(position + position // len(marks)) % len(marks)]


def _by_column(sheet: Sheet, along: Field) -> Parted:
    fields = sheet.many("y", most=MOST)
    asked = max(len(sheet.names("y")), len(sheet.names("line")))
    beside = [(role, field) for role in _ROLES for field in sheet.columns(_KEYS[role])[:MOST]]
    drawn: list[tuple[Role | None, Field]] = [*((None, field) for field in fields), *beside]
    right = {str(name).lower() for name in sheet.names("right")}
    right = right if any(field.name.lower() not in right for _role, field in drawn) else set()
    members = tuple(
        replace(_series(field.label, field.style, along, field.numbers()), role=role, right=field.name.lower() in right)
        for role, field in drawn
    )
    note = _("The first {most} of {count} columns are drawn.", most=MOST, count=asked) if asked > MOST else None
    missing = left_out(*([along, field.as_number()] for _role, field in drawn))
    return Parted(along, fields[0], members, noted(missing, note))


_ROLES: tuple[Role, ...] = ("line", "before", "target")
_KEYS: dict[Role, str] = {"line": "line", "before": "compare", "target": "target"}


def _by_value(along: Field, y: Field, by: Field, other: bool) -> Parted:
    numbers = y.numbers()
    missing = left_out([along, y.as_number()])
    sizes = numbers.abs().groupby(by.values, sort=False).sum()
    if len(sizes) <= MOST:
        return Parted(along, y, tuple(_named(sizes.index, by, y, along, numbers)), missing)
    kept = sizes.nlargest(MOST - 1 if other else MOST).index
    members = list(_named([name for name in sizes.index if name in kept], by, y, along, numbers))
    counts = {"most": len(kept), "count": formats.count(len(sizes))}
    note = _("The {most} largest of {count} series are drawn.", **counts)
    if other:
        members.append(_series(_(OTHER), y.style, along, numbers[~by.values.isin(kept)]))
        note = _("The {most} largest of {count} series are drawn, the rest as {other}.", **counts, other=_(OTHER))
    return Parted(along, y, tuple(members), noted(missing, note))


def _named(names: pd.Index | list[str], by: Field, y: Field, along: Field, numbers: pd.Series) -> Iterator[Series]:
    groups = numbers.groupby(by.values, sort=False).indices
    for name in names:
        yield _series(str(name), y.style, along, numbers.iloc[groups[name]])


def _series(name: str, style: str | None, along: Field, numbers: pd.Series) -> Series:
    """The rows that have an x; in its order where it has one."""
    x = along.values.loc[numbers.index]
    if along.kind == "text":
        return Series(name, style, along.labels().loc[numbers.index], numbers)
    x = x.dropna().sort_values(kind="stable")
    return Series(name, style, x, numbers.loc[x.index])


def lonely(numbers: pd.Series) -> bool:
    """Whether a value stands between two missing ones, where a line alone would not show it."""
    known = numbers.notna()
    return bool((known & ~known.shift(1, fill_value=False) & ~known.shift(-1, fill_value=False)).any())


def summed(member: Series) -> Series:
    """The series with one point for each x: points that share one are added up, and all missing stays missing."""
    totals = member.y.groupby(member.x, sort=False).sum(min_count=1)
    return replace(member, x=totals.index.to_series(), y=totals)


def repeats(part: Parted) -> str | None:
    """What to tell the viewer when points were added up."""
    repeated = any(member.x.duplicated().any() for member in part.members)
    if not repeated:
        return None
    label = inline(part.x.label)
    if part.beside("line"):
        return _("Rows with the same {label} are added up in the bars.", label=label)
    return _("Rows with the same {label} are added up.", label=label)


POINTS = 2_800
"""Points of all the lines of a chart: two for each pixel of a panel of 1,400."""

FEWEST = 500
"""Points that each of many lines has at least."""

MARKS = 1_500
"""Marks of a scatter chart: each costs a browser nearly 0.1 ms to draw, and many more cover each other."""


def highs_and_lows(values: pd.Series, points: int) -> np.ndarray:
    """The positions of about `points` values: of each stretch the first, the last, the highest and the lowest.

    So a peak of a single row stays visible, which taking every n-th row would lose.
    """
    if len(values) <= points:
        return np.arange(len(values))
    stretches = np.array_split(np.arange(len(values)), max(points // 4, 1))
    numbers = values.to_numpy(dtype="float64")
    kept = [_landmarks(numbers, stretch) for stretch in stretches if len(stretch)]
    return np.unique(np.concatenate(kept))


def _landmarks(numbers: np.ndarray, stretch: np.ndarray) -> list[int]:
    known = stretch[~np.isnan(numbers[stretch])]
    ends = [int(stretch[0]), int(stretch[-1])]
    if len(known) == 0:
        return ends
    return [*ends, int(known[numbers[known].argmax()]), int(known[numbers[known].argmin()])]


def evenly(count: int, points: int) -> np.ndarray:
    """The positions of `points` out of `count` rows, evenly spread."""
    if count <= points:
        return np.arange(count)
    return np.unique(np.linspace(0, count - 1, points).round().astype(int))
