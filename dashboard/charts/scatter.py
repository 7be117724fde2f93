"""Points of one number against another; registered in `kinds`."""

from typing import Any

from dashboard.charts import axes, series
from dashboard.charts.drawing import Drawing, noted
from dashboard.charts.fields import Field, Sheet
from dashboard.charts.figures import figure, titled
from dashboard.charts.series import Parted, Series
from dashboard.charts.text import escaped
from dashboard.charts.thin import MANY, evenly

MANY_POINTS = 2_000  # from here on WebGL, and smaller points
SAMPLE = 20_000


def scatter(sheet: Sheet) -> Drawing:
    """One mark a row, told apart by colour and shape; very many rows are sampled evenly."""
    part = series.parted(sheet)
    if not part.numbers.notna().any():
        return Drawing(note="Every value is empty.")
    members = [_sampled(member, sheet.rows) for member in part.members]
    points = sum(len(member.x) for member in members)
    traces = [_trace(part, member, position, points) for position, member in enumerate(members)]
    up = axes.values(part.y.style, part.numbers, part.y.whole)
    layout = {"hovermode": "closest", "xaxis": titled(axes.of(part.x), part.x.label)}
    layout["yaxis"] = titled(up, part.y.label) if len(traces) == 1 or sheet.maybe("series") else up
    note = f"A sample of {points:,} of {sheet.rows:,} rows." if sheet.rows > MANY else None
    return Drawing(figure(traces, **layout), note=noted(part.note, note))


def _sampled(member: Series, rows: int) -> Series:
    if rows <= MANY:
        return member
    chosen = evenly(len(member.x), max(round(SAMPLE * len(member.x) / rows), 1))
    return Series(member.name, member.style, member.x.iloc[chosen], member.y.iloc[chosen])


def _trace(part: Parted, member: Series, position: int, points: int) -> dict[str, Any]:
    many = points > MANY_POINTS
    return {
        "type": "scattergl" if many else "scatter",
        "mode": "markers",
        "name": escaped(member.name),
        "x": axes.along(part.x, member.x),
        "y": axes.plain(member.y),
        "marker": {
            "size": 4 if many else 7,
            "opacity": 0.45 if many else 0.7,
            "symbol": series.symbol(position),
            "line": {"width": 0},
        },
        "hovertemplate": _tooltip(part.x, member),
    }


def _tooltip(x: Field, member: Series) -> str:
    across = f"%{{x:{axes.hover(x.style, x.values)}}}" if x.kind == "number" else "%{x}"
    up = f"%{{y:{axes.hover(member.style, member.y)}}}"
    return f"%{{fullData.name}}  <b>{up}</b><br>%{{xaxis.title.text}}  <b>{across}</b><extra></extra>"
