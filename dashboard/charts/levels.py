"""Lines across a chart at a value or a date: a target that is a number, and the references of the report's header.

Read by lines, areas and bars. Each is dashed and has its words at its end, so that none is told by its colour.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from dashboard.charts import dates, formats
from dashboard.charts.drawing import Drawing, escaped, noted, shortened
from dashboard.charts.fields import Field, Sheet
from dashboard.locales.words import _, noop

TARGET = noop("Target")
MOST = 10
_LETTERS = 40
_CLOSE = 0.09  # of the height: labels of lines this close to each other would overlap


@dataclass(frozen=True)
class Level:
    """A line at `at`, a number on the scale of values or a moment along x; `look` names an item of the template."""

    at: Any
    words: str
    look: str
    is_moment: bool = False


@dataclass(frozen=True)
class Levels:
    """The lines across a chart, and a note on those that it cannot show."""

    lines: tuple[Level, ...] = ()
    note: str | None = None

    def with_numbers(self, numbers: pd.Series) -> pd.Series:
        """The numbers that the scale of values has to reach, those of the lines among them."""
        own = [line.at for line in self.lines if not line.is_moment]
        return pd.concat([numbers, pd.Series(own, dtype="float64")], ignore_index=True) if own else numbers

    def over(self, drawing: Drawing, lying: bool = False) -> Drawing:
        """The drawing with the lines on it; `lying` bars have their values along x."""
        if not self.lines or drawing.figure is None:
            return Drawing(drawing.figure, note=noted(drawing.note, self.note)) if self.note else drawing
        sides = _sides([line for line in self.lines if not line.is_moment])
        layout = drawing.figure["layout"] | {
            "shapes": [_shape(line, lying) for line in self.lines],
            "annotations": [_words(line, lying, sides.get(line, "right")) for line in self.lines],
        }
        return Drawing({**drawing.figure, "layout": layout}, note=noted(drawing.note, self.note))


def levels(sheet: Sheet, x: Field | None, style: str | None) -> Levels:
    """The target, where it is a number, and the references of a chart along `x` whose values are of this style."""
    target = sheet.level("target")
    own = () if target is None else (Level(target, f"{_(TARGET)} {_written(target, style)}", "target"),)
    references = sheet.chart.get("references")
    asked = [one for one in references if isinstance(one, Mapping)] if isinstance(references, list | tuple) else []
    lines, stray = list(own), list[str]()
    for reference in asked[:MOST]:
        line = _reference(reference, style)
        if line.is_moment and not _is_within(line.at, x):
            stray.append(line.words)
        else:
            lines.append(line)
    outside = (_("The line “{words}” lies outside of this chart.", words=words) for words in stray)
    return Levels(tuple(lines), noted(_too_many(len(asked)), *outside))


def _too_many(count: int) -> str | None:
    if count <= MOST:
        return None
    return _("The first {most} of {count} reference lines are drawn.", most=MOST, count=count)


def _reference(reference: Mapping[str, Any], style: str | None) -> Level:
    at, label = reference.get("at"), reference.get("label")
    if isinstance(at, int | float):
        return Level(float(at), str(label or _written(at, style)), "reference")
    moment = dates.parsed(pd.Series([str(at)], dtype=object)).iloc[0]
    return Level(moment, str(label or formats.full(str(at), "date")), "reference", is_moment=True)


def _written(value: float, style: str | None) -> str:
    return formats.short(value, style or "number")


def _is_within(moment: Any, x: Field | None) -> bool:
    """Whether a moment lies in the dates of the chart's axis: a line beyond them would press the chart together."""
    if x is None or x.kind != "date" or pd.isna(moment) or not x.values.notna().any():
        return False
    step = pd.Timedelta(milliseconds=x.grain.milliseconds)  # the last of the dates stands for a month, or a year
    return bool(x.values.min() <= moment < x.values.max() + step)


def _sides(lines: list[Level]) -> dict[Level, str]:
    """At which end of its line each label stands: neighbours that are close to each other take turns."""
    ordered = sorted(lines, key=lambda line: float(line.at))
    reach = (ordered[-1].at - min(ordered[0].at, 0)) if ordered else 0
    sides: dict[Level, str] = {}
    before, side = -math.inf, "left"
    for line in ordered:
        side = "left" if line.at - before <= reach * _CLOSE and side == "right" else "right"
        before, sides[line] = line.at, side
    return sides


def _place(line: Level) -> Any:
    return dates.encoded(pd.Series([line.at]))[0] if line.is_moment else line.at


def _shape(line: Level, lying: bool) -> dict[str, Any]:
    along, across = ("x", "y") if lying or line.is_moment else ("y", "x")
    ends = {f"{along}0": _place(line), f"{along}1": _place(line), f"{across}0": 0, f"{across}1": 1}
    refs = {f"{along}ref": along, f"{across}ref": "paper"}
    return {"type": "line", "templateitemname": line.look, "visible": True, **refs, **ends}


def _words(line: Level, lying: bool, side: str) -> dict[str, Any]:
    """The label: above a line that lies, and at the foot of one that stands."""
    text = {"text": escaped(shortened(line.words, _LETTERS)), "showarrow": False, "visible": True}
    look = {"templateitemname": line.look, **text}
    if lying or line.is_moment:
        foot = {"yref": "paper", "y": 0, "yanchor": "bottom"}
        return {**look, "xref": "x", "x": _place(line), "xanchor": "auto", **foot}
    end = {"xref": "paper", "x": 1 if side == "right" else 0, "xanchor": side}
    return {**look, **end, "yref": "y", "y": line.at, "yanchor": "bottom"}
