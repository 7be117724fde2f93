"""The filter bar: one control for each parameter name and type that the page's reports have. Pure; used by `pages`."""

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import dash_mantine_components as dmc

from dashboard import ids

Parameter = Mapping[str, Any]
_CONTROL = {"size": "xs", "labelProps": {"fz": 12, "c": "dimmed", "fw": 400, "mb": 2}}


def shared(reports: Iterable[Mapping[str, Any]]) -> list[Parameter]:
    """The parameters of a page, each once: the first report's word about a name and type counts."""
    found: dict[tuple[str, str], Parameter] = {}
    for report in reports:
        for parameter in report["parameters"]:
            found.setdefault((parameter["name"], parameter["type"]), parameter)
    return list(found.values())


def control(parameter: Parameter) -> Any:
    """The Mantine component for a parameter, showing its default."""
    label = parameter.get("label") or parameter["name"].replace("_", " ").capitalize()
    common = {
        "id": ids.filter_control(parameter["name"], parameter["type"]),
        "label": label,
        "description": parameter.get("help"),
        **_CONTROL,
    }
    return _CONTROLS[parameter["type"]](parameter, common)


def _month(parameter: Parameter, common: dict[str, Any]) -> Any:
    return dmc.MonthPickerInput(
        value=_first_day(parameter.get("default")),
        minDate=_first_day(parameter.get("min")),
        maxDate=_first_day(parameter.get("max")),
        valueFormat="MMMM YYYY",
        w=170,
        **common,
    )


def _year(parameter: Parameter, common: dict[str, Any]) -> Any:
    default = parameter.get("default")
    return dmc.YearPickerInput(value=f"{default}-01-01" if default else None, w=120, **common)


def _date(parameter: Parameter, common: dict[str, Any]) -> Any:
    return dmc.DatePickerInput(
        value=parameter.get("default"),
        minDate=parameter.get("min"),
        maxDate=parameter.get("max"),
        valueFormat="MMM D, YYYY",
        w=160,
        **common,
    )


def _number(parameter: Parameter, common: dict[str, Any]) -> Any:
    return dmc.NumberInput(
        value=_numeric(parameter.get("default")),
        min=_numeric(parameter.get("min")),
        max=_numeric(parameter.get("max")),
        allowDecimal=parameter["type"] == "number",
        debounce=400,
        w=120,
        **common,
    )


def _text(parameter: Parameter, common: dict[str, Any]) -> Any:
    return dmc.TextInput(value=parameter.get("default", ""), debounce=400, w=180, **common)


def _choice(parameter: Parameter, common: dict[str, Any]) -> Any:
    return dmc.Select(
        value=parameter.get("default"), data=list(parameter["choices"]), allowDeselect=False, w=160, **common
    )


_CONTROLS: dict[str, Callable[[Parameter, dict[str, Any]], Any]] = {
    "month": _month,
    "year": _year,
    "date": _date,
    "integer": _number,
    "number": _number,
    "text": _text,
    "choice": _choice,
}


def _first_day(month: str | None) -> str | None:
    return datetime.date.fromisoformat(f"{month}-01").isoformat() if month else None


def _numeric(text: str | None) -> float | int | None:
    if text is None:
        return None
    return int(text) if text.lstrip("+-").isdigit() else float(text)
