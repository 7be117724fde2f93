"""Who took which rows away, for admins: a form that is the page's address, and a table. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard import ids
from dashboard.attributes import attributes
from dashboard.pages import table_parts
from dashboard.pages.units import size, values
from dashboard.panels.component import Page

_FIELDS = {
    "from": ("From", "2026-11-23"),
    "to": ("To", "2026-11-23"),
    "email": ("E-mail", "ana@example.com"),
    "report": ("Report", "trips_by_hour"),
    "department": ("Department", "operations"),
}
"""The label of each, and an example of what it takes."""

EVERYTHING = "all"
_KINDS = {
    EVERYTHING: "Everything",
    "download": "Downloads",
    "export": "Exports",
    "link": "Links to exports",
    "read": "Reading beyond a limit",
}
_COLUMNS = ("When", "Who", "What", "Report", "Format", "#Rows", "#Size", "State")
_NOTHING = "No downloads or exports in this time, or none to which all of the above applies."


def render(found: Mapping[str, Any], only: Mapping[str, str]) -> Page:
    """The page; `found` is what `GET /audit` gave for the filters in `only`."""
    records = found["records"]
    lead = "Every download and export, with who took it and how much. Times are UTC; the last seven days unless chosen."
    children = [
        html.Div(html.Div([dmc.Title("Audit", order=1), html.P(lead, className="lead")]), className="page-head"),
        _form(only),
        _more(found),
        _table(records) if records else html.P(_NOTHING, className="nothing"),
    ]
    return Page(children, id=ids.PAGE, title="Audit")


def _form(only: Mapping[str, str]) -> html.Form:
    fields = [_field(name, *described, only.get(name, "")) for name, described in _FIELDS.items()]
    submit = html.Button("Show", type="submit", className="plain-button")
    return html.Form(
        [*fields, _kind(only.get("kind", "")), submit], action="/audit", method="GET", className="audit-form"
    )


def _field(name: str, label: str, example: str, value: str) -> dmc.TextInput:
    return dmc.TextInput(label=label, name=name, value=value, placeholder=example, size="sm")


def _kind(value: str) -> dmc.Select:
    data = [{"value": kind, "label": label} for kind, label in _KINDS.items()]
    return dmc.Select(label="Kind", name="kind", data=data, value=value or EVERYTHING, size="sm", allowDeselect=False)


def _more(found: Mapping[str, Any]) -> html.P | None:
    if not found["more"]:
        return None
    return html.P("There are more; these are the newest. Choose fewer days to see the others.", className="lead")


def _table(records: Sequence[Mapping[str, Any]]) -> html.Div:
    rows = html.Tbody([_row(record) for record in records])
    table = html.Table([table_parts.head(_COLUMNS), rows], className="list list-rows")
    return html.Div(
        table, className="list-card", tabIndex="0", role="region", **attributes(aria_label="Downloads and exports")
    )


def _row(record: Mapping[str, Any]) -> html.Tr:
    told = [record["department"], record["report"], values(record["parameters"])]
    what = [html.Strong(record["title"]), html.Small(" · ".join(filter(None, told)))]
    state = html.Span(record["state"].capitalize(), className="list-state", **attributes(data_state=record["state"]))
    return html.Tr(
        [
            table_parts.cell("When", record["at"][:19].replace("T", " ")),
            table_parts.cell("Who", record["email"]),
            table_parts.cell("What", record["kind"].capitalize()),
            html.Td(what, className="list-what"),
            table_parts.cell("Format", record["format"]),
            table_parts.figure("Rows", f"{record['rows']:,}"),
            table_parts.figure("Size", size(record["bytes"])),
            table_parts.cell("State", state),
        ]
    )
