"""The plain page (`tests/bench/page/plain_page.py`) with a `dcc.Interval`: a query for each graph every ten seconds.

Its grid stays empty. It loads rows as well, since DuckDB opens a file in one process only: `POST /load` with a
statement as its body. Each figure names when its rows were read, by which a measured page tells fresh
ones.
"""

import os
import time
from typing import Any

import duckdb
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from flask import request

from tests.bench.page import plain_page
from tests.bench.page.plain_queries import GRAPHS

INTERVAL_SECONDS = 10

plain_page.warehouse.close()  # it was opened to be read only
plain_page.warehouse = duckdb.connect(os.environ["PLAIN_PAGE_WAREHOUSE"], config={"threads": "2"})
app = Dash(__name__, title="Finance")
server = app.server
queried: list[str] = []
"""The names of the queries that were run."""


def layout() -> html.Div:
    """The plain page and its clock."""
    return html.Div([plain_page.layout(), dcc.Interval(id="interval", interval=INTERVAL_SECONDS * 1000)])


app.layout = layout


def refresh(name: str) -> None:
    """Adds the callback of one graph: the plain page's own, asked again with each tick."""

    @app.callback(Output(name, "figure"), Input("month", "value"), Input("interval", "n_intervals"))
    def redraw(month: str, _: Any) -> go.Figure:
        queried.append(name)
        read_at = time.time() * 1000
        return getattr(plain_page, name)(month).update_layout(meta={"readAt": read_at})


for query in GRAPHS:
    refresh(query)


@server.post("/load")
def load() -> str:
    """Runs a statement that changes rows; it has committed when this answers."""
    with plain_page.warehouse.cursor() as cursor:
        cursor.execute(request.get_data(as_text=True))
    return ""


@server.get("/statements")
def counted() -> str:
    """How many queries the tabs have cost."""
    return str(len(queried))
