"""A department's page: its filters, then its panels in their order. The address says what the filters are set to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import wild
from dashboard.filters import controls as filters
from dashboard.panels import panel as panels

Report = Mapping[str, Any]
Query = Mapping[str, str]


@dataclass
class Values:
    """What an address sets: the page's filters, panels' own ones, and the keys that could not be used."""

    page: dict[str, Any] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


def render(department: Mapping[str, Any], listing: Mapping[str, Any], note: str, query: Query) -> list[Any]:
    """The page of one department, from what `GET /reports` lists and what its address asks for."""
    reports = shown_reports(department["id"], listing)
    broken = [report for report in listing.get("broken", ()) if report["department"] == department["id"]]
    values = read_query(query, reports)
    slots = [slot(report, values) for report in reports] + [_broken_slot(report) for report in broken]
    return [
        dcc.Store(id=ids.SHOWN, data=signature(reports, broken)),
        _head(department["title"], len(slots), note),
        _notice(values.dropped),
        _filters(reports, values),
        html.Div(slots, className="panels"),
    ]


def shown_reports(department: str, listing: Mapping[str, Any]) -> list[Report]:
    """The reports that stand on the page: the department's, without those that only feed filters."""
    own = [report for report in listing["reports"] if report["department"] == department]
    return [report for report in own if not report.get("hidden")]


def signature(reports: Sequence[Report], broken: Sequence[Report]) -> dict[str, Any]:
    """What of the page is more than one panel's business; when it changes the whole page is laid out anew."""
    layout = [[report["id"], report["size"], report["order"], _names(report)] for report in reports]
    return {"layout": layout, "broken": [dict(report) for report in broken]}


def slot(report: Report, values: Values) -> html.Div:
    """The place of a panel in the page's grid."""
    content = panels.panel(report, values.own.get(report["id"]))
    return html.Div(content, id=ids.panel(ids.SLOT, report["id"]), className=f"slot slot-{report.get('size', 'half')}")


def read_query(query: Query, reports: Sequence[Report]) -> Values:
    """The values of an address: `month=2015-11` for the page, `trips.month=2015-10` for one panel."""
    values = Values()
    shared = {parameter["name"]: parameter for parameter in filters.shared(reports)}
    for key, text in query.items():
        topic, _, name = key.rpartition(".")
        known = _parameters(reports, topic) if topic else shared
        value = filters.from_wire(known[name], text) if name in known else None
        if value is None:
            values.dropped.append(f"{key}={text}"[:60])
        elif topic:
            values.own.setdefault(topic, {})[name] = value
        else:
            values.page[name] = value
    return values


def _parameters(reports: Sequence[Report], topic: str) -> dict[str, Mapping[str, Any]]:
    found = [report["parameters"] for report in reports if report["id"] == topic]
    return {parameter["name"]: parameter for parameter in (found[0] if found else ())}


def _names(report: Report) -> list[str]:
    return sorted(f"{parameter['name']}:{parameter['type']}" for parameter in report["parameters"])


def _broken_slot(report: Report) -> html.Div:
    return html.Div(panels.broken_panel(report), className="slot slot-half")


def _head(title: str, count: int, note: str) -> html.Div:
    about = " · ".join(part for part in (f"{count} panel{'s' if count != 1 else ''}", note) if part)
    words = html.Div([dmc.Title(title, order=1), html.P(about, className="lead")])
    tools = [
        dmc.Button("Copy link", id=ids.COPY_LINK, variant="default", n_clicks=0),
        dmc.Button("Workbook", variant="default", **wild(data_action="workbook")),
        dmc.Button("Run all", id=ids.RUN_ALL, variant="default", n_clicks=0),
    ]
    return html.Div([words, html.Div(tools, className="page-tools")], className="page-head")


def _notice(dropped: Sequence[str]) -> dmc.Alert | None:
    if not dropped:
        return None
    words = f"This link asked for something that cannot be used here, so defaults were taken: {', '.join(dropped)}."
    return dmc.Alert(words, color="yellow", variant="light", mt="sm", withCloseButton=True)


def _filters(reports: Sequence[Report], values: Values) -> html.Div:
    parameters = filters.shared(reports)
    slots = [_filter_slot(parameter, values.page.get(parameter["name"])) for parameter in parameters]
    reset = dmc.Button("Reset", id=ids.RESET, variant="default", n_clicks=0, display=None if slots else "none")
    bar = html.Div([*slots, reset], className="filters", role="group", **wild(aria_label="Filters"))
    state = html.Div(id=ids.PAGE_STATE, className="page-state", role="status")
    return html.Div([dcc.Store(id=ids.LINK), bar, state], className="filter-bar")


def _filter_slot(parameter: Mapping[str, Any], value: Any) -> html.Div:
    """A control, and behind it what is needed to fill it once the rows of its source report are there."""
    name, kind = parameter["name"], parameter["type"]
    spec = dict(parameter) | ({"value": value} if value is not None else {})
    return html.Div(
        [
            html.Div(filters.control(parameter, value), id=ids.filter_part(ids.FILTER_SLOT, name, kind)),
            dcc.Store(id=ids.filter_part(ids.FILTER_SPEC, name, kind), data=spec),
            dcc.Store(id=ids.filter_part(ids.FILTER_SOURCE, name, kind)),
        ]
    )
