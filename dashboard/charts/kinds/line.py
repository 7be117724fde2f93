"""Lines and areas over dates, numbers or names, on one scale, on two or, with `split: true`, each on its own."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats, series
from dashboard.charts.comparison import differences
from dashboard.charts.drawing import Drawing, escaped, figure, noted, tooltip
from dashboard.charts.fields import Sheet
from dashboard.charts.levels import levels
from dashboard.charts.scales import scales
from dashboard.charts.series import FEWEST, POINTS, Parted, Role, Series, evenly, highs_and_lows
from dashboard.locales.words import _

Trace = dict[str, Any]


def line(sheet: Sheet) -> Drawing:
    """One line a series, on one scale or, with `split`, each on its own."""
    part = series.parted(sheet)
    members, note = _thinned(part.members, sheet.rows)
    traces = [_trace(part, member, position) for position, member in enumerate(members)]
    drawn = _drawn(sheet, part, traces, note, _numbers(part.left))
    if not sheet.flag("split") or drawn.figure is None or len(members) < 2:
        return drawn
    return replace(drawn, figure=split(part, drawn.figure))


def area(sheet: Sheet) -> Drawing:
    """Lines with the first one lightly filled, or all of them on top of each other when `stacked`."""
    stacked = sheet.flag("stacked")
    part = series.parted(sheet, other=stacked)
    members, note = _sampled(part.members, sheet.rows) if stacked else _thinned(part.members, sheet.rows)
    traces = [_trace(part, member, position) for position, member in enumerate(members)]
    for trace in traces[: len(part.own)] if stacked else traces[:1]:
        trace |= _stacked() if stacked else {"fill": "tozeroy"}
    return _drawn(sheet, part, traces, note, _totals(part) if stacked else part.numbers, tozero=True)


def _stacked() -> Trace:
    """Layers show where they end, so their lines are thin and whole, and the template's fading fill is off."""
    return {"stackgroup": "all", "fillgradient": {"type": "none"}, "line": {"width": 1}, "mode": "lines"}


def _drawn(
    sheet: Sheet, part: Parted, traces: list[Trace], note: str | None, reach: pd.Series, tozero: bool = False
) -> Drawing:
    """The lines on their scales, of which the left one reaches the numbers `reach` and those of lines across it."""
    if not part.numbers.notna().any():
        return Drawing(note=_("Every value is empty."))
    across = levels(sheet, part.x, part.left[0].style)
    along = axes.of(part.x) | {"showgrid": False, "unifiedhovertitle": {"text": _header(part)}}
    up = scales(part, across.with_numbers(reach), tozero)
    return across.over(Drawing(figure(traces, hovermode="x unified", xaxis=along, **up), note=noted(part.note, note)))


def _header(part: Parted) -> str:
    """The first line of the tooltip: a number needs the column's label, a name is whole though cut on the axis."""
    return {"number": f"{_literal(part.x.label)} %{{x}}", "text": "%{x}", "date": ""}[part.x.kind]


def _literal(label: str) -> str:
    return escaped(label).replace("%", "&#37;")


def _trace(part: Parted, member: Series, position: int) -> Trace:
    trace = {
        "type": "scatter",
        "mode": "lines+markers" if series.lonely(member.y) else "lines",
        "name": escaped(member.name),
        "x": axes.along(part.x, member.x),
        "y": axes.plain(member.y),
        "line": {"width": 2, "dash": series.dash(position)},
        "marker": {"size": 5, "symbol": series.symbol(position)},
        "hovertemplate": tooltip(axes.told("y", member.style, member.y)),
        **axes.period(part.x),
    }
    return trace | ({"yaxis": "y2"} if member.right else {}) | _beside(part, member)


_LOOKS: Mapping[Role, Trace] = {
    "before": {"meta": "before", "line": {"width": 1.5, "dash": "dash"}},
    "target": {"meta": "target", "line": {"width": 1.5, "dash": "dot", "shape": "hvh"}},
}


def _beside(part: Parted, member: Series) -> Trace:
    """How an earlier period and a target look, and in the tooltip how a value differs from the earlier one."""
    if member.role:
        return _LOOKS.get(member.role, {})
    changes = differences(part, member)
    if changes is None:
        return {}
    told = tooltip(axes.told("y", member.style, member.y), "%{customdata}")
    return {"customdata": changes, "hovertemplate": told}


def _totals(part: Parted) -> pd.Series:
    points = [pd.Series(member.y.to_numpy(), index=pd.Index(member.x)) for member in part.own]
    together = pd.concat(points)
    return pd.concat([together.groupby(level=0).sum(), *(member.y for member in part.members[len(part.own) :])])


def _thinned(members: tuple[Series, ...], rows: int) -> tuple[list[Series], str | None]:
    each = max(POINTS // len(members), FEWEST)
    kept = [_at(member, highs_and_lows(member.y, each)) for member in members] if _points(members) > POINTS else members
    return list(kept), _thinning(rows, members, kept, keeps_ends=True)


def _sampled(members: tuple[Series, ...], rows: int) -> tuple[list[Series], str | None]:
    """Stacked areas need the same x in each series, so here some x stay, and all their points."""
    every = pd.concat([member.x for member in members]).drop_duplicates().sort_values()
    chosen = every.iloc[evenly(len(every), max(POINTS // len(members), FEWEST))]
    kept = [member.at(chosen) for member in members]
    return kept, _thinning(rows, members, kept)


def _thinning(rows: int, members: Sequence[Series], kept: Sequence[Series], *, keeps_ends: bool = False) -> str | None:
    if _points(kept) >= _points(members):
        return None
    if keeps_ends:
        return _("Thinned from {rows} rows; highs and lows are kept.", rows=formats.count(rows))
    return _("Thinned from {rows} rows.", rows=formats.count(rows))


def _points(members: Sequence[Series]) -> int:
    return sum(len(member.x) for member in members)


def _at(member: Series, positions: Any) -> Series:
    return replace(member, x=member.x.iloc[positions], y=member.y.iloc[positions])


def _numbers(members: Sequence[Series]) -> pd.Series:
    return pd.concat([member.y for member in members], ignore_index=True)


_GAP = 0.13  # of the height, above each line: room for its name


def split(part: Parted, figure: dict[str, Any]) -> dict[str, Any]:
    """The figure with a scale for each of its traces, the first on top, and the name above each."""
    count = len(part.members)
    layout = {**figure["layout"], "showlegend": False, "hoversubplots": "axis"}
    layout["xaxis"] = layout["xaxis"] | {"anchor": _axis(count - 1)}
    layout["annotations"] = []
    for position, member in enumerate(part.members):
        low, high = _place(position, count)
        whole = axes.values(member.style, member.y, part.y.whole)
        layout["yaxis" + _number(position)] = whole | {"domain": [low, high], "nticks": 4}
        layout["annotations"].append(_name(escaped(member.name), high))
    own = {"line": {"width": 2}}
    data = [trace | own | {"yaxis": _axis(position)} for position, trace in enumerate(figure["data"])]
    return {"data": data, "layout": layout}


def _number(position: int) -> str:
    return str(position + 1) if position else ""


def _axis(position: int) -> str:
    return "y" + _number(position)


def _place(position: int, count: int) -> tuple[float, float]:
    step = 1 / count
    height = step - _GAP if step > 2 * _GAP else step / 2
    high = 1 - position * step - (step - height)
    return round(max(high - height, 0), 4), round(high, 4)


def _name(name: str, high: float) -> dict[str, Any]:
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": high, "yanchor": "bottom"}
    return {"text": name, "showarrow": False, **place}
