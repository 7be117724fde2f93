"""The page that ours is compared with: the Finance page as a Dash tutorial would write it.

One month filter, eleven graphs and a table, twelve callbacks that block until DuckDB has answered; no sign-in, no
cache. `plain_site` serves it: `python -m gunicorn tests.bench.page.plain_page:server`, with the warehouse's path in
PLAIN_PAGE_WAREHOUSE.
"""

import os
from urllib.parse import parse_qs, urlsplit

import dash_ag_grid as dag
import duckdb
import pandas as pd
import plotly.express as px
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from flask import has_request_context, request

from tests.bench.page.plain_queries import QUERIES

MONTHS = [f"2015-{number:02}" for number in range(1, 13)]
QUARTER, THIRD, HALF, TWO_THIRDS, FULL = 3, 4, 6, 8, 12

warehouse = duckdb.connect(os.environ["PLAIN_PAGE_WAREHOUSE"], read_only=True, config={"threads": "2"})
app = Dash(__name__, title="Finance")
server = app.server


def query(name: str, month: str) -> pd.DataFrame:
    """The rows of one of the twelve queries."""
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
    """The page: the filter above eleven empty graphs and an empty table."""
    graphs = [
        *(graph(name, QUARTER, 180) for name in ("revenue", "fare_per_trip", "card_share", "paid_trips")),
        graph("revenue_by_day", TWO_THIRDS),
        graph("payment_mix", THIRD),
        graph("revenue_by_hour", TWO_THIRDS),
        graph("revenue_by_distance", THIRD),
        graph("revenue_steps", HALF),
        graph("trip_cost", HALF),
        graph("unpaid_trips", FULL),
        html.Div(
            dag.AgGrid(id="revenue_by_payment", style={"height": "300px"}),
            className="plain-table",
            id="payments",
            style={"gridColumn": f"span {FULL}"},
        ),
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
    values = ["paid_before", "total_paid"]
    return px.bar(frame, x=values, y="distance", orientation="h", barmode="group", title="Revenue by distance")


@app.callback(Output("trip_cost", "figure"), Input("month", "value"))
def trip_cost(month: str) -> go.Figure:
    frame = query("trip_cost", month)
    figure = px.bar(frame, x="paid_from", y="trips", title="What a trip costs")
    line = go.Scatter(x=frame["paid_from"], y=frame["total_paid"], yaxis="y2", mode="lines")
    return figure.add_trace(line).update_layout(yaxis2={"overlaying": "y", "side": "right"})


@app.callback(Output("revenue_steps", "figure"), Input("month", "value"))
def revenue_steps(month: str) -> go.Figure:
    frame = query("revenue_steps", month)
    measures = ["absolute", *("total" if is_total else "relative" for is_total in frame["is_total"][1:])]
    return go.Figure(go.Waterfall(x=frame["step"], y=frame["amount"], measure=measures)).update_layout(
        title="Fares to revenue"
    )


@app.callback(
    Output("revenue_by_payment", "rowData"), Output("revenue_by_payment", "columnDefs"), Input("month", "value")
)
def revenue_by_payment(month: str) -> tuple[list[dict[str, object]], list[dict[str, str]]]:
    frame = query("revenue_by_payment", month).astype({"revenue": float})
    table = frame.pivot_table("revenue", "payment", "trip_month", "sum", margins=True, margins_name="Total")
    rows = table.reset_index().fillna("").to_dict("records")
    return rows, [{"field": str(name)} for name in ("payment", *table.columns)]


@app.callback(Output("unpaid_trips", "figure"), Input("month", "value"))
def unpaid_trips(month: str) -> go.Figure:
    return px.bar(query("unpaid_trips", month), x="trip_date", y="trips", color="reason", title="Trips not paid")
