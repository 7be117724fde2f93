"""Points of one number against another; listed in `KINDS`."""

from typing import Any

from dashboard.charts import axes, formats, series
from dashboard.charts.drawing import Drawing, escaped, figure, noted, titled
from dashboard.charts.fields import Field, Sheet
from dashboard.charts.series import MARKS, Parted, Series, evenly
from dashboard.locales.words import _

SMALL_FROM = 1_000  # marks


def scatter(sheet: Sheet) -> Drawing:
    """One mark a row, told apart by colour and shape; very many rows are sampled evenly."""
    part = series.parted(sheet)
    if not part.numbers.notna().any():
        return Drawing(note=_("Every value is empty."))
    known = [_known(member) for member in part.members]
    total = sum(len(member.x) for member in known)
    members = [_sampled(member, total) for member in known]
    points = sum(len(member.x) for member in members)
    traces = [_trace(part, member, position, points) for position, member in enumerate(members)]
    up = axes.values(part.y.style, part.numbers, part.y.whole)
    layout = {"hovermode": "closest", "xaxis": titled(axes.of(part.x), part.x.label)}
    layout["yaxis"] = titled(up, part.y.label) if len(traces) == 1 or sheet.maybe("series") else up
    note = _sampling(points, total, of_rows=len(sheet.names("y")) == 1) if points < total else None
    return Drawing(figure(traces, **layout), note=noted(part.note, note))


def _sampling(points: int, total: int, *, of_rows: bool) -> str:
    counts = {"drawn": formats.count(points), "count": formats.count(total)}
    if of_rows:
        return _("A sample of {drawn} of {count} rows.", **counts)
    return _("A sample of {drawn} of {count} points.", **counts)


def _known(member: Series) -> Series:
    known = member.y.notna()
    return Series(member.name, member.style, member.x[known], member.y[known])


def _sampled(member: Series, total: int) -> Series:
    """Its even share of the marks there may be."""
    chosen = evenly(len(member.x), max(MARKS * len(member.x) // max(total, MARKS), 1))
    return Series(member.name, member.style, member.x.iloc[chosen], member.y.iloc[chosen])


def _trace(part: Parted, member: Series, position: int, points: int) -> dict[str, Any]:
    many = points > SMALL_FROM
    return {
        "type": "scatter",
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
    across = axes.told("x", x.style, x.values) if x.kind == "number" else "%{x}"
    up = axes.told("y", member.style, member.y)
    return f"%{{fullData.name}}  <b>{up}</b><br>%{{xaxis.title.text}}  <b>{across}</b><extra></extra>"
