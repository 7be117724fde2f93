"""Who took which rows away, for admins: a form that is the page's address, and a table. Pure."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.charts.formats import count
from dashboard.locales.words import _, noop
from dashboard.pages import table_parts
from dashboard.pages.units import size, values, written, zone
from dashboard.panels.component import Page

_FIELDS = {
    "from": (noop("From"), "2026-11-23"),
    "to": (noop("To"), "2026-11-23"),
    "email": (noop("E-mail"), "ana@example.com"),
    "report": (noop("Report"), "trips_by_hour"),
    "department": (noop("Department"), "operations"),
}
"""The label of each, and an example of what it takes."""

EVERYTHING = "all"
_KINDS = {
    EVERYTHING: noop("Everything"),
    "download": noop("Downloads"),
    "export": noop("Exports"),
    "link": noop("Links to exports"),
    "read": noop("Reading beyond a limit"),
}
_TAKEN = {"download": noop("Download"), "export": noop("Export"), "link": noop("Link"), "read": noop("Read")}
_STATES = {
    "started": noop("Started"),
    "completed": noop("Completed"),
    "failed": noop("Failed"),
    "cancelled": noop("Cancelled"),
}
_NOTHING = noop("No downloads or exports in this time, or none to which all of the above applies.")


def render(found: Mapping[str, Any], only: Mapping[str, str]) -> Page:
    """The page; `found` is what `GET /audit` gave for the filters in `only`."""
    records = found["records"]
    lead = _(
        "Every download and export, with who took it and how much. "
        "Times are {zone}; the last seven days unless chosen.",
        zone=zone(),
    )
    children = [
        html.Div(html.Div([dmc.Title(_("Audit"), order=1), html.P(lead, className="lead")]), className="page-head"),
        _form(only),
        _more(found),
        _table(records) if records else html.P(_(_NOTHING), className="nothing"),
    ]
    return Page(children, id=ids.PAGE, title=_("Audit"))


def _form(only: Mapping[str, str]) -> html.Form:
    fields = [_field(name, _(label), example, only.get(name, "")) for name, (label, example) in _FIELDS.items()]
    submit = html.Button(_("Show"), type="submit", className="plain-button")
    return html.Form(
        [*fields, _kind(only.get("kind", "")), submit], action="/audit", method="GET", className="audit-form"
    )


def _field(name: str, label: str, example: str, value: str) -> dmc.TextInput:
    return dmc.TextInput(label=label, name=name, value=value, placeholder=example, size="sm")


def _kind(value: str) -> dmc.Select:
    data = [{"value": kind, "label": _(label)} for kind, label in _KINDS.items()]
    return dmc.Select(
        label=_("Kind"), name="kind", data=data, value=value or EVERYTHING, size="sm", allowDeselect=False
    )


def _more(found: Mapping[str, Any]) -> html.P | None:
    if not found["more"]:
        return None
    return html.P(_("There are more; these are the newest. Choose fewer days to see the others."), className="lead")


def _table(records: Sequence[Mapping[str, Any]]) -> html.Div:
    rows = html.Tbody([_row(record) for record in records])
    table = html.Table([table_parts.head(_columns()), rows], className="list list-rows")
    return html.Div(
        table, className="list-card", tabIndex="0", role="region", **attributes(aria_label=_("Downloads and exports"))
    )


def _columns() -> list[str]:
    figures = [f"#{_('Rows')}", f"#{_('Size')}"]
    return [_("When"), _("Who"), _("What"), _("Report"), _("Format"), *figures, _("State")]


def _row(record: Mapping[str, Any]) -> html.Tr:
    told = [record["department"], record["report"], values(record["parameters"])]
    what = [html.Strong(record["title"]), html.Small(" · ".join(filter(None, told)))]
    state = html.Span(
        _(_STATES.get(record["state"], record["state"].capitalize())),
        className="list-state",
        **attributes(data_state=record["state"]),
    )
    return html.Tr(
        [
            table_parts.cell(_("When"), written(datetime.datetime.fromisoformat(record["at"]), "%H:%M:%S")),
            table_parts.cell(_("Who"), record["email"]),
            table_parts.cell(_("What"), _(_TAKEN.get(record["kind"], record["kind"].capitalize()))),
            html.Td(what, className="list-what"),
            table_parts.cell(_("Format"), record["format"]),
            table_parts.figure(_("Rows"), count(record["rows"])),
            table_parts.figure(_("Size"), size(record["bytes"])),
            table_parts.cell(_("State"), state),
        ]
    )
