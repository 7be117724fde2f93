"""What a chart is once drawn, made by every kind of chart and shown by the panels."""

from dataclasses import dataclass
from typing import Any, Literal

Direction = Literal["up", "down", "flat", ""]


class ChartError(Exception):
    """A chart that cannot be drawn; its text is a sentence for the viewer."""


@dataclass(frozen=True)
class Number:
    """A big figure: `$171.2 M`, `+2.4%`, whether that is up or down, `vs Nov 2015`."""

    text: str
    change: str | None
    direction: Direction
    versus: str | None


@dataclass(frozen=True)
class Drawing:
    """A Plotly figure without a template, a big figure with its sparkline, or neither (a table), and a note.

    A sparkline is `{"x": [...], "y": [...]}` without missing values: the browser draws it as a polyline.
    """

    figure: dict[str, Any] | None = None
    number: Number | None = None
    sparkline: dict[str, list[float | int]] | None = None
    note: str | None = None


def noted(*remarks: str | None) -> str | None:
    """The remarks that there are, as one line; None when there are none."""
    return " ".join(remark for remark in remarks if remark) or None
