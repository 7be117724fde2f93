"""For an address that is no page of this user: whether it exists for others is not told."""

from collections.abc import Mapping
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.errors import UserError
from dashboard.locales.words import _, known
from dashboard.panels.component import Page

_DEPARTMENTS: Mapping[str, str] = {"/operations": "/d/operations"}
"""Pages of administrators whose address somebody may write who wants the department of that name."""


def render() -> Page:
    """A calm sentence and the way home."""
    sentence = _("There is no page at this address, or it is not open to you.")
    return _page(_("Nothing here"), sentence, dcc.Link(_("Go to Home"), href="/"))


def unavailable(error: UserError, path: str) -> Page:
    """In the place of a page whose data cannot be had: another try helps, unless the page is not open to this user."""
    if error.status != 403:
        again = html.A(dmc.Button(_("Try again"), variant="default"), href="")
        return _page(_("Not available right now"), known(error.message), again)
    department = _DEPARTMENTS.get(path)
    link = (
        dcc.Link(_("Go to the department's page"), href=department)
        if department
        else dcc.Link(_("Go to Home"), href="/")
    )
    return _page(_("For administrators"), known(error.message), link)


def _page(title: str, sentence: str, way_on: Any) -> Page:
    children = [dmc.Title(title, order=1), html.P(sentence, className="lead"), way_on]
    return Page(children, id=ids.PAGE, title=title)
