"""Every kind of chart by the name reports use; read by `draw`. A new kind is one function and one line here."""

from collections.abc import Callable

from dashboard.charts.bar import bar
from dashboard.charts.box import box
from dashboard.charts.donut import donut
from dashboard.charts.drawing import Drawing
from dashboard.charts.fields import Sheet
from dashboard.charts.heatmap import heatmap
from dashboard.charts.histogram import histogram
from dashboard.charts.line import area, line
from dashboard.charts.number import number
from dashboard.charts.scatter import scatter


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
    "table": table,
}
