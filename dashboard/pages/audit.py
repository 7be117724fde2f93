"""Who took which rows away, for admins: a form that is the page's address, and a table. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import html

from dashboard.attributes import wild
from dashboard.taken import size, values

_FIELDS = {"from": "From", "to": "To", "email": "E-mail", "report": "Report", "department": "Department"}
EVERYTHING = "all"
_KINDS = {EVERYTHING: "Everything", "download": "Downloads", "export": "Exports", "link": "Links to exports"}
_COLUMNS = ("When", "Who", "What", "Report", "As", "Rows", "Size", "State")


def render(found: Mapping[str, Any], only: Mapping[str, str]) -> list[Any]:
    """The page; `found` is what `GET /audit` gave for the filters in `only`."""
    records = found["records"]
    lead = "Every download and export, with who took it and how much. Times are UTC; the last seven days unless chosen."
    return [
        html.Div(html.Div([dmc.Title("Audit", order=1), html.P(lead, className="lead")]), className="page-head"),
        _form(only),
        _more(found),
        _table(records) if records else html.P("Nothing was taken away in this time.", className="nothing"),
    ]


def _form(only: Mapping[str, str]) -> html.Form:
    fields = [_field(name, label, only.get(name, "")) for name, label in _FIELDS.items()]
    submit = html.Button("Show", type="submit", className="plain-button")
    return html.Form(
        [*fields, _kind(only.get("kind", "")), submit], action="/audit", method="GET", className="audit-form"
    )


def _field(name: str, label: str, value: str) -> dmc.TextInput:
    placeholder = "2026-11-23" if name in {"from", "to"} else ""
    return dmc.TextInput(label=label, name=name, value=value, placeholder=placeholder, size="sm", w=150)


def _kind(value: str) -> dmc.Select:
    data = [{"value": kind, "label": label} for kind, label in _KINDS.items()]
    return dmc.Select(
        label="Kind", name="kind", data=data, value=value or EVERYTHING, size="sm", w=150, allowDeselect=False
    )


def _more(found: Mapping[str, Any]) -> html.P | None:
    if not found["more"]:
        return None
    return html.P("There are more; these are the newest. Choose fewer days to see the others.", className="lead")


def _table(records: Sequence[Mapping[str, Any]]) -> html.Div:
    head = html.Thead(html.Tr([html.Th(name) for name in _COLUMNS]))
    table = html.Table([head, html.Tbody([_row(record) for record in records])], className="list")
    return html.Div(table, className="list-card", tabIndex="0", **wild(aria_label="What was taken away"))


def _row(record: Mapping[str, Any]) -> html.Tr:
    what = [html.Strong(record["title"]), html.Small(values(record["parameters"]) or record["department"])]
    state = html.Span(record["state"].capitalize(), className="list-state", **wild(data_state=record["state"]))
    return html.Tr(
        [
            html.Td(record["at"][:19].replace("T", " ")),
            html.Td(record["email"]),
            html.Td(record["kind"].capitalize()),
            html.Td(what, className="list-what"),
            html.Td(record["format"]),
            html.Td(f"{record['rows']:,}", className="list-number"),
            html.Td(size(record["bytes"]), className="list-number"),
            html.Td(state),
        ]
    )
