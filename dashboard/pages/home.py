"""The first page: the departments one may see and what each tells, a search over them, and one's recent runs."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.auth.user_pool import User
from dashboard.pages.department import shown_reports
from dashboard.panels.component import Page

NO_DEPARTMENT = "You are signed in, but no department is open to you yet. Ask an administrator to add you to one."

Report = Mapping[str, Any]


def render(user: User, listing: Mapping[str, Any], note: str) -> Page:
    """A card for each department, or what to do when there is none."""
    heading = dmc.Title("Home", order=1)
    if not listing["departments"]:
        alert = dmc.Alert(NO_DEPARTMENT, title=f"Welcome, {user.email}", variant="light", mt="md")
        return Page([heading, alert], id=ids.PAGE, title="Home")
    cards = [_card(department, shown_reports(department["id"], listing)) for department in listing["departments"]]
    lead = "Open a department: its charts draw themselves as their rows arrive."
    children = [
        heading,
        html.P(f"{lead} {note}".strip(), className="lead"),
        _search(),
        html.Div([html.Div(cards, className="home-grid"), _recent()], className="home"),
    ]
    return Page(children, id=ids.PAGE, title="Home")


def _search() -> html.Div:
    field = dmc.TextInput(
        id=ids.SEARCH,
        placeholder="Search titles, descriptions and columns",
        value="",
        w=320,
        **attributes(aria_label="Search reports"),
    )
    return html.Div([field, html.Span(id=ids.SEARCH_FOUND, role="status", className="page-state")], className="search")


def _recent() -> html.Section:
    runs = html.Div("What you run appears here.", id=ids.RECENT, className="recent")
    return html.Section([html.H2("Recent runs"), runs], className="home-recent")


def _card(department: Mapping[str, Any], reports: Sequence[Report]) -> html.Section:
    title = dcc.Link(html.H2(department["title"]), href=f"/d/{department['id']}")
    head = html.Div([title, html.Span(f"{len(reports)} panels")], className="home-card-head")
    return html.Section([head, html.Ul([_line(department["id"], report) for report in reports])], className="home-card")


def _line(department: str, report: Report) -> html.Li:
    words = [html.Span(report["title"]), html.Small(report["description"])]
    link = dcc.Link(words, href=f"/d/{department}")
    return html.Li(link, **attributes(data_search=_searchable(report)))


def _searchable(report: Report) -> str:
    """What a search looks through: title, description and the names of columns."""
    labels = [style.get("label", "") for style in report.get("columns", {}).values()]
    return " ".join([report["title"], report["description"], *report.get("columns", {}), *labels]).lower()
