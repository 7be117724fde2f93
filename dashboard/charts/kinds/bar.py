"""Bars: beside each other or stacked, upright or lying, with lines over them; listed in `KINDS`."""

from dataclasses import replace
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats, series
from dashboard.charts.comparison import differences
from dashboard.charts.drawing import Drawing, escaped, figure, noted, wrapped
from dashboard.charts.fields import Field, Sheet
from dashboard.charts.levels import Levels, levels
from dashboard.charts.scales import scales
from dashboard.charts.series import Parted, Series
from dashboard.locales.words import _

MOST_NAMES = 60
MOST_STEPS = 2_000
MOST_BARS = 4_000  # of all series


def bar(sheet: Sheet) -> Drawing:
    """Bars in the rows' order; rows that share a place are added up."""
    lying, stacked = sheet.flag("horizontal"), sheet.flag("stacked")
    part = series.parted(sheet, other=stacked, x=_places(sheet.one("x"), lying))
    repeated = series.repeats(part)
    part, cut = _limited(replace(part, members=tuple(_summed(member) for member in part.members)))
    if not part.numbers.notna().any():
        return Drawing(note=_("Every value is empty."))
    across = levels(sheet, part.x, part.left[0].style)
    traces = _traces(part, lying)
    layout = _layout(part, across, stacked, lying)
    return across.over(Drawing(figure(traces, **layout), note=noted(part.note, repeated, cut)), lying)


def _summed(member: Series) -> Series:
    """Bars that share a place are added up; a line is often an average, so each of its points stays."""
    return member if member.role == "line" else series.summed(member)


def _places(field: Field, lying: bool) -> Field:
    """Dates and close numbers keep their distances; names, lying bars and scattered numbers stand one after another."""
    steady = field.values.nunique() > 1 and (field.kind == "date" or _close(field))
    return field if steady and not lying else field.as_text()


def _close(field: Field) -> bool:
    """Whether whole numbers leave few gaps, counted in their own steps: 1, 2, 3 or 5, 10, 15."""
    if not field.whole:
        return False
    known = field.values.dropna().drop_duplicates().sort_values()
    step = known.diff().min()
    return bool((known.iloc[-1] - known.iloc[0]) / step < 3 * len(known))


def _limited(part: Parted) -> tuple[Parted, str | None]:
    """More names than can be read, or more bars than there are pixels, are cut off, and the viewer is told."""
    places = pd.concat([member.x for member in part.members]).drop_duplicates()
    most = MOST_NAMES if part.x.kind == "text" else min(MOST_STEPS, MOST_BARS // len(part.members))
    if len(places) <= most:
        return part, None
    kept = set(places.iloc[:most])
    members = tuple(member.at(kept) for member in part.members)
    return replace(part, members=members), _(
        "The first {most} of {count} bars are drawn.", most=formats.count(most), count=formats.count(len(places))
    )


def lying_bars(sheet: Sheet, note: str) -> Drawing:
    """The names and values of a chart for which some values are unfit, as bars, and why."""
    drawn = bar(sheet.redrawn({"x": sheet.chart.get("x"), "y": sheet.chart.get("value"), "horizontal": True}))
    return Drawing(drawn.figure, note=noted(note, drawn.note))


def _traces(part: Parted, lying: bool) -> list[dict[str, Any]]:
    """The bars, the earlier period's first, and what lies over them."""
    bars = [_trace(part, member, position, lying) | _side(part, member) for position, member in enumerate(part.own)]
    before = [
        _trace(part, member, 0, lying) | {"meta": "bars-before", "offsetgroup": "before"}
        for member in part.beside("before")
    ]
    now = [trace | {"meta": "bars-now", "offsetgroup": "now"} for trace in bars] if before else bars
    lines = [_line(part, member, position) for position, member in enumerate(part.beside("line"))]
    targets = [_target(part, member, lying) for member in part.beside("target")]
    return [*before, *now, *lines, *targets]


def _side(part: Parted, member: Series) -> dict[str, Any]:
    """Bars of two scales stand beside each other only when each has its own place."""
    if not any(one.right for one in part.own):
        return {}
    return {"offsetgroup": escaped(member.name)} | ({"yaxis": "y2"} if member.right else {})


def _line(part: Parted, member: Series, position: int) -> dict[str, Any]:
    trace = {
        "type": "scatter",
        "mode": "lines+markers" if series.lonely(member.y) else "lines",  # marks would push the bars from the edge
        "line": {"width": 2.5, "dash": series.dash(position)},
        "marker": {"size": 6, "symbol": series.symbol(position)},
        **_points(part, member, lying=False),
    }
    return trace | ({"yaxis": "y2"} if member.right else {})


def _target(part: Parted, member: Series, lying: bool) -> dict[str, Any]:
    """A dotted line in steps, one as wide as a place."""
    shape = "vhv" if lying else "hvh"
    look = {"meta": "target", "mode": "lines", "line": {"width": 2, "dash": "dot", "shape": shape}}
    return {"type": "scatter", **look, **_points(part, member, lying)}


def _trace(part: Parted, member: Series, position: int, lying: bool) -> dict[str, Any]:
    trace = {
        "type": "bar",
        "orientation": "h" if lying else "v",
        **_points(part, member, lying),
        "marker": {"pattern": {"shape": series.pattern(position)}},
    }
    return trace | axes.period(part.x)


def _points(part: Parted, member: Series, lying: bool) -> dict[str, Any]:
    """Where a series' bars or points are, and what is told of each."""
    places, sizes = axes.along(part.x, member.x), axes.plain(member.y)
    length = axes.told("x" if lying else "y", member.style, member.y)
    changes = differences(part, member)
    change = "" if changes is None else "%{customdata}"
    return {
        "name": escaped(member.name),
        "x": sizes if lying else places,
        "y": places if lying else sizes,
        "hovertext": [wrapped(label) for label in _labels(part.x, member.x)],
        "hovertemplate": f"%{{hovertext}}<br>%{{fullData.name}}  <b>{length}</b>{change}<extra></extra>",
    } | ({} if changes is None else {"customdata": changes})


def _labels(field: Field, places: pd.Series) -> pd.Series:
    words = field.worded(places)
    return field.label + " " + words if field.kind == "number" else words


def _layout(part: Parted, across: Levels, stacked: bool, lying: bool) -> dict[str, Any]:
    numbers = _stacks(part) if stacked else pd.concat([member.y for member in part.left], ignore_index=True)
    bars_on_right = any(member.right for member in part.own)
    lengths = scales(part, across.with_numbers(numbers), tozero=True, right_tozero=bars_on_right)
    places = _place_axis(part, lying) | {"showgrid": False}
    both = {"xaxis": lengths["yaxis"], "yaxis": places} if lying else {"xaxis": places, **lengths}
    return {"barmode": "relative" if stacked else "group", "hovermode": "closest", **both}


def _place_axis(part: Parted, lying: bool) -> dict[str, Any]:
    if part.x.kind == "text":
        return axes.names(pd.concat([member.x for member in part.members]), reverse=lying)
    return axes.of(part.x)


def _stacks(part: Parted) -> pd.Series:
    """The ends of the stacks, above zero and below, and what lies over them on the same scale."""
    together = pd.concat([member.y for member in part.own])
    highs = together.clip(lower=0).groupby(level=0).sum()
    over = [member.y for member in part.left if member.role]
    return pd.concat([highs, together.clip(upper=0).groupby(level=0).sum(), *over], ignore_index=True)
