"""The spread of values in groups; listed in `KINDS`. Quartiles are computed here: the browser gets no rows."""

from typing import Any

import numpy as np
import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.axes import ordered, words
from dashboard.charts.drawing import Drawing, figure, noted
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.locales.words import _, noop

MOST = 20
_LINES = (
    (noop("Upper whisker"), "upperfence"),
    (noop("Upper quarter"), "q3"),
    (noop("Median"), "median"),
    (noop("Lower quarter"), "q1"),
    (noop("Lower whisker"), "lowerfence"),
)


def box(sheet: Sheet) -> Drawing:
    """One box a group; whiskers reach to the last value within one and a half boxes, what lies beyond is not drawn."""
    y, by = sheet.one("y"), sheet.maybe("x")
    numbers = y.numbers()
    known = numbers.notna()
    if not known.any():
        return Drawing(note=_("Every value is empty."))
    groups = words(by)[known] if by else pd.Series(_("All rows"), index=numbers[known].index, dtype=object)
    filled = set(groups)
    names = [name for name in ordered(by) if name in filled] if by else [_("All rows")]
    spread = pd.DataFrame([_spread(numbers[known][groups == name]) for name in names[:MOST]])
    note = (
        _("The first {most} of {count} groups are drawn.", most=MOST, count=formats.count(len(names)))
        if len(names) > MOST
        else None
    )
    beyond = _("Values beyond the whiskers are not drawn.") if spread["beyond"].any() else None
    return Drawing(_figure(names[:MOST], spread, y), note=noted(left_out([y.as_number()]), note, beyond))


def _spread(numbers: pd.Series) -> dict[str, Any]:
    low, middle, high = np.quantile(numbers, (0.25, 0.5, 0.75)).tolist()
    reach = 1.5 * (high - low)
    inside = numbers[numbers.between(low - reach, high + reach)]
    inside = inside if len(inside) else numbers
    ends = {"lowerfence": min(float(inside.min()), low), "upperfence": max(float(inside.max()), high)}
    return {"q1": low, "median": middle, "q3": high, **ends, "rows": len(numbers), "beyond": len(inside) < len(numbers)}


def _figure(names: list[str], spread: pd.DataFrame, y: Field) -> dict[str, Any]:
    across = axes.names(names) | {"showgrid": False}
    places = across["categoryarray"]
    boxes = {
        "type": "box",
        "x": places,
        **{key: axes.plain(spread[key]) for _name, key in _LINES},
        "hoverinfo": "skip",
        "whiskerwidth": 0.4,
        "width": 0.5,
    }
    ends = pd.concat([spread["lowerfence"], spread["upperfence"]], ignore_index=True)
    up = axes.values(y.style, ends, y.whole)
    return figure(
        [boxes, _tooltips(places, spread, y)], hovermode="x unified", xaxis=across, yaxis=up, showlegend=False
    )


def _tooltips(places: list[str], spread: pd.DataFrame, y: Field) -> dict[str, Any]:
    """Unseen marks on the medians that carry one tooltip for each box, where Plotly would show five."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": places,
        "y": axes.plain(spread["median"]),
        "marker": {"opacity": 0},
        "hovertext": [_words(row, y.style or "number") for _at, row in spread.iterrows()],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
    }


def _words(row: pd.Series, style: str) -> str:
    lines = [f"{_(name)}  <b>{formats.full(row[key], style)}</b>" for name, key in _LINES]
    return "<br>".join([*lines, f"{_('Rows')}  <b>{formats.count(int(row['rows']))}</b>"])
