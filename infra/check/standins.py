"""Values for parameters that the header gives none: from the report that has the default, or made up by type.

Used by `checking`: for whether a query runs, and which columns it gives, one value is as good as another.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

from backend_lambdas.errors import BadParameter
from backend_lambdas.reports import relative_values
from backend_lambdas.reports.parameters import Parameter
from backend_lambdas.reports.report_file import Report
from infra.check.files import ReportFile
from infra.check.findings import Finding
from infra.check.warehouse import Answer

_DAY = "2015-12-01"
_BY_TYPE: Mapping[str, Any] = MappingProxyType(
    {"date": _DAY, "month": "2015-12", "year": "2015", "daterange": [_DAY, _DAY], "several": ["1"]}
)
_OTHERWISE = "1"  # a text as well as a number


class NoValue(Exception):
    """A value comes from a report that gives none; the sentence says so."""


def sent(report: Report, answers: Mapping[str, Answer]) -> dict[str, Any]:
    """What a page would send for the parameters that need a value, as far as it takes them from other reports' rows."""
    needy = {name: item for name, item in report.header.open_parameters.items() if item.needs_value}
    return {name: _value(item, answers) for name, item in needy.items()}


def made_up(declared: Mapping[str, Parameter]) -> dict[str, Any]:
    """A value for each parameter that needs one."""
    return {name: _made_up(item) for name, item in declared.items() if item.needs_value}


def unfit(file: ReportFile, report: Report, sent: Mapping[str, Any]) -> Iterator[Finding]:
    """A finding for each default from another report's rows that the parameter itself refuses."""
    for name, item in report.header.open_parameters.items():
        if item.default_from and name in sent:
            try:
                item.bound(name, sent[name], relative_values.today())
            except BadParameter as error:
                value = f"{sent[name]!r}, which the report {item.default_from.report!r} gives,"
                line = file.line_of_key("parameters", name, "default")
                yield Finding(file.path, line, f"parameters.{name}.default: {value} does not fit: {error}")


def claims(report: Report) -> dict[str, str]:
    """Claims that a user's token might have."""
    return {item.claim: str(_made_up(item)) for item in report.header.parameters.values() if item.claim}


def _value(parameter: Parameter, answers: Mapping[str, Answer]) -> Any:
    value = _of_another_report(parameter, answers)
    if value is None:
        return _made_up(parameter)
    return {"several": [value], "daterange": [value, value]}.get(parameter.type, value)


def _of_another_report(parameter: Parameter, answers: Mapping[str, Answer]) -> Any:
    default, choices = parameter.default_from, parameter.choices_from
    if default:
        return _first(default.report, default.column, answers)
    return _first(choices.report, choices.value, answers) if choices else None


def _first(report: str, column: str, answers: Mapping[str, Answer]) -> Any:
    row = answers[report].first if report in answers else None
    if row is None:
        raise NoValue(f"the report {report!r}, which has its values, gives no row here")
    return row.get(column)


def _made_up(parameter: Parameter) -> Any:
    if parameter.offered:
        return parameter.offered[:1] if parameter.type == "several" else parameter.offered[0]
    low, high = parameter.bounds(relative_values.today())
    value = low or high or _BY_TYPE.get(parameter.type, _OTHERWISE)
    return [value, value] if parameter.type == "daterange" and isinstance(value, str) else value
