"""Small multiples: lines of different units above each other, each with its own scale, all along one x axis.

Read by `line` for a chart that says `split: true`.
"""

from typing import Any

from dashboard.charts import axes
from dashboard.charts.series import Parted
from dashboard.charts.text import escaped

_GAP = 0.13  # of the height, above each line: room for its name


def split(part: Parted, figure: dict[str, Any]) -> dict[str, Any]:
    """The figure with a scale for each of its traces, the first on top, and the name above each."""
    count = len(part.members)
    layout = {**figure["layout"], "showlegend": False, "hoversubplots": "axis"}
    layout["xaxis"] = layout["xaxis"] | {"anchor": _axis(count - 1)}
    layout["annotations"] = []
    for position, member in enumerate(part.members):
        low, high = _place(position, count)
        whole = axes.values(member.style, member.y, part.y.whole)
        layout["yaxis" + _number(position)] = whole | {"domain": [low, high], "nticks": 4}
        layout["annotations"].append(_name(escaped(member.name), high))
    own = {"line": {"width": 2}}
    data = [trace | own | {"yaxis": _axis(position)} for position, trace in enumerate(figure["data"])]
    return {"data": data, "layout": layout}


def _number(position: int) -> str:
    return str(position + 1) if position else ""


def _axis(position: int) -> str:
    return "y" + _number(position)


def _place(position: int, count: int) -> tuple[float, float]:
    step = 1 / count
    height = step - _GAP if step > 2 * _GAP else step / 2
    high = 1 - position * step - (step - height)
    return round(max(high - height, 0), 4), round(high, 4)


def _name(name: str, high: float) -> dict[str, Any]:
    place = {"xref": "paper", "x": 0, "xanchor": "left", "yref": "paper", "y": high, "yanchor": "bottom"}
    return {"text": name, "showarrow": False, **place}
