"""How often values occur, counted here so that the browser gets bars and not rows; listed in `KINDS`."""

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.drawing import Drawing, escaped, figure, noted, wrapped
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.locales.words import _, _n

BINS = 40
_EXACT = 2.0**52  # beyond it a float has no room for the half between two whole numbers
FEW = 13  # bounds of bars that each get a tick
MOST_NAMES = 30


def histogram(sheet: Sheet) -> Drawing:
    """Rows by value, in round steps; far outliers are left out with a note, names and dates are counted as they are."""
    field = sheet.one("x")
    if field.values.isna().all():
        return Drawing(note=_("Every value is empty."))
    return _of_numbers(field) if field.kind == "number" else _of_names(field)


def _of_numbers(field: Field) -> Drawing:
    known = field.values.dropna()
    shown = _without_outliers(known)
    edges = _edges(shown, field.whole)
    counts, _edges_again = np.histogram(shown, bins=edges)
    middles = pd.Series((edges[:-1] + edges[1:]) / 2)
    words = [_span(field, low, high) for low, high in pairwise(edges)]
    across = {"type": "linear", **_along(field, edges), "showgrid": False}
    drawn = _bars(axes.plain(middles), counts, words, across | {"title": {"text": escaped(field.label)}})
    outliers = len(known) - len(shown)
    return Drawing(drawn, note=noted(left_out([field]), _far(outliers) if outliers else None))


def _far(outliers: int) -> str:
    return _n("1 row far from the others is not drawn.", "{count} rows far from the others are not drawn.", outliers)


def _along(field: Field, edges: np.ndarray) -> dict[str, Any]:
    few = field.whole and len(edges) <= FEW and math.isclose(edges[1] - edges[0], 1)
    return axes.values(field.style, pd.Series(edges)) | ({"tick0": 0, "dtick": 1} if few else {})


def _of_names(field: Field) -> Drawing:
    counts = field.labels().value_counts(sort=field.kind == "text")
    if field.kind == "date":
        counts = counts.reindex(field.labels()[field.values.sort_values().index].drop_duplicates())
    shown = counts.iloc[:MOST_NAMES]
    across = axes.names(shown.index)
    drawn = _bars(across["categoryarray"], shown.to_numpy(), list(shown.index), across | {"showgrid": False})
    note = (
        _("{most} of {count} values are drawn.", most=MOST_NAMES, count=formats.count(len(counts)))
        if len(counts) > MOST_NAMES
        else None
    )
    return Drawing(drawn, note=noted(note))


def _bars(places: list[Any], counts: np.ndarray, words: list[str], across: dict[str, Any]) -> dict[str, Any]:
    trace = {
        "type": "bar",
        "x": places,
        "y": [int(count) for count in counts],
        "hovertext": [wrapped(word) for word in words],
        "hovertemplate": f"%{{hovertext}}<br>{_('Rows')}  <b>%{{y:,}}</b><extra></extra>",
    }
    up = axes.values("thousands", pd.Series(counts, dtype="float64"), whole=True) | {"rangemode": "tozero"}
    return figure([trace], hovermode="closest", bargap=0.06, xaxis=across, yaxis=up)


def _without_outliers(known: pd.Series) -> pd.Series:
    """Without the few values that would press all others into one bar: outside of what 99 % span, three times over."""
    low, high = known.quantile(0.005), known.quantile(0.995)
    reach = high - low
    if reach <= 0 or known.max() - known.min() <= 4 * reach:
        return known
    return known[known.between(low - reach, high + reach)]


def _edges(known: pd.Series, whole: bool) -> np.ndarray:
    """Bounds on round numbers; whole numbers in a small range get a bar each, with the number in its middle."""
    low, high = float(known.min()), float(known.max())
    if whole and high - low < BINS and max(abs(low), abs(high)) < _EXACT:
        return np.arange(low, high + 2) - 0.5
    step = _round_step((high - low) / BINS, max(abs(low), abs(high)))
    first, last = math.floor(low / step), math.floor(high / step) + 1
    return np.arange(first, last + 1) * step


def _round_step(least: float, size: float) -> float:
    """The next of 1, 2, 5, 10, ... above; never so small that it is lost beside the values."""
    least = max(least, size * 1e-9, 1e-9)
    power = 10.0 ** math.floor(math.log10(least))
    return next(power * step for step in (1, 2, 5, 10) if power * step >= least * 0.999)


def _span(field: Field, low: float, high: float) -> str:
    if field.whole and math.isclose(high - low, 1):
        return f"{field.label} {formats.full(low + 0.5, field.style or 'number')}"
    style = field.style or "number"
    return _("{low} to {high}", low=formats.full(low, style), high=formats.full(high, style))
