"""What a click on a mark stands for: the values of columns behind what the chart shows. Pure; called by `draw`.

A mark shows its column's values in words, cut, or on an axis of numbers; a filter wants the value itself. So a drawing
whose report says `click` carries, for each parameter that a click sets, where the browser finds what a mark shows, and
which value each of these stands for. Marks that stand for several rows, such as `Other`, stand for no value.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from dashboard.charts import axes
from dashboard.charts.drawing import ChartError, escaped, wrapped
from dashboard.charts.fields import Field, Sheet
from dashboard.locales.words import _

MOST = 5_000
"""Distinct values of a column; a mark of a later one does nothing."""

_BY_NAME = ("donut", "waterfall", "funnel", "bullet")
"""Kinds whose marks have their names in their tooltips only."""

Clicks = list[dict[str, Any]]


def clicks(sheet: Sheet) -> Clicks | None:
    """For each parameter its `name`, the part of a mark that tells its value (`part`), and the `values` of these parts.

    None when the chart's report says nothing of clicks. Raises `ChartError` for a column that no mark tells of.
    """
    columns = clicked_columns(sheet.chart)
    if not columns:
        return None
    return [{"name": name, **_of_column(sheet, column)} for name, column in columns.items()]


def clicked_columns(chart: Mapping[str, Any]) -> dict[str, str]:
    """The column behind each parameter that a click sets."""
    click = chart.get("click") or {}
    return {**click.get("filter", {}), **click.get("with", {})}


def _of_column(sheet: Sheet, column: str) -> dict[str, Any]:
    role = next((key for key in ("x", "series", "y", "area") if column in sheet.names(key)), None)
    part = _part(sheet, role)
    if part is None:
        raise ChartError(
            _("A click can tell nothing of the column '{column}': no mark of this chart stands for it.", column=column)
        )
    field = sheet.one(str(role))
    texts = sheet.texts(column)
    values: dict[str, str] = {}
    for text, value in zip(_marks(field, texts, part), texts * 2, strict=True):
        if text is not None and value is not None and len(values) < MOST:
            values.setdefault(text, value)
    return {"part": part, "values": values}


def _part(sheet: Sheet, role: str | None) -> str | None:
    """The part of a Plotly trace that holds what a mark shows of a column; None where no part does."""
    kind = sheet.chart.get("type")
    if role == "series":
        return "name"
    if role == "area":
        return "locations"
    if role == "y":
        return "y" if kind == "heatmap" else None
    if role == "x":
        return "hovertext" if kind in _BY_NAME else "y" if sheet.flag("horizontal") else "x"
    return None


def _marks(field: Field, texts: list[str | None], part: str) -> Iterator[str | None]:
    """What marks show of each row's value in this part, and once more what they may show instead."""
    if part == "locations":
        return (text if text is None else escaped(text) for text in texts * 2)
    return _wrapped(field) if part == "hovertext" else _shown(field)


def _shown(field: Field) -> Iterator[str | None]:
    """Each row's value as an axis of its own kind has it, then in words: a chart may show either."""
    for value in axes.along(field, field.values):
        yield None if value is None else str(value)
    for words in axes.words(field):
        yield escaped(str(words))


def _wrapped(field: Field) -> Iterator[str]:
    named = [wrapped(str(name)) for name in field.labels()]
    yield from (*named, *named)
