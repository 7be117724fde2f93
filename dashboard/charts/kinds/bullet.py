"""Figures as bars against their targets and bands that tell how good they are, one row a bullet; listed in `KINDS`."""

from itertools import pairwise
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.drawing import Drawing, escaped, figure, noted, wrapped
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.charts.kinds.number import target_words
from dashboard.charts.levels import TARGET
from dashboard.locales.words import _, _n

MOST = 12
_BANDS = 4
_ROOM = 3  # rows that there is room for at least, so that a single bullet is no wall


def bullet(sheet: Sheet) -> Drawing:
    """The rows one under the other on one scale, the first on top."""
    value, names = sheet.one("value"), sheet.maybe("x")
    targets = _targets(sheet)
    labels = names.labels() if names else pd.Series(value.label, index=value.values.index)
    rows = pd.DataFrame({"name": labels, "value": value.numbers(), "target": targets})
    known = rows[rows["value"].notna()].reset_index(drop=True)
    if known.empty:
        return Drawing(note=_("Every value is empty."))
    shown = known.iloc[:MOST]
    missing = int(shown["target"].isna().sum()) if sheet.chart.get("target") is not None else 0
    notes = (
        left_out([value.as_number()]),
        _too_many(len(known)),
        _without_target(missing),
    )
    return Drawing(_figure(shown, value, _bands(sheet), _target_label(sheet)), note=noted(*notes))


def _targets(sheet: Sheet) -> pd.Series:
    level = sheet.level("target")
    if level is None and sheet.columns("target"):
        return sheet.one("target").numbers()
    return pd.Series(level, index=range(sheet.rows), dtype="float64")


def _target_label(sheet: Sheet) -> str:
    return next((field.label for field in sheet.columns("target")), _(TARGET))


def _without_target(count: int) -> str | None:
    return _n("1 row has no target.", "{count} rows have no target.", count) if count else None


def _too_many(count: int) -> str | None:
    if count <= MOST:
        return None
    return _("The first {most} of {count} rows are drawn.", most=MOST, count=formats.count(count))


def _bands(sheet: Sheet) -> list[float]:
    """The upper ends of the bands, from zero on."""
    bands = sheet.chart.get("bands")
    written = bands if isinstance(bands, list | tuple) else []
    return sorted(float(end) for end in written if isinstance(end, int | float))[:_BANDS]


def _figure(rows: pd.DataFrame, value: Field, bands: list[float], target: str) -> dict[str, Any]:
    numbers = pd.concat([rows["value"], rows["target"], pd.Series(bands, dtype="float64")], ignore_index=True)
    traces = [*_band_traces(rows, bands, value), _bars(rows, value, bands)]
    if rows["target"].notna().any():
        traces.append(_target_trace(rows, value, target))
    across = axes.values(value.style, numbers, value.whole) | {"rangemode": "tozero", "showgrid": not bands}
    names = {"tickmode": "array", "tickvals": list(range(len(rows))), "ticktext": axes.ticks(map(str, rows["name"]))}
    spare = max(_ROOM - len(rows), 0) / 2
    span = {"range": [len(rows) - 0.5 + spare, -0.5 - spare], "fixedrange": True}
    down = {"type": "linear", "showgrid": False, **span, **names}
    return figure(traces, barmode="overlay", hovermode="closest", xaxis=across, yaxis=down)


def _band_traces(rows: pd.DataFrame, bands: list[float], value: Field) -> list[dict[str, Any]]:
    """A bar of each band behind every bullet."""
    starts = [min(0.0, *bands) if bands else 0.0, *bands]
    return [
        {
            "type": "bar",
            "meta": f"band-{position}",
            "orientation": "h",
            "name": escaped(_band_words(low, high, value)),
            "y": list(range(len(rows))),
            "x": [high - low] * len(rows),
            "base": low,
            "width": 0.72,
            "hoverinfo": "skip",
            "showlegend": False,
        }
        for position, (low, high) in enumerate(pairwise(starts), 1)
        if high > low
    ]


def _band_words(low: float, high: float, value: Field) -> str:
    style = value.style or "number"
    return _("{low} to {high}", low=formats.short(low, style), high=formats.short(high, style))


def _bars(rows: pd.DataFrame, value: Field, bands: list[float]) -> dict[str, Any]:
    return {
        "type": "bar",
        "meta": "bars-now",
        "orientation": "h",
        "name": escaped(value.label),
        "y": list(range(len(rows))),
        "x": axes.plain(rows["value"]),
        "width": 0.28,
        "hovertext": [wrapped(str(name)) for name in rows["name"]],
        "customdata": [_told(row.value, row.target, value, bands) for row in rows.itertuples()],
        "hovertemplate": "%{hovertext}<br>%{fullData.name}  "
        f"<b>{axes.told('x', value.style, rows['value'])}</b>%{{customdata}}<extra></extra>",
    }


def _told(number: Any, target: Any, value: Field, bands: list[float]) -> str:
    """How much of its target a value is, and the band that it lies in."""
    words = [] if pd.isna(target) else [target_words(float(number), float(target), value.style or "number")]
    inside = [
        (low, high) for low, high in pairwise([0.0, *bands]) if low <= number < high or number == high == bands[-1]
    ]
    words += [_("in the band {band}", band=_band_words(low, high, value)) for low, high in inside]
    return "".join(f"<br>{one}" for one in words)


def _target_trace(rows: pd.DataFrame, value: Field, label: str) -> dict[str, Any]:
    """A stroke across each bullet: an error bar is as long as the bullet is thick, at any size of the panel."""
    return {
        "type": "scatter",
        "meta": "target",
        "mode": "markers",
        "name": escaped(label),
        "y": list(range(len(rows))),
        "x": axes.plain(rows["target"]),
        "marker": {"symbol": "line-ns", "size": 12, "line": {"width": 1.5}},
        "error_y": {"type": "constant", "value": 0.26, "width": 0, "thickness": 3},
        "hovertext": [wrapped(str(name)) for name in rows["name"]],
        "hovertemplate": "%{hovertext}<br>%{fullData.name}  "
        f"<b>{axes.told('x', value.style, rows['target'])}</b><extra></extra>",
    }
