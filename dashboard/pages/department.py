"""A department's page: its filters, then its panels in their order. The address says what the filters are set to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.auth.user_pool import User
from dashboard.filters import controls
from dashboard.filters.dynamic_filters import resolved
from dashboard.filters.query_codec import from_wire
from dashboard.filters.source_values import SourceValues
from dashboard.panels.component import Page
from dashboard.panels.first_runs import first_runs
from dashboard.panels.panel import broken_panel, panel

Report = Mapping[str, Any]
Query = Mapping[str, str]


@dataclass
class QueryValues:
    """What an address sets: the page's filters, panels' own ones, and the keys that could not be used."""

    page: dict[str, Any] = field(default_factory=dict)
    own: dict[str, dict[str, Any]] = field(default_factory=dict)
    dropped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Filter:
    """A filter of the page: its parameter as far as it is known, the value that the address sets, and what fills it."""

    parameter: Mapping[str, Any]
    value: Any
    sources: list[str]

    def spec(self) -> dict[str, Any]:
        """What the browser needs of it: its value on the wire, its default, and the source reports to run."""
        default = self.parameter.get("default")
        return {
            "name": self.parameter["name"],
            "kind": self.parameter["type"],
            "value": default if self.value is None else self.value,
            "default": default,
            "sources": self.sources,
        }


def render(
    department: Mapping[str, Any],
    listing: Mapping[str, Any],
    user: User,
    sources: SourceValues,
    note: str,
    query: Query,
) -> Page:
    """The page of one department, from what `GET /reports` lists and what its address asks for."""
    reports, broken = shown_reports(department["id"], listing), broken_reports(department["id"], listing)
    values = read_query(query, reports)
    filters = _filters(reports, values, user, listing, sources)
    panels = [panel(report, values.own.get(report["id"])) for report in reports]
    panels += [broken_panel(each) for each in broken]
    children = [
        dcc.Store(id=ids.SHOWN, data=signature(reports, broken)),
        _head(department["title"], len(panels), note),
        _notice(values.dropped),
        _filter_bar(filters),
        html.Div(panels, className="panels"),
    ]
    specs = [each.spec() for each in filters]
    return Page(
        children,
        first_runs([each.spec for each in panels], specs),
        id=ids.PAGE,
        title=department["title"],
        department=department["id"],
        filters=specs,
    )


def shown_reports(department: str, listing: Mapping[str, Any]) -> list[Report]:
    """The reports that stand on the page: the department's, without those that only fill filters."""
    own = [report for report in listing["reports"] if report["department"] == department]
    return [report for report in own if not report.get("hidden")]


def broken_reports(department: str, listing: Mapping[str, Any]) -> list[Report]:
    """The department's reports whose file has a mistake."""
    return [report for report in listing.get("broken", ()) if report["department"] == department]


def signature(reports: Sequence[Report], broken: Sequence[Report]) -> dict[str, Any]:
    """What of the page is more than one panel's business; when it changes the whole page is laid out anew."""
    layout = [[report["id"], report["size"], report["order"], _names(report)] for report in reports]
    return {"layout": layout, "broken": [dict(report) for report in broken]}


def read_query(query: Query, reports: Sequence[Report]) -> QueryValues:
    """The values of an address: `month=2015-11` for the page, `trips.month=2015-10` for one panel."""
    values = QueryValues()
    shared = {parameter["name"]: parameter for parameter in controls.shared(reports)}
    for key, text in query.items():
        topic, _, name = key.rpartition(".")
        known = _parameters(reports, topic) if topic else shared
        value = from_wire(known[name], text) if name in known else None
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


def _filters(
    reports: Sequence[Report], values: QueryValues, user: User, listing: Mapping[str, Any], sources: SourceValues
) -> list[Filter]:
    found = []
    for parameter in controls.shared(reports):
        known, to_run = resolved(parameter, user, listing, sources)
        found.append(Filter(known, values.page.get(parameter["name"]), to_run))
    return found


def _head(title: str, count: int, note: str) -> html.Div:
    about = " · ".join(part for part in (f"{count} panel{'s' if count != 1 else ''}", note) if part)
    words = html.Div([dmc.Title(title, order=1), html.P(about, className="lead")])
    tools = [
        dmc.Button("Copy link", id=ids.COPY_LINK, variant="default", n_clicks=0),
        dmc.Button("Workbook", variant="default", **attributes(data_action="workbook")),
        dmc.Button("Print", variant="default", **attributes(data_action="print")),
        dmc.Button("Run all", id=ids.RUN_ALL, variant="default", n_clicks=0),
    ]
    return html.Div([words, html.Div(tools, className="page-tools")], className="page-head")


def _notice(dropped: Sequence[str]) -> dmc.Alert | None:
    if not dropped:
        return None
    words = f"This link asked for something that cannot be used here, so defaults were taken: {', '.join(dropped)}."
    return dmc.Alert(words, color="yellow", variant="light", mt="sm", withCloseButton=True)


def _filter_bar(filters: Sequence[Filter]) -> html.Div:
    slots = [_filter_slot(each) for each in filters]
    reset = dmc.Button("Reset", id=ids.RESET, variant="default", n_clicks=0, display=None if slots else "none")
    bar = html.Div([*slots, reset], className="filters", role="group", **attributes(aria_label="Filters"))
    state = html.Div(id=ids.PAGE_STATE, className="page-state", role="status")
    return html.Div([bar, state], className="filter-bar")


def _filter_slot(one: Filter) -> html.Div:
    """A control, and a store for the end of a run of a report that fills it."""
    name, kind = one.parameter["name"], one.parameter["type"]
    source = dcc.Store(id=ids.filter_source(name, kind)) if one.sources else None
    return html.Div([controls.control(one.parameter, one.value), source])
