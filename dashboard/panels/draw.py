"""From finished runs to what their panels show: fetch the rows, draw the charts. Called by `callbacks`.

The same rows drawn the same way are drawn once, for all tabs and users of one locale; the gateway is asked each time
whether this user may see them. On the path of a query this is the last step on the server: the browser's panel
component lays the theme's template under the figure and draws it.
"""

import contextvars
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple
from typing import Any

from dashboard import charts, ids, native_threads
from dashboard.charts import ChartError, Drawing, Number
from dashboard.errors import UserError
from dashboard.gateway.client import DEFAULT_ROWS, Gateway
from dashboard.gateway.lru_cache import LRUCache, size_of
from dashboard.gateway.maps import Area
from dashboard.gateway.results import Result
from dashboard.grid.plain_table import plain_table
from dashboard.grid.sources import FIRST_ROWS
from dashboard.locales.locale import current, using
from dashboard.locales.words import known
from dashboard.panels.panel import TABLES

MAX_DRAWN = 500_000
"""The size of all cached drawings, in cells of `lru_cache.size_of`: some 25 MB. A usual one has a few hundred."""

INLINE_CELLS = 5_000
"""Smaller results are drawn where they are: that takes some milliseconds."""

MAX_PARALLEL = 6
"""Runs of one batch that are fetched at a time."""

_drawn: LRUCache[tuple[str, str], Drawing] = LRUCache(MAX_DRAWN)

Finished = Mapping[str, Any]
"""A finished run: `runId`, `statementId` and `topicName`, which tells the report; see `ids.report_of`."""

Report = Mapping[str, Any]


class UnknownReport(UserError):
    """No report of this id is in the user's listing."""

    def __init__(self) -> None:
        super().__init__("unknown_report", "This report does not exist, or no longer.", 404)


def report_of(listing: Mapping[str, Any], report_id: str) -> Report:
    """The report of a `Gateway.reports` listing with this id; raises `UnknownReport`."""
    found: Report | None = next((report for report in listing["reports"] if report["id"] == report_id), None)
    if found is None:
        raise UnknownReport
    return found


def draw_all(
    gateway: Gateway, token: str, finished: Sequence[Finished], listing: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """What `draw` returns for each run, in the order of the runs; fetched and drawn at the same time.

    An error of one run, such as a report that the listing lacks, is in that run's result only.
    """

    def draw_one(run: Finished) -> dict[str, Any]:
        try:
            report = report_of(listing, ids.report_of(run["topicName"]))
        except UserError as error:
            return _ids(run) | _error(error.code, error.message)
        return draw(gateway, token, run, report)

    if len(finished) < 2:
        return [draw_one(run) for run in finished]
    contexts = [contextvars.copy_context() for _ in finished]  # the locale is in there
    with ThreadPoolExecutor(min(len(finished), MAX_PARALLEL)) as threads:
        return list(threads.map(lambda context, run: context.run(draw_one, run), contexts, finished))


def draw(gateway: Gateway, token: str, finished: Finished, report: Report) -> dict[str, Any]:
    """The `result` of a panel for one finished run, as JSON.

    `runId`, `statementId`, then `error` (`code`, `message`) or: `rows` of the statement, `drawn` of them, `note` (a
    sentence or None), and what there is of `figure` (Plotly's, without a template), `number` (`text`, `change`, `tone`
    good, bad or none, `versus`, and `target` where there is one), `sparkline` (`x`, `y`), `clicks` (see
    `charts.clicks`) and `table` (see `grid.plain_table`), each None otherwise.
    `report` is an entry of the server's own listing: what a browser sends decides nothing here.
    """
    try:
        result = gateway.result(token, finished["statementId"], _rows(report))
        with using(current().with_currency(report.get("currency"))):
            drawing = _drawing(report, result, lambda: _areas(gateway, token, report["chart"]))
            table = plain_table(result, report) if report["chart"]["type"] in TABLES else None
    except UserError as error:
        return _ids(finished) | _error(error.code, error.message)
    except ChartError as error:
        return _ids(finished) | _error("chart", str(error))
    return {
        **_ids(finished),
        "rows": result.row_count,
        "drawn": len(result.records),
        "note": drawing.note,
        "figure": drawing.figure,
        "number": drawing.number and _number(drawing.number, report["chart"].get("good", "up")),
        "sparkline": drawing.sparkline,
        "clicks": drawing.clicks,
        "table": table,
    }


def _rows(report: Report) -> int:
    """How many rows the drawing needs: where the panel is a table, no more than that one begins with."""
    limit = int(report.get("limit", DEFAULT_ROWS))
    return min(limit, FIRST_ROWS) if report["chart"]["type"] in TABLES else limit


def _ids(finished: Finished) -> dict[str, Any]:
    return {"runId": finished["runId"], "statementId": finished["statementId"]}


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": known(message)}}


def _number(number: Number, good: str) -> dict[str, str | None]:
    """The big figure; `good` is the direction, up or down, that is coloured as good."""
    tone = {"": "none", "flat": "none", good: "good"}.get(number.direction, "bad")
    words = {"text": number.text, "change": number.change, "tone": tone, "versus": number.versus}
    return words | ({"target": number.target} if number.target else {})


def _areas(gateway: Gateway, token: str, chart: Mapping[str, Any]) -> tuple[Area, ...]:
    """The areas of a chart's map, none for one without a map; raises `GatewayError`."""
    return gateway.map_areas(token, chart["map"], chart.get("mapVersion", "")) if chart.get("map") else ()


def _drawing(report: Report, result: Result, areas: Callable[[], Sequence[Area]]) -> Drawing:
    """The drawing, cached or new; only a new one takes `areas`. Raises `ChartError`, and what `areas` raises.

    All users of the current locale share its figure: nobody may change it.
    """
    chart, columns = report["chart"], report.get("columns", {})
    how = json.dumps([chart, columns, len(result.records), astuple(current())])
    key = (result.statement_id, hashlib.sha256(how.encode()).hexdigest())
    drawing = _drawn.get(key)
    if drawing is None:
        drawn = chart, columns, result, areas()
        is_small = len(result.records) * len(result.columns) <= INLINE_CELLS
        drawing = charts.draw(*drawn) if is_small else native_threads.run(charts.draw, *drawn)
        _drawn.put(key, drawing, size_of((drawing.figure, drawing.sparkline, drawing.note, drawing.clicks)))
    return drawing
