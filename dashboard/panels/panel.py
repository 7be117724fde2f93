"""A panel: always the same shape, whatever state it is in. Pure; `pages` lays panels out, `callbacks` fills them.

The browser asks and shows (`assets/03_panels.js`); the server draws (`drawing`). The root carries `data-topic` and
`data-state`, by which the style sheet shows chart, skeleton, empty text or trouble in the same place.
"""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import wild
from dashboard.filters import dynamic_filters as filter_rows

GRAPH_CONFIG: Any = {"displayModeBar": False, "responsive": True}

_STORES = (ids.REQUEST, ids.EVENT, ids.FINISHED, ids.RESULT, ids.TABLE_WANTED)

_EXPORTS = {"CSV": "csv", "Parquet": "parquet"}

Report = Mapping[str, Any]
Values = Mapping[str, Any]


def panel(report: Report, own: Values | None = None) -> html.Section:
    """The panel of a report, its topic being the report's id; `own` are values that beat the page's filters.

    It runs as soon as it stands on the page, near the screen.
    """
    topic = report["id"]
    kind = report["chart"]["type"]
    return html.Section(
        [*_stores(topic, _spec(report)), _head(topic, report, own or {}), _body(topic, report), _foot(topic)],
        id=ids.panel(ids.PANEL, topic),
        className=f"panel panel-kind-{kind}",
        **wild(
            data_topic=topic,
            data_state="idle",
            data_view="chart",
            data_take="yes" if report.get("download") else "no",
            aria_label=report["title"],
        ),
    )


def broken_panel(report: Report) -> html.Section:
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
        className="panel",
        **wild(data_topic=report["id"], data_state="failed", aria_label=title),
    )


def headline(number: Mapping[str, Any]) -> list[Any]:
    """The big figure of a number card, with its change against the row before it."""
    change = html.Span(number["change"], className="headline-change", **wild(data_tone=number["tone"]))
    versus = html.Span(number["versus"], className="headline-versus")
    return [
        html.Div(number["text"], className="headline-figure"),
        html.Div([change, " ", versus], className="headline-line") if number["change"] else None,
    ]


def _spec(report: Report) -> dict[str, Any]:
    """What the browser needs to run the report, and the server to draw it."""
    parameters = report["parameters"]
    return {
        "report": report["id"],
        "title": report["title"],
        "parameters": {parameter["name"]: parameter["type"] for parameter in parameters},
        "required": [parameter["name"] for parameter in parameters if parameter.get("default") is None],
        "chart": dict(report["chart"]),
        "columns": dict(report.get("columns", {})),
        "timeoutSeconds": report.get("timeoutSeconds", 60),
        "limit": report.get("limit", 50_000),
        "sql": report.get("sql"),
    }


def _stores(topic: str, spec: Mapping[str, Any]) -> list[dcc.Store]:
    empty = [dcc.Store(id=ids.panel(part, topic)) for part in _STORES]
    return [dcc.Store(id=ids.panel(ids.SPEC, topic), data=dict(spec)), *empty]


def _head(topic: str, report: Report, own: Values) -> html.Header:
    about = report.get("description", "")
    mark = html.Span(id=ids.panel(ids.OWN_MARK, topic), className="own-mark")
    title = html.H2([report["title"], mark], title=about)
    return html.Header([title, _tools(topic, report, own), html.P(about, title=about)], className="panel-head")


def _tools(topic: str, report: Report, own: Values) -> html.Div:
    parts = [_view(topic, report), _own_filters(topic, report, own), _taking(topic, report), _menu(topic, report)]
    return html.Div(parts, className="panel-tools")


def _target(target: Any, shape: str, label: str) -> Any:
    """What opens a popover or a menu: its own wrapper is made the button, since that is what carries the ARIA state."""
    button = {"component": "button", "type": "button", "className": "icon-button", "aria-label": label}
    return target(html.Span(className=f"icon icon-{shape}"), boxWrapperProps=button)


def _view(topic: str, report: Report) -> dmc.SegmentedControl:
    has_chart = report["chart"]["type"] != "table"
    return dmc.SegmentedControl(
        id=ids.panel(ids.VIEW, topic),
        data=[{"value": "chart", "label": "Chart"}, {"value": "table", "label": "Table"}],
        value="chart" if has_chart else "table",
        size="xs",
        className="panel-view",
        display=None if has_chart else "none",
        **wild(aria_label=f"{report['title']}: chart or table"),
    )


def _own_filters(topic: str, report: Report, own: Values) -> dmc.Popover | None:
    """The report's own controls: empty ones follow the page."""
    parameters = [parameter for parameter in report["parameters"] if "choicesFrom" not in parameter]
    if not parameters:
        return None
    controls = [filter_rows.own(parameter, topic, own.get(parameter["name"])) for parameter in parameters]
    words = html.P("Only for this panel. Empty ones follow the page.", className="own-words")
    return dmc.Popover(
        [
            _target(dmc.PopoverTarget, "filter", f"Own filters of {report['title']}"),
            dmc.PopoverDropdown(html.Div([words, *controls], className="own-filters")),
        ],
        position="bottom-end",
        shadow="md",
        trapFocus=True,
        width=240,
    )


def _menu(topic: str, report: Report) -> dmc.Menu:
    """The rest: running again, stopping, full screen, and for authors the SQL."""
    again = dmc.MenuItem("Run again", id=ids.panel(ids.RUN_AGAIN, topic), n_clicks=0)
    items = [again, _item("Cancel this run", "cancel", topic), _item("Full screen", "full", topic)]
    if report.get("sql"):
        items.append(_item("Show the SQL", "sql", topic))
    target = _target(dmc.MenuTarget, "more", f"More for {report['title']}")
    return dmc.Menu([target, dmc.MenuDropdown(items)], position="bottom-end", shadow="md")


def _item(label: str, action: str, topic: str, form: str | None = None) -> dmc.MenuItem:
    return dmc.MenuItem(label, **wild(data_action=action, data_for=topic, **({"data_form": form} if form else {})))


def _taking(topic: str, report: Report) -> dmc.Menu | None:
    """What can be taken away: the rows on the screen, the chart as a picture, and all rows by the warehouse."""
    if not report.get("download"):
        return None
    forms = {"CSV": "csv", "Excel": "xlsx", "Parquet": "parquet", "JSON": "json"}
    items = [dmc.MenuLabel("These rows"), *(_item(label, "download", topic, form) for label, form in forms.items())]
    if report["chart"]["type"] not in {"table", "number"}:
        items += [dmc.MenuLabel("The chart"), *(_item(name, "picture", topic, name.lower()) for name in ("PNG", "SVG"))]
    items.append(dmc.MenuLabel("All rows, written by the warehouse"))
    items += [_item(f"Export to {label}", "export", topic, form) for label, form in _EXPORTS.items()]
    target = _target(dmc.MenuTarget, "download", f"Download {report['title']}")
    return dmc.Menu([target, dmc.MenuDropdown(items)], position="bottom-end", shadow="md", width=250)


def _body(topic: str, report: Report) -> html.Div:
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
            _trouble(topic, report),
        ],
        className="panel-body",
    )


def _trouble(topic: str, report: Report) -> html.Div:
    """What went wrong, and the ways on; an export is one where a limit of the warehouse was in the way."""
    retry = dmc.Button("Run again", id=ids.panel(ids.RETRY, topic), variant="default", n_clicks=0)
    exports = [_export_button(topic, *each) for each in _EXPORTS.items()] if report.get("download") else []
    ways = html.Div([retry, *exports], className="panel-ways")
    return html.Div([html.P(id=ids.panel(ids.TROUBLE, topic)), ways], className="panel-trouble", role="alert")


def _export_button(topic: str, label: str, form: str) -> dmc.Button:
    marks = wild(data_action="export", data_for=topic, data_form=form)
    return dmc.Button(f"Export to {label}", variant="default", className="panel-export", **marks)


def _foot(topic: str) -> html.Footer:
    state = html.Span("Waiting", id=ids.panel(ids.STATE, topic), className="panel-state", role="status")
    detail = html.Span(id=ids.panel(ids.DETAIL, topic), className="panel-detail")
    return html.Footer([state, html.Span(className="panel-elapsed"), detail], className="panel-foot")
