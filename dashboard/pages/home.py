"""The first page: the departments one may see, and what each tells."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard.auth import User

NO_DEPARTMENT = "You are signed in, but no department is open to you yet. Ask an administrator to add you to one."


def render(user: User, listing: Mapping[str, Any], note: str) -> list[Any]:
    """A card for each department, or what to do when there is none."""
    heading = dmc.Title("Home", order=1)
    if not listing["departments"]:
        return [heading, dmc.Alert(NO_DEPARTMENT, title=f"Welcome, {user.email}", variant="light", mt="md")]
    cards = [_card(department, listing["reports"]) for department in listing["departments"]]
    lead = html.P(
        ["Open a department: its charts draw themselves as their rows arrive.", html.Span(note)], className="lead"
    )
    return [heading, lead, html.Div(cards, className="home-grid")]


def _card(department: Mapping[str, Any], reports: Sequence[Mapping[str, Any]]) -> dcc.Link:
    own = [report for report in reports if report["department"] == department["id"]]
    lines = [html.Li([html.Span(report["title"]), html.Small(report["description"])]) for report in own[:8]]
    head = html.Div([html.H2(department["title"]), html.Span(f"{len(own)} panels")], className="home-card-head")
    return dcc.Link(
        [head, html.Ul(lines)],
        href=f"/d/{department['id']}",
        className="home-card",
    )
