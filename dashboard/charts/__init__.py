"""Charts: a report's `chart` and `columns` and a result's rows become a Plotly figure; called by the panels' callbacks.

The end of a query's path on the server: the figure goes to the browser, which lays the theme's template under it.
Pure functions: nothing here reads, sends or keeps anything.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dashboard.charts.drawing import ChartError, Drawing, Number, noted
from dashboard.charts.fields import Sheet
from dashboard.charts.kinds import KINDS
from dashboard.charts.template import templates
from dashboard.gateway.results import Result

__all__ = ["ChartError", "Drawing", "Number", "draw", "templates"]


def draw(chart: Mapping[str, Any], columns: Mapping[str, Mapping[str, Any]], result: Result) -> Drawing:
    """The result as its report wants it drawn.

    No rows give an empty Drawing. Without anything to draw in the rows there is no figure but a note that says so.
    Raises ChartError, and nothing else, when the chart does not fit the report's columns.
    """
    kind = KINDS.get(str(chart.get("type")))
    if kind is None:
        raise ChartError(f"This report asks for a chart of type '{chart.get('type')}', which does not exist.")
    if not result.records:
        return Drawing()
    drawing = kind(Sheet(chart, columns, result))
    return replace(drawing, note=noted(_first_rows(result), drawing.note))


def _first_rows(result: Result) -> str | None:
    return f"Drawn from the first {len(result.records):,} of {result.row_count:,} rows." if result.truncated else None
