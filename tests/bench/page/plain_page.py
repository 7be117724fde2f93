"""The page that ours is compared with: the Finance page as a Dash tutorial would write it.

One month filter, ten graphs, ten callbacks that block until DuckDB has answered; no sign-in, no cache. `plain_site`
serves it: `python -m gunicorn tests.bench.page.plain_page:server`, with the warehouse's path in PLAIN_PAGE_WAREHOUSE.
"""

import os
from urllib.parse import parse_qs, urlsplit

import duckdb
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from flask import has_request_context, request

from tests.bench.page.plain_queries import QUERIES

MONTHS = [f"2015-{number:02}" for number in range(1, 13)]
QUARTER, THIRD, HALF, TWO_THIRDS = 3, 4, 6, 8

warehouse = duckdb.connect(os.environ["PLAIN_PAGE_WAREHOUSE"], read_only=True, config={"threads": "2"})
app = Dash(__name__, title="Finance")
server = app.server


def query(name: str, month: str) -> pd.DataFrame:
    """The rows of one of the ten queries."""
    with warehouse.cursor() as cursor:
        return cursor.execute(QUERIES[name], {"month": month}).df()


def graph(name: str, columns: int, height: int = 360) -> html.Div:
    """A graph as wide as so many of the page's twelve columns."""
    return html.Div(dcc.Graph(id=name, style={"height": f"{height}px"}), style={"gridColumn": f"span {columns}"})


def asked_month() -> str:
    """The month in the page's address, which the browser names when it fetches the layout; else the newest."""
    address = request.referrer or "" if has_request_context() else ""
    return parse_qs(urlsplit(address).query).get("month", MONTHS[-1:])[0]


def layout() -> html.Div:
    """The page: the filter above ten empty graphs."""
    graphs = [
        *(graph(name, QUARTER, 180) for name in ("revenue", "fare_per_trip", "card_share", "paid_trips")),
        graph("revenue_by_day", TWO_THIRDS),
        graph("payment_mix", THIRD),
        graph("revenue_by_hour", TWO_THIRDS),
        graph("revenue_by_distance", THIRD),
        graph("trip_cost", HALF),
        graph("unpaid_trips", HALF),
    ]
    return html.Div(
        [
            html.H1("Finance"),
            dcc.Dropdown(MONTHS, asked_month(), id="month", clearable=False, searchable=False),
            html.Div(graphs, style={"display": "grid", "gridTemplateColumns": "repeat(12, 1fr)", "gap": "12px"}),
        ]
    )


app.layout = layout


def card(name: str, title: str, month: str, prefix: str = "", form: str = ",.2f") -> go.Figure:
    """The newest value, its change against the month before, and the line of the year."""
    frame = query(name, month)
    delta = {"reference": frame["value"].iloc[-2], "relative": True} if len(frame) > 1 else None
    figure = go.Figure(go.Scatter(x=frame["trip_month"], y=frame["value"], mode="lines"))
    figure.add_trace(
        go.Indicator(
            mode="number+delta" if delta else "number",
            value=frame["value"].iloc[-1],
            number={"prefix": prefix, "valueformat": form},
            delta=delta,
            title=title,
        )
    )
    figure.update_layout(margin={"l": 10, "r": 10, "t": 40, "b": 10}, showlegend=False)
    figure.update_xaxes(visible=False)
    figure.update_yaxes(visible=False)
    return figure


@app.callback(Output("revenue", "figure"), Input("month", "value"))
def revenue(month: str) -> go.Figure:
    return card("revenue", "Revenue", month, "$", ",.0f")


@app.callback(Output("fare_per_trip", "figure"), Input("month", "value"))
def fare_per_trip(month: str) -> go.Figure:
    return card("fare_per_trip", "Fare per trip", month, "$")


@app.callback(Output("card_share", "figure"), Input("month", "value"))
def card_share(month: str) -> go.Figure:
    return card("card_share", "Paid by card", month, "", ".1%")


@app.callback(Output("paid_trips", "figure"), Input("month", "value"))
def paid_trips(month: str) -> go.Figure:
    return card("paid_trips", "Trips paid", month, "", ",.0f")


@app.callback(Output("revenue_by_day", "figure"), Input("month", "value"))
def revenue_by_day(month: str) -> go.Figure:
    frame = query("revenue_by_day", month)
    return px.area(frame, x="trip_date", y=["total_fare", "total_extras"], title="Revenue by day")


@app.callback(Output("payment_mix", "figure"), Input("month", "value"))
def payment_mix(month: str) -> go.Figure:
    return px.pie(query("payment_mix", month), names="payment", values="trips", hole=0.5, title="How riders pay")


@app.callback(Output("revenue_by_hour", "figure"), Input("month", "value"))
def revenue_by_hour(month: str) -> go.Figure:
    frame = query("revenue_by_hour", month)
    heatmap = go.Heatmap(x=frame["hour_of_day"], y=frame["weekday"], z=frame["revenue_per_hour"])
    return go.Figure(heatmap).update_layout(title="When the money comes in")


@app.callback(Output("revenue_by_distance", "figure"), Input("month", "value"))
def revenue_by_distance(month: str) -> go.Figure:
    frame = query("revenue_by_distance", month)
    return px.bar(frame, x="total_paid", y="distance", orientation="h", title="Revenue by distance")


@app.callback(Output("trip_cost", "figure"), Input("month", "value"))
def trip_cost(month: str) -> go.Figure:
    return px.bar(query("trip_cost", month), x="paid_from", y="trips", title="What a trip costs")


@app.callback(Output("unpaid_trips", "figure"), Input("month", "value"))
def unpaid_trips(month: str) -> go.Figure:
    return px.bar(query("unpaid_trips", month), x="trip_date", y="trips", color="reason", title="Trips not paid")
