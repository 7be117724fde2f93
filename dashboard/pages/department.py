"""A department's page: its filters, then its panels where `page_plan` puts them.

The address says what the filters are set to, and which tab is open.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
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
from dashboard.filters.source_values import Source, SourceValues
from dashboard.layouts.markdown import markdown
from dashboard.layouts.page_layout import layout
from dashboard.layouts.page_plan import PagePlan, PlacedPanel, PlacedTab
from dashboard.locales.words import _, _n
from dashboard.panels.component import OpenView, Page, Panel
from dashboard.panels.first_runs import first_runs
from dashboard.panels.panel import broken_panel, panel, panel_spec

Report = Mapping[str, Any]
Query = Mapping[str, str]

VIEW = "view"
"""The key of an address that names the saved view which was opened; it sets no filter."""

TAB = "tab"
"""The key of an address that says which tab is open."""


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
    sources: list[Source]

    @property
    def wire(self) -> Any:
        """What it is set to, as on the wire; None where that is not known yet."""
        return self.parameter.get("default") if self.value is None else self.value

    def spec(self) -> dict[str, Any]:
        """What the browser needs of it: its value on the wire, its default, and the source reports to run.

        `noDefault` is whether it has none, and none is to come from rows.
        """
        default = self.parameter.get("default")
        return {
            "name": self.parameter["name"],
            "kind": self.parameter["type"],
            "label": controls.label(self.parameter),
            "value": self.wire,
            "default": default,
            "noDefault": default is None and "defaultFrom" not in self.parameter,
            "sources": [source.spec() for source in self.sources],
            "words": self.parameter.get("words"),
            "labels": controls.choice_labels(self.parameter) or None,
        }


def render(
    plan: PagePlan,
    listing: Mapping[str, Any],
    user: User,
    sources: SourceValues,
    note: str,
    query: Query,
    view: Mapping[str, Any] | None = None,
) -> Page:
    """One page of a department, from what `GET /reports` lists and what its address asks for; `view` is the saved view
    that the address names, if it is one of this user's.
    """
    values = read_query(query, plan)
    filters = _filters(plan, values, user, listing, sources)
    opened = plan.tab(query.get(TAB, ""))
    panels = {placed.key: _panel(placed, values, tab.id) for tab in plan.tabs for placed in _panels_of(tab)}
    children = [
        dcc.Store(id=ids.SHOWN, data=signature(plan)),
        _head(plan, len(panels), note, view),
        _notice(values.dropped, view),
        _filter_bar(filters, plan.apply),
        markdown(plan.text, "page-text") if plan.text else None,
        *layout(plan, opened, panels),
    ]
    return _page(children, plan, opened, [each.spec() for each in filters], panels)


def _page(
    children: Sequence[Any],
    plan: PagePlan,
    opened: PlacedTab,
    filters: Sequence[Mapping[str, Any]],
    panels: Mapping[str, Panel],
) -> Page:
    """The page with what the browser needs of it: its filters, its tabs, and the runs that come first."""
    return Page(
        children,
        first_runs([panels[placed.key].spec for placed in _panels_of(opened)], filters),
        id=ids.PAGE,
        title=plan.title,
        pageId=plan.id,
        tab=opened.id if len(plan.tabs) > 1 else None,
        firstTab=plan.tabs[0].id if len(plan.tabs) > 1 else None,
        filters=filters,
        apply=plan.apply or None,
    )


def _panels_of(tab: PlacedTab) -> list[PlacedPanel]:
    return [panel for section in tab.sections for panel in section.panels]


def _panel(placed: PlacedPanel, values: QueryValues, tab: str) -> Panel:
    if placed.is_broken:
        return broken_panel(placed.report, placed.key)
    return panel(placed, values.own.get(placed.key), tab)


def changed_specs(plan: PagePlan, query: Query, changed: Collection[str]) -> Iterator[tuple[Any, dict[str, Any]]]:
    """The panels of reports that changed, by their components' ids, each with its new spec."""
    values = read_query(query, plan)
    for tab in plan.tabs:
        for placed in _panels_of(tab):
            if placed.report["id"] in changed and not placed.is_broken:
                yield ids.panel(placed.key), panel_spec(placed, values.own.get(placed.key), tab.id)


def signature(plan: PagePlan) -> dict[str, Any]:
    """What of the page is more than one panel's business; when it changes the whole page is laid out anew."""
    tabs = [
        [tab.title, tab.text, [[section.title, section.text, *map(_place, section.panels)] for section in tab.sections]]
        for tab in plan.tabs
    ]
    return {"page": [plan.title, plan.description, plan.text, dict(plan.values), plan.apply], "tabs": tabs}


def _place(placed: PlacedPanel) -> Any:
    report = placed.report
    if placed.is_broken:
        return [placed.key, dict(report)]
    return [placed.key, report["size"], report["order"], _names(report), dict(placed.values)]


def read_query(query: Query, plan: PagePlan) -> QueryValues:
    """The values of an address: `month=2015-11` for the page, `trips.month=2015-10` for one panel."""
    values = QueryValues()
    shared = {parameter["name"]: parameter for parameter in plan.parameters()}
    for key, text in query.items():
        if key == VIEW:
            continue
        topic, _, name = key.rpartition(".")
        known = _parameters(plan, topic) if topic else shared
        value = from_wire(known[name], text) if name in known else None
        if value is None:
            if key != TAB or len(plan.tabs) < 2:
                values.dropped.append(f"{key}={text}"[:60])
        elif topic:
            values.own.setdefault(topic, {})[name] = value
        else:
            values.page[name] = value
    return values


def _parameters(plan: PagePlan, topic: str) -> dict[str, Mapping[str, Any]]:
    found = [placed.report.get("parameters", ()) for placed in plan.panels if placed.key == topic]
    return {parameter["name"]: parameter for parameter in (found[0] if found else ())}


def _names(report: Report) -> list[str]:
    return sorted(f"{parameter['name']}:{parameter['type']}" for parameter in report["parameters"])


def first_filters(plan: PagePlan, user: User, listing: Mapping[str, Any], sources: SourceValues) -> list[Filter]:
    """The filters of a page as it begins, without an address that sets them."""
    return _filters(plan, QueryValues(), user, listing, sources)


def _filters(
    plan: PagePlan, values: QueryValues, user: User, listing: Mapping[str, Any], sources: SourceValues
) -> list[Filter]:
    """The filters in their order; those whose choices depend on others' values are looked at last."""
    parameters = plan.parameters()
    found: dict[str, Filter] = {}
    for parameter in sorted(parameters, key=lambda each: bool(each.get("choicesFrom", {}).get("with"))):
        chosen = {name: one.wire for name, one in found.items()}
        known, to_run = resolved(parameter, user, listing, sources, chosen)
        found[parameter["name"]] = Filter(known, values.page.get(parameter["name"]), to_run)
    return [found[parameter["name"]] for parameter in parameters]


def _head(plan: PagePlan, count: int, note: str, view: Mapping[str, Any] | None) -> html.Div:
    panels = _n("{count} panel", "{count} panels", count) if count else ""
    about = " · ".join(part for part in (plan.description.rstrip("."), panels, note) if part)
    heading = html.Div([dmc.Title(plan.title, order=1), OpenView(view)], className="page-title")
    words = html.Div([heading, html.P(about, className="lead")])
    tools = [
        dmc.Button(_("Views"), variant="default", **attributes(data_action="views", aria_haspopup="dialog")),
        dmc.Button(_("Copy link"), id=ids.COPY_LINK, variant="default", n_clicks=0),
        dmc.Button(_("Workbook"), variant="default", **attributes(data_action="workbook")),
        dmc.Button(_("Print"), variant="default", **attributes(data_action="print")),
        dmc.Button(_("Run all"), id=ids.RUN_ALL, variant="default", n_clicks=0),
    ]
    return html.Div([words, html.Div(tools, className="page-tools")], className="page-head")


def _notice(dropped: Sequence[str], view: Mapping[str, Any] | None) -> dmc.Alert | None:
    if not dropped:
        return None
    words = _("This link asked for something that cannot be used here, so defaults were taken: {asked}.")
    if view:
        words = _("The view “{name}” asks for something that cannot be used here, so defaults were taken: {asked}.")
    words = words.format(asked=", ".join(dropped), name=view["name"] if view else "")
    return dmc.Alert(words, color="yellow", variant="light", mt="sm", withCloseButton=True)


def _filter_bar(filters: Sequence[Filter], waits: bool) -> html.Div:
    """The controls; with a button that asks for their new values where the page waits for it."""
    slots = [_filter_slot(each) for each in filters]
    reset = dmc.Button(_("Reset"), id=ids.RESET, variant="default", n_clicks=0, display=None if slots else "none")
    apply = dmc.Button(_("Apply"), id=ids.APPLY, disabled=True, **attributes(data_action="apply")) if waits else None
    chips = html.Div(id=ids.CHIPS, className="chips", hidden=True)
    bar = html.Div(
        [*slots, apply, reset, chips], className="filters", role="group", **attributes(aria_label=_("Filters"))
    )
    state = html.Div(id=ids.PAGE_STATE, className="page-state", role="status")
    return html.Div([bar, state], className="filter-bar")


def _filter_slot(one: Filter) -> html.Div:
    """A control, and a store for the end of a run of a report that fills it."""
    name, kind = one.parameter["name"], one.parameter["type"]
    source = dcc.Store(id=ids.filter_source(name, kind)) if one.sources else None
    return html.Div([controls.control(one.parameter, one.value), source])
