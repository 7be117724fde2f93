"""A panel: always the same shape, whatever state it is in. Pure; `pages` lays panels out, `callbacks` fills them.

The browser asks and shows (`assets/panels.js`); the server draws (`drawing`). The root carries `data-topic` and
`data-state`, by which the style sheet shows chart, skeleton, empty text or trouble in the same place.
"""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import wild

GRAPH_CONFIG: Any = {"displayModeBar": False, "responsive": True}


def panel(report: Mapping[str, Any]) -> html.Section:
    """The panel of a report, its topic being the report's id. It runs as soon as it stands on the page."""
    topic = report["id"]
    kind = report["chart"]["type"]
    return html.Section(
        [*_stores(topic, _spec(report)), _head(topic, report), _body(topic, report), _foot(topic)],
        id=ids.panel(ids.PANEL, topic),
        className=f"panel panel-{report.get('size', 'half')} panel-kind-{kind}",
        **wild(data_topic=topic, data_state="idle", data_view="chart", aria_label=report["title"]),
    )


def broken_panel(report: Mapping[str, Any]) -> html.Section:
    """In the place of a report whose file has a mistake; where and why is told to authors only."""
    title = report["id"].rpartition(".")[2].replace("_", " ").capitalize()
    reason = f"{report['file']}, line {report['line']}: {report['reason']}" if "reason" in report else None
    message = html.P("This report has a mistake in its file and cannot run until its author has mended it.")
    trouble = html.Div([message, html.Code(reason) if reason else None], className="panel-trouble", role="alert")
    return html.Section(
        [
            html.Header(html.H2(title), className="panel-head"),
            html.Div(trouble, className="panel-body"),
            html.Footer(html.Span("Failed", className="panel-state"), className="panel-foot"),
        ],
        className="panel panel-half",
        **wild(data_topic=report["id"], data_state="failed", aria_label=title),
    )


def headline(number: Any) -> list[Any]:
    """The big figure of a number card, with its change against the row before it."""
    change = html.Span(number.change, className="headline-change", **wild(data_direction=number.direction))
    versus = html.Span(number.versus, className="headline-versus")
    return [
        html.Div(number.text, className="headline-figure"),
        html.Div([change, " ", versus], className="headline-line") if number.change else None,
    ]


def _spec(report: Mapping[str, Any]) -> dict[str, Any]:
    """What the browser needs to run the report, and the server to draw it."""
    return {
        "report": report["id"],
        "parameters": {parameter["name"]: parameter["type"] for parameter in report["parameters"]},
        "chart": dict(report["chart"]),
        "columns": dict(report.get("columns", {})),
        "timeoutSeconds": report.get("timeoutSeconds", 60),
    }


def _stores(topic: str, spec: Mapping[str, Any]) -> list[dcc.Store]:
    empty = [dcc.Store(id=ids.panel(part, topic)) for part in (ids.REQUEST, ids.EVENT, ids.FINISHED, ids.RESULT)]
    return [dcc.Store(id=ids.panel(ids.SPEC, topic), data=dict(spec)), *empty]


def _head(topic: str, report: Mapping[str, Any]) -> html.Header:
    about = report.get("description", "")
    return html.Header(
        [html.H2(report["title"]), _tools(topic, report), html.P(about, title=about)], className="panel-head"
    )


def _tools(topic: str, report: Mapping[str, Any]) -> html.Div:
    has_chart = report["chart"]["type"] != "table"
    views = [{"value": "chart", "label": "Chart"}, {"value": "table", "label": "Table"}]
    view = dmc.SegmentedControl(
        id=ids.panel(ids.VIEW, topic),
        data=views,
        value="chart" if has_chart else "table",
        size="xs",
        className="panel-view",
        display=None if has_chart else "none",
        **wild(aria_label=f"{report['title']}: chart or table"),
    )
    again = dmc.ActionIcon(
        html.Span(className="icon icon-again"),
        id=ids.panel(ids.RUN_AGAIN, topic),
        variant="subtle",
        color="gray",
        size="md",
        n_clicks=0,
        **wild(aria_label=f"Run {report['title']} again"),
    )
    return html.Div([view, dmc.Tooltip(again, label="Run again")], className="panel-tools")


def _body(topic: str, report: Mapping[str, Any]) -> html.Div:
    graph = dcc.Graph(id=ids.panel(ids.GRAPH, topic), config=GRAPH_CONFIG, className="panel-graph", responsive=True)
    chart = html.Div(
        [html.Div(id=ids.panel(ids.HEADLINE, topic), className="headline"), graph], className="panel-chart"
    )
    return html.Div(
        [
            chart,
            html.Div(id=ids.panel(ids.TABLE, topic), className="panel-table"),
            html.Div(className="panel-skeleton", **wild(aria_hidden="true")),
            html.Div(report.get("empty", "No rows."), className="panel-empty"),
            _trouble(topic),
        ],
        className="panel-body",
    )


def _trouble(topic: str) -> html.Div:
    retry = dmc.Button("Run again", id=ids.panel(ids.RETRY, topic), variant="default", n_clicks=0)
    return html.Div([html.P(id=ids.panel(ids.TROUBLE, topic)), retry], className="panel-trouble", role="alert")


def _foot(topic: str) -> html.Footer:
    state = html.Span("Waiting", id=ids.panel(ids.STATE, topic), className="panel-state", role="status")
    return html.Footer(
        [
            state,
            html.Span(className="panel-elapsed"),
            html.Span(id=ids.panel(ids.DETAIL, topic), className="panel-detail"),
        ],
        className="panel-foot",
    )
