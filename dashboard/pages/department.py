"""A department's page: its filters, then its panels in their order. Every panel runs on opening it."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard import filters, ids, panels
from dashboard.attributes import wild


def render(department: Mapping[str, Any], listing: Mapping[str, Any], note: str) -> list[Any]:
    """The page of one department, from what `GET /reports` lists."""
    reports = [report for report in listing["reports"] if report["department"] == department["id"]]
    broken = [report for report in listing.get("broken", ()) if report["department"] == department["id"]]
    shown = [panels.panel(report) for report in reports] + [panels.broken_panel(report) for report in broken]
    return [_head(department["title"], len(shown), note), _filters(reports), html.Div(shown, className="panels")]


def _head(title: str, count: int, note: str) -> html.Div:
    about = " · ".join(part for part in (f"{count} panel{'s' if count != 1 else ''}", note) if part)
    words = html.Div([dmc.Title(title, order=1), html.P(about, className="lead")])
    run_all = dmc.Button("Run all", id=ids.RUN_ALL, variant="default", n_clicks=0)
    return html.Div([words, html.Div(run_all, className="page-tools")], className="page-head")


def _filters(reports: list[Mapping[str, Any]]) -> html.Div:
    controls = [filters.control(parameter) for parameter in filters.shared(reports)]
    state = html.Div(id=ids.PAGE_STATE, className="page-state", role="status")
    return html.Div(
        [html.Div(controls, className="filters", role="group", **wild(aria_label="Filters")), state],
        className="filter-bar",
    )
