"""The first page: the departments one may see and what each tells, a search over them, and one's recent runs."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.auth.user_pool import User
from dashboard.filters.source_values import SourceValues
from dashboard.layouts.page_plan import PlacedPanel, departments, page_plan, pages_below
from dashboard.locales.words import _, _n, noop
from dashboard.panels.component import Page
from dashboard.views import favourites, places

NO_DEPARTMENT = noop("You are signed in, but no department is open to you yet. Ask an administrator to add you to one.")

Report = Mapping[str, Any]


def render(
    user: User, listing: Mapping[str, Any], note: str, sources: SourceValues, kept: Mapping[str, Any] | None
) -> Page:
    """One's favourites and a card for each department, or what to do when there is none. `kept` is as `GET /views`
    gave it, None when it cannot be had.
    """
    heading = dmc.Title(_("Home"), order=1)
    open_departments = departments(listing)
    if not open_departments:
        alert = dmc.Alert(_(NO_DEPARTMENT), title=_("Welcome, {who}", who=user.email), variant="light", mt="md")
        return Page([heading, alert], id=ids.PAGE, title=_("Home"))
    cards = [_card(department, listing) for department in open_departments]
    own = favourites.render(kept, listing, user, sources)
    lead = _("Open a department: its charts draw themselves as their rows arrive.")
    children = [
        heading,
        html.P(f"{lead} {note}".strip(), className="lead"),
        *_mistakes(listing),
        own.section,
        _search(),
        html.Div([html.Div(cards, className="home-grid"), _recent()], className="home"),
    ]
    return Page(children, id=ids.PAGE, title=_("Home"), filters=own.filters)


def _mistakes(listing: Mapping[str, Any]) -> list[dmc.Alert]:
    """For authors, the files that have a mistake, be it a page's that nobody can open; nothing for others."""
    told = [each for each in listing.get("broken", ()) if "reason" in each]
    lines = [html.Li([html.Code(f"{each['file']}, {each['line']}"), f" {each['reason']}"]) for each in told]
    title = _n("{count} file has a mistake", "{count} files have a mistake", len(told))
    return [dmc.Alert(html.Ul(lines, className="mistakes"), title=title, color="red", variant="light")] if told else []


def _search() -> html.Div:
    field = dmc.TextInput(
        id=ids.SEARCH,
        placeholder=_("Search titles, descriptions and columns"),
        value="",
        w=320,
        **attributes(aria_label=_("Search reports")),
    )
    return html.Div([field, html.Span(id=ids.SEARCH_FOUND, role="status", className="page-state")], className="search")


def _recent() -> html.Section:
    runs = html.Div(_("What you run appears here."), id=ids.RECENT, className="recent")
    return html.Section([html.H2(_("Recent runs")), runs], className="home-recent")


def _card(department: Mapping[str, Any], listing: Mapping[str, Any]) -> html.Section:
    """The department's panels on its own page, and before them its other pages.

    Another department's panels stand in that one's card.
    """
    plan, address = page_plan(listing, department["id"]), f"/d/{department['id']}"
    panels = [placed for placed in (plan.panels if plan else ()) if not placed.is_broken]
    own = [placed for placed in panels if placed.report["department"] == department["id"]]
    count = _n("{count} panel", "{count} panels", len(panels))
    head = html.Div(
        [dcc.Link(html.H2(department["title"]), href=address), html.Span(count)], className="home-card-head"
    )
    pages = [_page(page) for page in pages_below(listing, department["id"])]
    lines = [*pages, *(_line(department["id"], placed) for placed in own)]
    if plan and not own:
        lines.insert(0, _page({"id": plan.id, "title": plan.title, "description": plan.description, "text": plan.text}))
    return html.Section([head, html.Ul(lines)], className="home-card")


def _page(page: Mapping[str, Any]) -> html.Li:
    words = [html.Span(page["title"]), html.Small(page["description"] or _("A page of its own."))]
    searched = f"{page['title']} {page['description']} {page['text']}".lower()
    return html.Li(dcc.Link(words, href=f"/d/{page['id']}"), **attributes(data_search=searched))


def _line(page_id: str, placed: PlacedPanel) -> html.Li:
    report = placed.report
    words = [html.Span(report["title"]), html.Small(report["description"])]
    link = dcc.Link(words, href=places.address(page_id, placed.key))
    return html.Li(link, **attributes(data_search=places.searchable(report)))
