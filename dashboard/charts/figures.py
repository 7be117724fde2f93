"""The parts of a figure that kinds of charts share: legend, titles, tooltips; used by every kind with axes."""

from typing import Any

from dashboard.charts.text import escaped


def figure(traces: list[dict[str, Any]], **layout: Any) -> dict[str, Any]:
    """A Plotly figure of these traces; what depends on the theme is left to the template."""
    return {"data": traces, "layout": {"autosize": True, **layout, **_legend(traces)}}


def _legend(traces: list[dict[str, Any]]) -> dict[str, Any]:
    """On top left, in a row, and only where there is something to tell apart."""
    if sum(trace.get("showlegend", True) for trace in traces) < 2:
        return {"showlegend": False}
    place = {"orientation": "h", "x": 0, "xanchor": "left", "y": 1.02, "yanchor": "bottom", "itemwidth": 30}
    return {"showlegend": True, "legend": place}


def tooltip(style_format: str) -> str:
    """One line of a tooltip: the series' name and its value. The name is the trace's, so no text is a template."""
    return f"%{{fullData.name}}  <b>%{{y:{style_format}}}</b><extra></extra>"


def titled(axis: dict[str, Any], label: str) -> dict[str, Any]:
    """The axis with its name."""
    return axis | {"title": {"text": escaped(label)}}
