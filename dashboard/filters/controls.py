"""The filter bar: one control for each parameter name and type that the page's reports have. Pure; used by `pages`."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import dash_mantine_components as dmc

from dashboard import ids
from dashboard.filters.choices import Choices
from dashboard.filters.query_codec import MAX_VALUES
from dashboard.locales.locale import current
from dashboard.locales.words import _, noop

Parameter = Mapping[str, Any]
_CONTROL = {"size": "xs", "labelProps": {"fz": 12, "c": "dimmed", "fw": 400, "mb": 2}}
_LIST = {"comboboxProps": {"keepMounted": False}}  # laid out once it is opened
_SPANS = (
    noop("Today"),
    noop("Yesterday"),
    noop("This month"),
    noop("Last month"),
    noop("This year"),
    noop("Last year"),
    noop("Last 7 days"),
    noop("Last 30 days"),
)
"""What the words of a range are called, as they begin a line."""
_MANY_CHOICES = 8  # from here on one can type to find a choice


def shared(reports: Iterable[Mapping[str, Any]]) -> list[Parameter]:
    """The parameters of a page, each once: the first report's word about a name and type counts."""
    found: dict[tuple[str, str], Parameter] = {}
    for report in reports:
        for parameter in report["parameters"]:
            found.setdefault((parameter["name"], parameter["type"]), parameter)
    return list(found.values())


def label(parameter: Parameter) -> str:
    """What its control is called: what its header says, or its name."""
    return str(parameter.get("label") or parameter["name"].replace("_", " ").capitalize())


def choice_labels(parameter: Parameter) -> dict[str, str]:
    """What people read in the place of its choices, for those that have labels; nothing of a long list."""
    choices = parameter.get("choices", ())
    if isinstance(choices, Choices):
        return {} if choices.is_long else {one: words for one, words in choices.labels.items() if words != one}
    named = (choice for choice in choices if not isinstance(choice, str))
    return {choice["value"]: choice["label"] for choice in named}


def control(parameter: Parameter, value: Any = None) -> Any:
    """The Mantine component for a parameter, showing `value` (as the wire has it) or its default.

    One whose default or choices are another report's rows (`defaultFrom`, `choicesFrom`) is empty until `value` or
    `data` is set.
    """
    common = {
        "id": ids.filter_control(parameter["name"], parameter["type"]),
        "label": label(parameter),
        "description": parameter.get("help"),
        **_CONTROL,
    }
    return _CONTROLS[parameter["type"]](parameter, parameter.get("default") if value is None else value, common)


def _month(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    dates = _dates(parameter, value, "-01")
    return dmc.MonthPickerInput(valueFormat=current().conventions.calendar.dayjs("yMMMM"), w=170, **dates, **common)


def _year(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    return dmc.YearPickerInput(w=120, **_dates(parameter, value, "-01-01"), **common)


def _date(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    return dmc.DatePickerInput(
        valueFormat=current().conventions.calendar.dayjs("yMMMd"), w=160, **_dates(parameter, value), **common
    )


def _range(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    dates = _dates(parameter, None) | {"value": value}
    presets = [{"label": _(word.capitalize()), "value": span} for word, span in parameter.get("words", {}).items()]
    return dmc.DatePickerInput(
        type="range",
        valueFormat=current().conventions.calendar.dayjs("yMMMd"),
        allowSingleDateInRange=True,
        presets=presets or None,
        w=230,
        **dates,
        **common,
    )


def _dates(parameter: Parameter, value: str | None, rest: str = "") -> dict[str, str | None]:
    """Value and bounds as a picker takes them: whole dates, each with the `rest` that the wire leaves out."""
    texts = {"value": value, "minDate": parameter.get("min"), "maxDate": parameter.get("max")}
    return {name: text and text + rest for name, text in texts.items()}


def _number(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    return dmc.NumberInput(
        value=_numeric(value),
        min=_numeric(parameter.get("min")),
        max=_numeric(parameter.get("max")),
        allowDecimal=parameter["type"] == "number",
        decimalSeparator=current().conventions.decimal,
        debounce=400,
        w=120,
        **common,
    )


def _text(_: Parameter, value: Any, common: dict[str, Any]) -> Any:
    return dmc.TextInput(value=value or "", debounce=400, w=180, **common)


def _choice(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    offered = _offered(parameter, value)
    is_many = "choicesFrom" in parameter or len(offered["data"]) >= _MANY_CHOICES
    return dmc.Select(value=value, allowDeselect=False, w=160, **{"searchable": is_many, **offered}, **_LIST, **common)


def _several(parameter: Parameter, value: Any, common: dict[str, Any]) -> Any:
    """Chosen from a list; free texts, each ended by Enter or a comma, where there is none."""
    chosen = list(dict.fromkeys(value or ()))
    if "choices" not in parameter and "choicesFrom" not in parameter:
        return dmc.TagsInput(value=chosen, maxTags=MAX_VALUES, clearable=True, w=230, **_LIST, **common)
    offered = {"searchable": True, **_offered(parameter, chosen)}
    return dmc.MultiSelect(value=chosen, maxValues=MAX_VALUES, clearable=True, miw=260, **offered, **_LIST, **common)


def _offered(parameter: Parameter, chosen: Any) -> dict[str, Any]:
    """The props by which a control offers the choices that are known."""
    choices = parameter.get("choices", ())
    if not isinstance(choices, Choices):
        return {"data": list(choices)}
    return {name: value for name, value in choices.props(chosen).items() if value is not None}


_CONTROLS: dict[str, Callable[[Parameter, Any, dict[str, Any]], Any]] = {
    "month": _month,
    "year": _year,
    "date": _date,
    "daterange": _range,
    "integer": _number,
    "number": _number,
    "text": _text,
    "choice": _choice,
    "several": _several,
}


def _numeric(value: str | float | None) -> float | int | None:
    """A number as the control takes it; without a fraction where it has none, so that whole numbers stay whole."""
    if value is None or value == "":
        return None
    text = str(value)
    return int(text) if text.lstrip("+-").isdigit() else float(text)
