"""Charts: a report's `chart` and `columns` and a result's rows become a Plotly figure; called by `panels.draw`.

The end of a query's path on the server: the figure goes to the browser, which lays the theme's template under it.
Pure functions: nothing here reads, sends or keeps anything. A new kind of chart is one function and one line here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from dashboard.charts import formats
from dashboard.charts.clicks import clicks
from dashboard.charts.drawing import ChartError, Drawing, Number, noted
from dashboard.charts.fields import Sheet
from dashboard.charts.kinds.area_map import area_map
from dashboard.charts.kinds.bar import bar
from dashboard.charts.kinds.box import box
from dashboard.charts.kinds.bullet import bullet
from dashboard.charts.kinds.donut import donut
from dashboard.charts.kinds.funnel import funnel
from dashboard.charts.kinds.heatmap import heatmap
from dashboard.charts.kinds.histogram import histogram
from dashboard.charts.kinds.line import area, line
from dashboard.charts.kinds.number import number
from dashboard.charts.kinds.scatter import scatter
from dashboard.charts.kinds.waterfall import waterfall
from dashboard.charts.template import templates
from dashboard.gateway.maps import Area
from dashboard.gateway.results import Result
from dashboard.locales.words import _

__all__ = ["KINDS", "ChartError", "Drawing", "Number", "draw", "templates"]


def table(_sheet: Sheet) -> Drawing:
    """No figure: the panel shows the rows themselves."""
    return Drawing()


KINDS: dict[str, Callable[[Sheet], Drawing]] = {
    "number": number,
    "line": line,
    "area": area,
    "bar": bar,
    "scatter": scatter,
    "donut": donut,
    "heatmap": heatmap,
    "histogram": histogram,
    "box": box,
    "waterfall": waterfall,
    "funnel": funnel,
    "bullet": bullet,
    "map": area_map,
    "table": table,
    "pivot": table,
}
"""Every kind of chart by the name that reports use."""


def draw(
    chart: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]], result: Result, areas: Sequence[Area] = ()
) -> Drawing:
    """The result as its report wants it drawn; `areas` are those of the map, for a chart that has one.

    No rows return an empty Drawing. Without anything to draw in the rows there is no figure but a note that says so.
    Raises ChartError, and nothing else, when the chart does not fit the report's columns.
    """
    kind = KINDS.get(str(chart.get("type")))
    if kind is None:
        raise ChartError(
            _("This report asks for a chart of type '{kind}', which does not exist.", kind=chart.get("type"))
        )
    if not result.records:
        return Drawing()
    sheet = Sheet(chart, columns, result, areas)
    drawing = kind(sheet)
    if kind is table:  # which tells by itself how many rows it has
        return drawing
    found = clicks(sheet) if drawing.figure else None
    return replace(drawing, note=noted(_first_rows(result), drawing.note), clicks=found)


def _first_rows(result: Result) -> str | None:
    if not result.truncated:
        return None
    drawn, rows = formats.count(len(result.records)), formats.count(result.row_count)
    return _("Drawn from the first {drawn} of {rows} rows.", drawn=drawn, rows=rows)
