"""A Dash page with a button and a graph for each wait, as a tutorial would write it; blocking or in the background.

Its callback waits as long as our statement does, asks DuckDB the same question, and returns a figure.
"""

import time
from typing import Any

import duckdb
import plotly.express as px
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html

from tests.bench import bounds
from tests.bench.latency.answers import select


def name_of(seconds: float) -> str:
    """The id of the graph for a wait; its button's is `run-` and that."""
    return f"after-{seconds:g}".replace(".", "-")


def app_of(**callback: Any) -> Dash:
    """The app; `callback` is what its callbacks are declared with besides."""
    app = Dash("latency", title="Latency")
    app.layout = html.Div([part for seconds in bounds.CLICKS for part in _parts(name_of(seconds))])
    for seconds in bounds.CLICKS:
        _answer(app, seconds, callback)
    return app


def _parts(name: str) -> tuple[html.Button, dcc.Graph]:
    return html.Button("Run", id=f"run-{name}"), dcc.Graph(id=name)


def _answer(app: Dash, seconds: float, callback: dict[str, Any]) -> None:
    name = name_of(seconds)

    @app.callback(Output(name, "figure"), Input(f"run-{name}", "n_clicks"), **callback)
    def draw(_: int | None) -> go.Figure:
        time.sleep(seconds)
        with duckdb.connect() as connection:
            frame = connection.execute(select()).df()
        return px.bar(frame, x="place", y="height", title=name)
