"""A drawn chart and the parts that kinds of charts share: text safe for Plotly, legends, titles, tooltips.

Made by every kind of chart, shown by the panels.
"""

import textwrap
from dataclasses import dataclass
from typing import Any, Literal

from dashboard.locales.locale import current

Direction = Literal["up", "down", "flat", ""]


class ChartError(Exception):
    """A chart that cannot be drawn; its text is a sentence for the viewer."""


@dataclass(frozen=True)
class Number:
    """A big figure: `$171.2 M`, `+2.4%`, whether that is up or down, `vs Nov 2015`, `92% of $180 M`."""

    text: str
    change: str | None
    direction: Direction
    versus: str | None
    target: str | None = None


@dataclass(frozen=True)
class Drawing:
    """A Plotly figure without a template, a big figure with its sparkline, or neither (a table), and a note.

    `clicks` tell what a click on a mark sets; see `clicks`. A sparkline is `{"x": [...], "y": [...]}` without missing
    values: the browser draws it as a polyline.
    """

    figure: dict[str, Any] | None = None
    number: Number | None = None
    sparkline: dict[str, list[float | int]] | None = None
    note: str | None = None
    clicks: list[dict[str, Any]] | None = None


def noted(*remarks: str | None) -> str | None:
    """The remarks that there are, as one line; None when there are none."""
    return " ".join(remark for remark in remarks if remark) or None


_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})


def escaped(text: str) -> str:
    """The text as Plotly shows it unchanged: no mark-up or link from the data comes alive, control characters go."""
    return "".join(letter if letter.isprintable() else " " for letter in text).translate(_ENTITIES)


def shortened(text: str, limit: int) -> str:
    """The text itself, or its beginning and an ellipsis, at most `limit` characters."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def wrapped(text: str, width: int = 36) -> str:
    """The whole text, escaped, in lines of at most `width` characters: for tooltips."""
    return "<br>".join(escaped(line) for line in textwrap.wrap(text, width)) or escaped(text)


def figure(traces: list[dict[str, Any]], **layout: Any) -> dict[str, Any]:
    """A Plotly figure of these traces; what depends on the theme is left to the template."""
    return {"data": traces, "layout": {"autosize": True, **layout, **_legend(traces), **_meta()}}


def _meta() -> dict[str, Any]:
    """What Plotly is to write for `$`, before and after a number, where it is no dollar sign before it."""
    locale = current()
    money = locale.conventions.money(locale.currency).positive
    return {} if money == ("$", "") else {"meta": {"currency": list(money)}}


def _legend(traces: list[dict[str, Any]]) -> dict[str, Any]:
    """On top left, in a row, and only where there is something to tell apart."""
    if sum(trace.get("showlegend", True) for trace in traces) < 2:
        return {"showlegend": False}
    place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "itemwidth": 30}
    return {"showlegend": True, "legend": place}


def tooltip(value: str, more: str = "") -> str:
    """One line of a tooltip: the series' name and its value. The name is the trace's, so no text is a template."""
    return f"%{{fullData.name}}  <b>{value}</b>{more}<extra></extra>"


def titled(axis: dict[str, Any], label: str) -> dict[str, Any]:
    """The axis with its name."""
    return axis | {"title": {"text": escaped(label)}}
