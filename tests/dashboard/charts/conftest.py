"""Results to draw, and a check that Plotly and JSON accept what was drawn."""

import functools
import json
from collections.abc import Callable
from typing import Any

import plotly.graph_objects as go
import pytest

from dashboard.charts import Drawing, draw, templates
from dashboard.gateway.maps import Area, areas_of
from dashboard.gateway.results import Column, Result

Draw = Callable[..., Drawing]

EVIL = "<a href='http://x.example'>%{y}</a> & <b>"
"""A name that would be a link and a template, were it not escaped."""


def areas(*names: str) -> tuple[Area, ...]:
    """Areas of a map, squares in a row, with these names."""
    corners = [((at, 0), (at + 1, 0), (at + 1, 1), (at, 1), (at, 0)) for at in range(len(names))]
    shapes = [{"type": "Polygon", "coordinates": [[list(corner) for corner in square]]} for square in corners]
    pairs = zip(names, shapes, strict=True)
    return areas_of({"features": [{"properties": {"name": name}, "geometry": shape} for name, shape in pairs]})


AREAS = areas("a", "b", "c", "d", "e", "2015-12-06", EVIL)
"""Of the map on which every chart of a map is drawn that says no other."""


@pytest.fixture
def rows() -> Callable[..., Result]:
    """A result from `{"name": "type"}` and its records."""

    def make(columns: dict[str, str] | list[tuple[str, str]], records: list[Any], total: int | None = None) -> Result:
        named = columns.items() if isinstance(columns, dict) else columns
        typed = tuple(Column(name, wire) for name, wire in named)
        return Result("s", "r", "now", len(records) if total is None else total, typed, tuple(map(tuple, records)))

    return make


@pytest.fixture
def drawn() -> Draw:
    """`draw`, with its figure checked: known to Plotly under both templates, plain JSON, without a theme's colour."""

    def check(
        chart: dict[str, Any], result: Result, columns: dict[str, Any] | None = None, on: tuple[Area, ...] = AREAS
    ) -> Drawing:
        drawing = draw(chart, columns or {}, result, on)
        if drawing.figure is not None:
            text = json.dumps(drawing.figure, allow_nan=False)
            assert "#2457D6" not in text
            assert "template" not in drawing.figure["layout"]
            go.Figure(drawing.figure)
            _check_templates()
            _check_looks(drawing.figure)
        return drawing

    return check


@functools.cache
def _check_templates() -> None:
    """Plotly reads a template apart from what is drawn under it, so once is enough."""
    for template in templates().values():
        go.Figure({"layout": {"template": template}})


def _check_looks(figure: dict[str, Any]) -> None:
    """What traces and lines take their look from is in both templates."""
    for template in templates().values():
        roles = {trace["meta"] for trace in figure["data"] if "meta" in trace}
        assert roles <= set(template["layout"]["meta"])
        for part in ("shapes", "annotations"):
            named = {item["templateitemname"] for item in figure["layout"].get(part, ()) if "templateitemname" in item}
            assert named <= {item["name"] for item in template["layout"][part]}
