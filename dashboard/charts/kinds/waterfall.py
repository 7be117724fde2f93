"""Steps that lead from one total to another, up and down; listed in `KINDS`."""

import math
from collections.abc import Iterator
from typing import Any

import pandas as pd

from dashboard.charts import axes, formats
from dashboard.charts.drawing import Drawing, figure, noted, wrapped
from dashboard.charts.fields import Field, Sheet, left_out
from dashboard.charts.kinds.funnel import too_many_steps
from dashboard.locales.words import _

MOST = 40
_LABELLED = 16  # bars that have room for their values
_YES = {"yes", "true", "t", "y"}


def waterfall(sheet: Sheet) -> Drawing:
    """A bar for each row, in their order: a step from where the one before ended, or a total from zero."""
    x, y = sheet.one("x"), sheet.one("y")
    rows = pd.DataFrame({"name": x.labels(), "value": y.numbers(), "total": _totals(sheet)})
    known = rows[rows["value"].notna()].reset_index(drop=True)
    if known.empty:
        return Drawing(note=_("Every value is empty."))
    shown = known.iloc[:MOST]
    notes = (left_out([y.as_number()]), too_many_steps(len(known), MOST), *_untrue(shown, y))
    return Drawing(_figure(shown, y, str(sheet.chart.get("good"))), note=noted(*notes))


def _totals(sheet: Sheet) -> pd.Series:
    """Which rows are totals: true, or a number that is not zero; NULL is no total."""
    total = sheet.maybe("total")
    if total is None:
        return pd.Series(False, index=range(sheet.rows))
    if total.kind == "number":
        return total.values.fillna(0) != 0
    yes = _YES | {_("Yes").lower()}  # as a boolean is told
    return total.values.map(lambda value: str(value).lower() in yes)


def _ends(rows: pd.DataFrame) -> Iterator[tuple[float, float]]:
    """Where each bar ends, and where the steps before a total had led."""
    level = 0.0
    for value, is_total in zip(rows["value"], rows["total"], strict=True):
        led, level = level, value if is_total else level + value
        yield level, led


def _untrue(rows: pd.DataFrame, y: Field) -> Iterator[str]:
    """What to tell of totals to which the steps before them do not add up."""
    for position, (level, led) in enumerate(_ends(rows)):
        row = rows.iloc[position]
        if position and row["total"] and not math.isclose(level, led, rel_tol=1e-9, abs_tol=_cent(rows)):
            told, steps = formats.full(level, y.style or "number"), formats.full(led, y.style or "number")
            words = {"name": row["name"], "value": told, "steps": steps}
            yield _("“{name}” is {value}, and the steps before it add up to {steps}.", **words)


def _cent(rows: pd.DataFrame) -> float:
    """A difference that only comes of adding up binary fractions."""
    return float(rows["value"].abs().max()) * 1e-9


def _figure(rows: pd.DataFrame, y: Field, good: str) -> dict[str, Any]:
    places = list(range(len(rows)))
    ends = pd.Series([level for level, _led in _ends(rows)])
    labels = [_label(value, is_total, y) for value, is_total in zip(rows["value"], rows["total"], strict=True)]
    trace = {
        "type": "waterfall",
        "meta": "good-down" if good == "down" else "good-up",
        "x": places,
        "y": axes.plain(rows["value"]),
        "measure": ["absolute" if is_total else "relative" for is_total in rows["total"]],
        "hovertext": [wrapped(name) for name in rows["name"]],
        "customdata": [formats.full(value, y.style or "number") for value in rows["value"]],
        "hovertemplate": "%{hovertext}<br><b>%{customdata}</b>" + _after(y, ends) + "<extra></extra>",
    }
    names = {"tickmode": "array", "tickvals": places, "ticktext": axes.ticks(map(str, rows["name"]))}
    across = {"type": "linear", "showgrid": False, "range": [-0.6, len(rows) - 0.4], **names}
    up = axes.values(y.style, ends, y.whole) | {"rangemode": "tozero"}
    labelled = {"text": labels, "textposition": "outside", "textangle": 0, "cliponaxis": False}
    even = {"waterfallgap": 0.12, "uniformtext": {"mode": "hide", "minsize": 8}}
    return figure([trace | (labelled if len(rows) <= _LABELLED else {})], **even, xaxis=across, yaxis=up)


def _after(y: Field, ends: pd.Series) -> str:
    return f"<br>{_('then {value}', value=axes.told('final', y.style, ends))}"


def _label(value: float, is_total: bool, y: Field) -> str:
    """The sign tells the direction to those who do not see the colour."""
    words = formats.short(value, y.style or "number")
    return words if is_total or value < 0 else f"+{words}"
