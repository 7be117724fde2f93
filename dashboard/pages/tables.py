"""Tables of the warehouse, for authors and admins: when each last changed, who reads and who writes it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.jobs.cards import table_name
from dashboard.locales.words import _, noop
from dashboard.pages import table_parts
from dashboard.panels.component import Moment, Page

_NOTHING = noop("No report reads a table yet, and no job writes one.")
_COLUMNS = (noop("Table"), noop("Last change"), noop("By"), noop("Read by reports"), noop("Written by jobs"))


def render(tables: Sequence[Mapping[str, Any]]) -> Page:
    """The page; `tables` are what `GET /tables` gave."""
    lead = _("Which reports read a table, which jobs write it, and the last change that was told of.")
    words = html.Div([dmc.Title(_("Tables"), order=1), html.P(lead, className="lead")])
    jobs = dcc.Link(_("Jobs"), href="/jobs", className="plain-button")
    children = [
        html.Div([words, html.Div(jobs, className="page-tools")], className="page-head"),
        _table(tables) if tables else html.P(_(_NOTHING), className="nothing"),
    ]
    return Page(children, id=ids.PAGE, title=_("Tables"))


def _table(tables: Sequence[Mapping[str, Any]]) -> html.Div:
    body = html.Tbody([_row(one) for one in tables])
    table = html.Table(
        [table_parts.head([_(column) for column in _COLUMNS]), body], className="list list-rows list-tables"
    )
    return html.Div(table, className="list-card", tabIndex="0", role="region", **attributes(aria_label=_("Tables")))


def _row(one: Mapping[str, Any]) -> html.Tr:
    name = table_name(one["table"])
    changed = Moment(at=one["changedAt"]) if one["changedAt"] else _("None told")
    return html.Tr(
        [
            html.Td([html.Strong(name), html.Small("" if name == one["table"] else "public")], className="list-what"),
            table_parts.cell(_("Changed"), changed),
            table_parts.cell(_("By"), one["changedBy"]),
            table_parts.cell(_("Read by"), _names(one["readers"])),
            table_parts.cell(_("Written by"), _names(one["writers"])),
        ]
    )


def _names(names: Sequence[str]) -> html.Span:
    return html.Span(", ".join(names) or _("Nobody"), className="list-names" if names else "list-none")
