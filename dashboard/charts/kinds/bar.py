"""Bars: beside each other or stacked, upright or lying; listed in `KINDS`."""

from dataclasses import replace
from typing import Any

import pandas as pd

from dashboard.charts import axes, series
from dashboard.charts.drawing import Drawing, escaped, figure, noted, wrapped
from dashboard.charts.fields import Field, Sheet
from dashboard.charts.series import Parted, Series

MOST_NAMES = 60
MOST_STEPS = 2_000
MOST_BARS = 4_000  # of all series


def bar(sheet: Sheet) -> Drawing:
    """Bars in the rows' order; rows that share a place are added up."""
    lying, stacked = sheet.flag("horizontal"), sheet.flag("stacked")
    part = series.parted(sheet, other=stacked, x=_places(sheet.one("x"), lying))
    repeated = series.repeats(part)
    part, cut = _limited(replace(part, members=tuple(series.summed(member) for member in part.members)))
    if not part.numbers.notna().any():
        return Drawing(note="Every value is empty.")
    traces = [_trace(part, member, position, lying) for position, member in enumerate(part.members)]
    layout = _layout(part, stacked, lying)
    return Drawing(figure(traces, **layout), note=noted(part.note, repeated, cut))


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
    members = tuple(_only(member, kept) for member in part.members)
    return replace(part, members=members), f"The first {most:,} of {len(places):,} bars are drawn."


def _only(member: Series, kept: set[Any]) -> Series:
    stays = member.x.isin(kept)
    return Series(member.name, member.style, member.x[stays], member.y[stays])


def _trace(part: Parted, member: Series, position: int, lying: bool) -> dict[str, Any]:
    places, sizes = axes.along(part.x, member.x), axes.plain(member.y)
    length = "x" if lying else "y"
    trace = {
        "type": "bar",
        "orientation": "h" if lying else "v",
        "name": escaped(member.name),
        "x": sizes if lying else places,
        "y": places if lying else sizes,
        "hovertext": [wrapped(label) for label in _labels(part.x, member.x)],
        "hovertemplate": "%{hovertext}<br>%{fullData.name}  "
        f"<b>%{{{length}:{axes.hover(member.style, member.y)}}}</b><extra></extra>",
        "marker": {"pattern": {"shape": series.pattern(position)}},
    }
    return trace | axes.period(part.x)


def _labels(field: Field, places: pd.Series) -> pd.Series:
    words = field.worded(places)
    return field.label + " " + words if field.kind == "number" else words


def _layout(part: Parted, stacked: bool, lying: bool) -> dict[str, Any]:
    numbers = _stacks(part) if stacked else part.numbers
    length = axes.values(part.y.style, numbers, part.y.whole) | {"rangemode": "tozero"}
    places = _place_axis(part, lying) | {"showgrid": False}
    across = {"xaxis": length, "yaxis": places} if lying else {"xaxis": places, "yaxis": length}
    return {"barmode": "relative" if stacked else "group", "hovermode": "closest", **across}


def _place_axis(part: Parted, lying: bool) -> dict[str, Any]:
    if part.x.kind == "text":
        return axes.names(pd.concat([member.x for member in part.members]), reverse=lying)
    return axes.of(part.x)


def _stacks(part: Parted) -> pd.Series:
    """The ends of the stacks, above zero and below."""
    together = pd.concat([member.y for member in part.members])
    highs = together.clip(lower=0).groupby(level=0).sum()
    return pd.concat([highs, together.clip(upper=0).groupby(level=0).sum()], ignore_index=True)
