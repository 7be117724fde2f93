"""Filters beyond the plain bar: those whose choices or default are another report's rows, and a panel's own ones.

The browser runs the source report like any other (`assets/js/page/requests.js`); its rows come to `fill_filter`, and
what is typed into a long list of them to `find_choices`.
"""

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any

from dash import set_props

from dashboard import ids, native_threads
from dashboard.auth.user_pool import User
from dashboard.errors import GatewayError, UnusableRequest, UserError
from dashboard.filters import controls
from dashboard.filters.choices import MAX_SEARCH_LENGTH, Choices, choices_of
from dashboard.filters.source_values import Source, SourceValues, sources_of
from dashboard.gateway.client import Gateway
from dashboard.gateway.results import Result
from dashboard.grid.sources import most_rows
from dashboard.layouts.page_plan import page_plan
from dashboard.locales.words import _
from dashboard.web.callback_values import ChoicesWanted

_LENGTHS = {"month": 7, "year": 4, "date": 10}

_EMPTY: Mapping[str, Any] = {"text": "", "integer": "", "number": "", "several": [], "daterange": [None, None]}
"""The value of a control without a value; None for the other types."""

Parameter = Mapping[str, Any]
Listing = Mapping[str, Any]


def filled(parameter: Parameter, source: str, result: Result) -> dict[str, Any]:
    """The parameter with the choices or default from the rows of report `source`; no rows leave it as it is."""
    known = dict(parameter)
    if known.get("choicesFrom", {}).get("report") == source:
        known["choices"] = choices_of(known.pop("choicesFrom"), result)
    if known.get("defaultFrom", {}).get("report") == source:
        first = _column(result, known.pop("defaultFrom")["column"])[:1]
        known |= {"default": _default(known["type"], first[0])} if first else {}
    return known


def resolved(
    parameter: Parameter, user: User, listing: Listing, values: SourceValues, filters: Mapping[str, Any]
) -> tuple[dict[str, Any], list[Source]]:
    """The parameter as far as kept rows fill it, and the sources that have to be run for it, now or later.

    `filters` are the values of other filters, as far as they are known.
    """
    known, to_run = dict(parameter), []
    reports = {report["id"]: report for report in listing["reports"]}
    for source in sources_of(parameter):
        sent = {name: filters[name] for name in source.sent if filters.get(name)}
        is_known = source.report in reports and len(sent) == len(source.sent)
        kept = values.get(user.sub, reports[source.report], sent) if is_known else None
        if kept:
            known = filled(known, source.report, kept[0])
        if source.sent or not kept or not kept[1]:
            to_run.append(source)
    return known, to_run


def fill_filter(
    gateway: Gateway,
    token: str,
    user: User,
    values: SourceValues,
    finished: Mapping[str, Any] | None,
    place: Mapping[str, str],
    chosen: Any,
) -> str | None:
    """Sets the filter at `place` (`{name, kind}`) from the rows of one of its source reports.

    `finished` is the run's message with its `report` and the `page` (see `page_plan`), `chosen` the control's value. On
    a page with filters of several others, each name begins with the page's id. Returns why rows cannot be had.
    """
    if not finished:
        return None
    try:
        listing = gateway.reports(token)
        source, parameter = _source(listing, finished["report"]), _parameter_at(place, listing, finished["page"])
        if parameter is None or source is None:
            return None  # the reports changed meanwhile, and with them the page
        result = gateway.result(token, finished["statementId"], most_rows(source))
    except UserError as error:
        return error.message
    sent = finished.get("values", {})
    stays = finished.get("pinned") or _is_chosen(chosen, parameter, source["id"], values.get(user.sub, source, sent))
    values.put(user.sub, source, result, sent)
    known = filled(parameter, source["id"], result) | {"name": place["name"]}
    _set_filter(known, chosen, stays=stays, clears=bool(sent))
    return None


def find_choices(gateway: Gateway, token: str, wanted: ChoicesWanted | None) -> None:
    """Sets what the control of a long list offers to the choices that contain what is typed, or the control's error.

    Raises `UserError` for a request that no page of ours sends, and for rows that are no longer kept.
    """
    if not wanted:
        return
    if len(wanted["text"]) > MAX_SEARCH_LENGTH:
        raise UnusableRequest
    control = ids.filter_control(wanted["name"], wanted["kind"])
    try:
        choices = _wanted_choices(gateway, token, wanted)
    except GatewayError as error:
        if error.status == HTTPStatus.NOT_FOUND:
            raise
        set_props(control, {"error": error.message})
    else:
        set_props(control, {**native_threads.run(choices.props, wanted["chosen"], wanted["text"]), "error": None})


def _wanted_choices(gateway: Gateway, token: str, wanted: ChoicesWanted) -> Choices:
    """The whole list, if the user may see the report that it is from."""
    listing = gateway.reports(token)
    parameter = _parameter_at({"name": wanted["name"], "kind": wanted["kind"]}, listing, wanted["page"]) or {}
    source = _source(listing, parameter.get("choicesFrom", {}).get("report", ""))
    if source is None:
        raise UnusableRequest
    result = gateway.result(token, wanted["statementId"], most_rows(source))
    if result.report != source["id"]:
        raise UnusableRequest
    return choices_of(parameter["choicesFrom"], result)


def _source(listing: Mapping[str, Any], report_id: str) -> Mapping[str, Any] | None:
    return next((report for report in listing["reports"] if report["id"] == report_id), None)


def _parameter_at(place: Mapping[str, str], listing: Mapping[str, Any], page: str) -> Parameter | None:
    """The parameter of the filter at `place`; None where the page has it no longer."""
    plan = page_plan(listing, page)
    return parameter_of(plan.parameters() if plan else (), place["name"].rpartition(".")[2], place["kind"])


def _offered(chosen: Any, choices: Choices) -> Any:
    """What of a control's value is still offered, where the choices depend on another filter; None for nothing."""
    if isinstance(chosen, list):
        return [value for value in chosen if choices.offer(value)] or None
    return chosen if choices.offer(chosen) else None


def _is_chosen(value: Any, parameter: Parameter, source: str, before: tuple[Result, bool] | None) -> bool:
    """Whether somebody has chosen a control's value: it is not the default that the rows before gave."""
    known = filled(parameter, source, before[0]) if before else {}
    return known.get("default") is None or value != controls.control(known).value


def _set_filter(known: Parameter, chosen: Any, *, stays: bool, clears: bool) -> None:
    """Sets the choices and the default of a filter's control; the page is told the default, which nobody has chosen.

    With `clears` a control whose value `stays` keeps what is still offered of it.
    """
    choices, props = known.get("choices"), {}
    kept = chosen if stays else None
    if clears:
        kept = _offered(kept, choices) if isinstance(choices, Choices) else None
        props["value"] = kept or _EMPTY.get(known["type"])
    if known.get("default") is not None:
        set_props(ids.PAGE, {"defaults": {known["name"]: known["default"]}})
        if not kept:
            props["value"] = controls.control(known).value
    if isinstance(choices, Choices):
        props |= choices.props(props.get("value", chosen))
    if props:
        set_props(ids.filter_control(known["name"], known["type"]), props)


def own_controls(report: Mapping[str, Any], topic: str, own: Mapping[str, Any]) -> list[Any]:
    """The controls of a panel's own filters; those that another report's rows fill stand on the page only."""
    parameters = [parameter for parameter in report["parameters"] if "choicesFrom" not in parameter]
    return [own_control(parameter, topic, own.get(parameter["name"])) for parameter in parameters]


def own_control(parameter: Parameter, topic: str, value: Any) -> Any:
    """A panel's own control of a parameter: while it is empty the page's value counts."""
    control = controls.control(parameter, value)
    control.id = ids.own_control(topic, parameter["name"], parameter["type"])
    if value is None:
        control.value = _EMPTY.get(parameter["type"])
    near = controls.control(parameter).value if parameter["type"] in _LENGTHS else None
    settings = {"clearable": True, "placeholder": _("As the page"), "w": "100%", "defaultDate": near}
    for name, setting in settings.items():
        if name in control.available_properties:
            setattr(control, name, setting)
    return control


def parameter_of(parameters: Iterable[Parameter], name: str, kind: str) -> Parameter | None:
    """The parameter of this name and type among those of a filter bar."""
    return next((each for each in parameters if (each["name"], each["type"]) == (name, kind)), None)


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
