"""The header of a job file: its schema, and what must fit together in it. Pure; used by `job_file`.

`docs/job-header.md` tells every key; a test holds it to this schema.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Any, Literal, Self

from msgspec import Meta, Struct, field

from backend_lambdas.reports import parameter_checks
from backend_lambdas.reports.header_schema import Part, ready
from backend_lambdas.reports.mistakes import HeaderMistake, inside
from backend_lambdas.reports.parameters import Parameter
from backend_lambdas.reports.report_header import Timeout, Written

PUBLIC = "public"
"""The schema of a table that is named without one."""

_PART = r"[^\W\d][\w$]*"
_TABLE = re.compile(rf"(?:{_PART}\.)?{_PART}")
_VALUE = re.compile(r"\{([^{}]*)\}")
_CRON = re.compile(r"cron\((.*)\)")


class Table(str):
    """A table as `schema.table`; it may be written without the schema `public`."""

    WANTED = "a table such as trips or finance.trips, in lower case"

    @classmethod
    def read(cls, written: Any) -> Self:
        """Of the text in a header; raises `ValueError` for what no table is called."""
        name = str(written)
        if not _TABLE.fullmatch(name) or name != name.lower():
            raise ValueError
        return cls(name if "." in name else f"{PUBLIC}.{name}")


@ready
class JobHeader(Part, frozen=True):
    """Every key a job's header may have."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    writes: Annotated[list[Table], Meta(min_length=1)]
    description: Annotated[str, Meta(max_length=500)] = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    timeout: Timeout = Timeout(15 * 60)
    groups: list[str] = field(default_factory=list)
    approve: list[str] = field(default_factory=list)
    confirm: Annotated[str, Meta(max_length=200)] = ""
    schedule: str | None = None
    transaction: Literal["whole", "each step"] = "whole"
    when_busy: Literal["wait", "refuse"] = "wait"


def read(written: Written) -> tuple[JobHeader, dict[str, JobHeader]]:
    """The header of a job, and those in each language of its texts; raises `ReportError` with line and reason."""
    return written.in_languages(written.values(), lambda values: written.fitted(values, JobHeader, check))


def check(header: JobHeader) -> None:
    """Raises `HeaderMistake` for keys that are right by themselves and do not fit together."""
    with inside("parameters"):
        parameter_checks.check(header.parameters)
        for name, parameter in header.parameters.items():
            with inside(name):
                _check_parameter(parameter)
    with inside("confirm"):
        _check_confirm(header)
    if header.schedule is not None:
        with inside("schedule"):
            _check_schedule(header, header.schedule)


def _check_parameter(parameter: Parameter) -> None:
    if parameter.claim:
        raise HeaderMistake(("claim",), "a job binds nothing from the token: it also runs by its schedule")
    if parameter.choices_from:
        raise HeaderMistake(("choices",), "a job takes no choices from a report: list them")
    if parameter.default_from:
        raise HeaderMistake(("default",), "a job takes no default from a report: write a value or a word")


def _check_confirm(header: JobHeader) -> None:
    for name in _VALUE.findall(header.confirm):
        if name not in header.parameters:
            raise HeaderMistake((), f"{{{name}}} is no parameter of this job")
    if re.search(r"[{}]", _VALUE.sub("", header.confirm)):
        raise HeaderMistake((), "a brace stands alone: write a value as {name}")


def _check_schedule(header: JobHeader, schedule: str) -> None:
    _check_cron(schedule)
    missing = next((name for name, parameter in header.parameters.items() if parameter.needs_value), None)
    if missing is not None:
        raise HeaderMistake((), f"a job that starts by itself needs a default for each parameter: {missing!r} has none")
    if header.approve:
        raise HeaderMistake((), "a job that starts by itself has nobody to approve it: leave out schedule or approve")


class _Field(Struct, frozen=True):
    """A field of a cron expression: its least and greatest number, the names that count from it, and other forms."""

    low: int
    high: int
    names: tuple[str, ...] = ()
    form: str = r"(?!)"

    def number(self, text: str) -> int:
        """What a number or a name stands for; raises `ValueError` when it is not of this field."""
        if text in self.names:
            return self.low + self.names.index(text)
        if not re.fullmatch(r"[0-9]{1,4}", text) or not self.low <= int(text) <= self.high:
            raise ValueError
        return int(text)

    def takes(self, text: str) -> bool:
        """Whether it is `*`, `?` or another form of its own, or a list of values, ranges and increments."""
        if text == "*" or re.fullmatch(self.form, text):
            return True
        try:
            return all(self._is_item(item) for item in text.split(","))
        except ValueError:
            return False

    def _is_item(self, text: str) -> bool:
        start, slash, step = text.partition("/")
        first, hyphen, last = start.partition("-")
        if slash and not (re.fullmatch(r"[0-9]{1,4}", step) and 1 <= int(step) <= self.high):
            return False
        if slash and start == "*":
            return True
        return self.number(first) <= self.number(last if hyphen else first)


_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_DAYS = ("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")
FIELDS: Mapping[str, _Field] = MappingProxyType(
    {
        "minutes": _Field(0, 59),
        "hours": _Field(0, 23),
        "day of month": _Field(1, 31, form=r"\?|L|(?:[1-9]|[12][0-9]|3[01])W"),
        "month": _Field(1, 12, _MONTHS),
        "day of week": _Field(1, 7, _DAYS, form=rf"\?|L|[1-7]L|(?:[1-7]|{'|'.join(_DAYS)})#[1-5]"),
        "year": _Field(1970, 2199),
    }
)
"""The fields of a schedule, in their order.

Source: EventBridge Scheduler user guide, "Schedule types in EventBridge Scheduler", Cron-based schedules.
"""


def cron_parts(schedule: str) -> dict[str, str]:
    """The fields of a schedule that was checked, by their names."""
    return dict(zip(FIELDS, _cron_texts(schedule), strict=True))


def _cron_texts(schedule: str) -> list[str]:
    match = _CRON.fullmatch(schedule)
    return match[1].split(" ") if match else []


def _check_cron(schedule: str) -> None:
    parts = _cron_texts(schedule)
    if len(parts) != len(FIELDS):
        raise HeaderMistake((), f"write cron({' '.join(name.replace(' ', '-') for name in FIELDS)}), six fields in UTC")
    for (name, kind), part in zip(FIELDS.items(), parts, strict=True):
        if not kind.takes(part):
            raise HeaderMistake((), f"{part!r} cannot be the {name}")
    if (parts[2] == "?") == (parts[4] == "?"):
        raise HeaderMistake((), "exactly one of day of month and day of week must be ?")
