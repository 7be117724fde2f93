"""The exports a user asked for within the last week: what became of each, and its file. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.charts.formats import count
from dashboard.locales.words import _, known, noop
from dashboard.pages import table_parts
from dashboard.pages.units import day as kept
from dashboard.pages.units import moment, size, values, zone
from dashboard.panels.component import Page

_NOTHING = noop("Nothing yet. A report is exported from the download menu of its panel.")
_WORDS = {
    "running": noop("Being written"),
    "finished": noop("Ready"),
    "failed": noop("Failed"),
    "cancelled": noop("Cancelled"),
}


def render(exports: Sequence[Mapping[str, Any]]) -> Page:
    """The page; `exports` are what `GET /exports` lists, the newest first."""
    lead = _("Files that the warehouse wrote for you. Each is kept for seven days. Times are {zone}.", zone=zone())
    children = [
        dcc.Store(id=ids.EXPORTS_CHANGED),
        html.Div(html.Div([dmc.Title(_("Exports"), order=1), html.P(lead, className="lead")]), className="page-head"),
        _table(exports) if exports else html.P(_(_NOTHING), className="nothing"),
    ]
    return Page(children, id=ids.PAGE, title=_("Exports"))


def _table(exports: Sequence[Mapping[str, Any]]) -> html.Div:
    head = table_parts.head(
        (_("Report"), _("State"), "#" + _("Rows"), "#" + _("Size"), _("Asked"), _("Kept until"), "")
    )
    table = html.Table([head, html.Tbody([_row(one) for one in exports])], className="list list-rows")
    return html.Div(
        table, className="list-card", tabIndex="0", role="region", **attributes(aria_label=_("Your exports"))
    )


def _row(one: Mapping[str, Any]) -> html.Tr:
    what = [html.Strong(one["title"]), html.Small(values(one["parameters"]) or one["department"])]
    ready = one["state"] == "finished"
    fetch = dmc.Button(
        _("Download {form}", form=one["format"].upper() if one["format"] == "csv" else "Parquet"),
        size="xs",
        variant="default",
        **attributes(data_action="fetch-export", data_for=one["runId"]),
    )
    return html.Tr(
        [
            html.Td(what, className="list-what"),
            table_parts.cell(_("State"), _state(one)),
            table_parts.figure(_("Rows"), count(one["rows"]) if ready else ""),
            table_parts.figure(_("Size"), size(one["bytes"]) if ready else ""),
            table_parts.cell(_("Asked"), moment(one["askedAt"])),
            table_parts.cell(_("Kept until"), kept(one["keptUntil"]) if ready else None),
            html.Td(fetch if ready else None),
        ]
    )


def _state(one: Mapping[str, Any]) -> list[Any]:
    """What became of it, and why, if it failed."""
    state = html.Span(
        _(_WORDS.get(one["state"], noop("Lost"))), className="list-state", **attributes(data_state=one["state"])
    )
    return [state, html.Small(known(one["message"]), className="list-why")] if one.get("message") else [state]
