"""The first page: the departments one may see and what each tells, a search over them, and one's recent runs."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.auth.user_pool import User
from dashboard.layouts.page_plan import PlacedPanel, page_plan, pages_below
from dashboard.panels.component import Page

NO_DEPARTMENT = "You are signed in, but no department is open to you yet. Ask an administrator to add you to one."

Report = Mapping[str, Any]


def render(user: User, listing: Mapping[str, Any], note: str) -> Page:
    """A card for each department, or what to do when there is none."""
    heading = dmc.Title("Home", order=1)
    if not listing["departments"]:
        alert = dmc.Alert(NO_DEPARTMENT, title=f"Welcome, {user.email}", variant="light", mt="md")
        return Page([heading, alert], id=ids.PAGE, title="Home")
    cards = [_card(department, listing) for department in listing["departments"]]
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


def _card(department: Mapping[str, Any], listing: Mapping[str, Any]) -> html.Section:
    """The panels of the department's own page, and before them its other pages."""
    plan, address = page_plan(listing, department["id"]), f"/d/{department['id']}"
    panels = [placed for placed in (plan.panels if plan else ()) if not placed.is_broken]
    count = f"{len(panels)} panel{'' if len(panels) == 1 else 's'}"
    head = html.Div(
        [dcc.Link(html.H2(department["title"]), href=address), html.Span(count)], className="home-card-head"
    )
    pages = [_page(page) for page in pages_below(listing, department["id"])]
    return html.Section(
        [head, html.Ul([*pages, *(_line(address, placed) for placed in panels)])], className="home-card"
    )


def _page(page: Mapping[str, Any]) -> html.Li:
    words = [html.Span(page["title"]), html.Small(page["description"] or "A page of its own.")]
    searched = f"{page['title']} {page['description']} {page['text']}".lower()
    return html.Li(dcc.Link(words, href=f"/d/{page['id']}"), **attributes(data_search=searched))


def _line(address: str, placed: PlacedPanel) -> html.Li:
    report = placed.report
    link = dcc.Link([html.Span(report["title"]), html.Small(report["description"])], href=address)
    return html.Li(link, **attributes(data_search=_searchable(report)))


def _searchable(report: Report) -> str:
    """What a search looks through: title, description and the names of columns."""
    labels = [style.get("label", "") for style in report.get("columns", {}).values()]
    return " ".join([report["title"], report["description"], *report.get("columns", {}), *labels]).lower()
