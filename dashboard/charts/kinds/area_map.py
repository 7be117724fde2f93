"""Areas of a map in colours by their values, by the map's own file alone; listed in `KINDS`."""

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from dashboard.charts import axes
from dashboard.charts.drawing import ChartError, Drawing, escaped, figure, noted, shortened, wrapped
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.gateway.maps import Area
from dashboard.locales.words import _, _n, inline

NAME = "name"
"""The property that an area is called by, and unless the chart says otherwise the one that rows name it by."""

_TOLD = 3  # of the values that are no area

_GEO = {"visible": False, "fitbounds": "geojson", "projection": {"type": "mercator"}}

Keyed = dict[str, list[Area]]


def area_map(sheet: Sheet) -> Drawing:
    """Each area in the colour of its value; rows of the same area are added up, and areas without a value are grey."""
    column, value = sheet.one("area"), sheet.one("value")
    numbers = value.numbers()
    keyed = _by_key(sheet)
    if not numbers.notna().any():
        return Drawing(note=_("Every value is empty."))
    texts = pd.Series(sheet.texts(column.name), index=numbers.index, dtype=object)
    drawn = texts.isin(list(keyed)) & numbers.notna()
    totals = numbers[drawn].groupby(texts[drawn], sort=False).sum()
    notes = (
        left_out([value.as_number()]),
        _("Rows with the same {label} are added up.", label=inline(column.label))
        if texts[drawn].duplicated().any()
        else None,
        _strangers(column.labels()[~texts.isin(list(keyed)) & numbers.notna()]),
    )
    return Drawing(_figure(keyed, totals, value, sheet.value_labels(column.name)), note=noted(*notes))


def _by_key(sheet: Sheet) -> Keyed:
    """The areas by what rows name them by; several of one name are one area."""
    key = str(sheet.chart.get("key", NAME))
    found: Keyed = {}
    for area in sheet.areas:
        if (text := area.text(key)) is not None:
            found.setdefault(text, []).append(area)
    if not found:
        raise ChartError(_("The map of this chart has no areas with '{key}'.", key=key))
    return found


def _strangers(labels: pd.Series) -> str | None:
    """What to tell of rows that are of no area: how many, and the first of their names."""
    if labels.empty:
        return None
    names = [shortened(str(name), 24) for name in dict.fromkeys(labels)]
    told = ", ".join(names[:_TOLD]) + (", …" if names[_TOLD:] else "")
    return _n(
        "1 row is of no area of the map: {names}.",
        "{count} rows are of no area of the map: {names}.",
        len(labels),
        names=told,
    )


def _figure(keyed: Keyed, totals: pd.Series, value: Field, called: Mapping[str, str]) -> dict[str, Any]:
    """First the areas without a value, then the others: a trace has its own areas only, so that each is sent once."""
    empty = {key: areas for key, areas in keyed.items() if key not in totals.index}
    known = {key: keyed[key] for key in totals.index}
    traces = [_no_data(empty, called)] if empty else []
    if known:
        traces.append(_colored(known, totals, value, called))
    return figure(traces, geo=_GEO, dragmode=False, margin={"l": 4, "r": 4, "t": 4, "b": 4})


def _colored(keyed: Keyed, totals: pd.Series, value: Field, called: Mapping[str, str]) -> dict[str, Any]:
    ticks = axes.colors(value.style, totals, value.whole)
    return {
        **_trace(keyed, called),
        "z": axes.plain(totals),
        "hovertemplate": f"%{{hovertext}}<br><b>{axes.told('z', value.style, totals)}</b><extra></extra>",
        "colorbar": {"thickness": 6, "len": 1, "xpad": 6, "ypad": 2, "nticks": 6, "ticks": "", **ticks},
    }


def _no_data(keyed: Keyed, called: Mapping[str, str]) -> dict[str, Any]:
    told = f"%{{hovertext}}<br>{_('No data')}<extra></extra>"
    return {
        **_trace(keyed, called),
        "meta": "no-data",
        "z": [0] * len(keyed),
        "hovertemplate": told,
        "showscale": False,
    }


def _trace(keyed: Mapping[str, Sequence[Area]], called: Mapping[str, str]) -> dict[str, Any]:
    """Areas are called what the report's column calls them, else what the map does."""
    return {
        "type": "choropleth",
        "locationmode": "geojson-id",
        "geojson": {"type": "FeatureCollection", "features": [_feature(*item) for item in keyed.items()]},
        "locations": [escaped(key) for key in keyed],
        "hovertext": [wrapped(called.get(key) or areas[0].text(NAME) or key) for key, areas in keyed.items()],
    }


def _feature(key: str, areas: Sequence[Area]) -> dict[str, Any]:
    polygons = [polygon for area in areas for polygon in area.polygons]
    return {"type": "Feature", "id": escaped(key), "geometry": {"type": "MultiPolygon", "coordinates": polygons}}
