"""Filters beyond the plain bar: those whose choices or default are another report's rows, and a panel's own ones.

Used by `panels` and `callbacks`. The browser runs the source report like any other; its rows come here.
"""

from collections.abc import Mapping
from typing import Any

from dashboard import ids
from dashboard.filters import controls as filters
from dashboard.gateway.results import Result

MOST_CHOICES = 1_000
_LENGTHS = {"month": 7, "year": 4, "date": 10}

_EMPTY: Mapping[str, Any] = {"text": "", "integer": "", "number": "", "several": [], "daterange": [None, None]}
"""What a control without a value holds; None for the others."""

Parameter = Mapping[str, Any]


def filled(parameter: Parameter, source: str, result: Result) -> dict[str, Any]:
    """The parameter with the choices or default that the rows of report `source` give; an empty result gives none."""
    known = dict(parameter)
    if known.get("choicesFrom", {}).get("report") == source:
        known["choices"] = _choices(known.pop("choicesFrom"), result)
    if known.get("defaultFrom", {}).get("report") == source:
        first = _column(result, known.pop("defaultFrom")["column"])[:1]
        known |= {"default": _default(known["type"], first[0])} if first else {}
    return known


def own(parameter: Parameter, topic: str, value: Any) -> Any:
    """A panel's own control of a parameter: empty means that the page's counts."""
    control = filters.control(parameter, value)
    control.id = ids.own_control(topic, parameter["name"], parameter["type"])
    if value is None:
        control.value = _EMPTY.get(parameter["type"])
    near = filters.control(parameter).value if parameter["type"] in _LENGTHS else None
    settings = {"clearable": True, "placeholder": "As the page", "w": "100%", "defaultDate": near}
    for name, setting in settings.items():
        if name in control.available_properties:
            setattr(control, name, setting)
    return control


def _choices(wanted: Mapping[str, str], result: Result) -> list[dict[str, str]]:
    values = _column(result, wanted["value"])
    labels = _column(result, wanted.get("label") or wanted["value"])
    pairs = dict(zip(map(str, values), map(str, labels), strict=True))
    return [{"value": value, "label": label} for value, label in list(pairs.items())[:MOST_CHOICES]]


def _column(result: Result, name: str) -> list[Any]:
    """The values of a column, without NULL; none when there is no such column."""
    names = [column.name for column in result.columns]
    if name not in names:
        return []
    return [record[names.index(name)] for record in result.records if record[names.index(name)] is not None]


def _default(kind: str, value: Any) -> str | list[str]:
    """A row's value as a default on the wire: a month of a date, a list for what takes several."""
    text = str(value)[: _LENGTHS.get(kind)]
    return [text] if kind == "several" else text
