"""The header of a report file: its schema, and reading it from YAML. Pure; used by `reports`.

`docs/report-header.md` tells every key; a test holds it to this schema.
"""

import difflib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from backend_lambdas import parameter_checks
from backend_lambdas.chart_keys import Chart
from backend_lambdas.mistakes import HeaderMistake, ReportError, inside
from backend_lambdas.parameters import TAG, ChoicesFrom, DefaultFrom, Parameter

_DURATION = re.compile(r"(\d{1,5})\s*(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
MAX_LIMIT = 100_000


def _seconds(value: Any) -> int:
    match = _DURATION.fullmatch(str(value))
    if not match:
        raise ValueError("write a duration like 30s, 15m or 1h")
    return int(match[1]) * _SECONDS[match[2]]


Duration = Annotated[int, BeforeValidator(_seconds)]
"""Seconds; written `30s`, `15m` or `1h`."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ColumnStyle(_Strict):
    """How a column is named and its values written."""

    label: str | None = None
    format: Literal["currency", "number", "thousands", "percent", "date", "text"] | None = None
    hidden: bool = False


class Header(_Strict):
    """Every key a report's header may have."""

    title: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=500)
    parameters: dict[str, Parameter] = Field(default_factory=dict)
    chart: Chart = Chart()
    columns: dict[str, ColumnStyle] = Field(default_factory=dict)
    cache: Duration = Field(default=0, ge=0, le=23 * 3600)
    timeout: Duration = Field(default=60, ge=1, le=24 * 3600)
    groups: list[str] | None = None
    size: Literal["quarter", "third", "half", "two-thirds", "full"] = "half"
    order: int = 100
    empty: str = "No rows for these filters."
    limit: int = Field(default=50_000, ge=1, le=MAX_LIMIT)
    hidden: bool = False
    download: bool | list[str] = True

    @property
    def open_parameters(self) -> dict[str, Parameter]:
        """Those that a user may set: all but the ones bound from the token."""
        return {name: item for name, item in self.parameters.items() if not item.claim}

    @property
    def runs_alone(self) -> bool:
        """Whether the report can run with nothing sent."""
        return not any(item.needs_value for item in self.parameters.values())


@dataclass(frozen=True)
class Reference:
    """Where a header takes choices or a default from another report's rows; `line` is the file's."""

    report: str
    keys: tuple[str, ...]
    line: int


@dataclass(frozen=True)
class Written:
    """A header's YAML as it stands in its file, where it begins on `first_line`."""

    text: str
    first_line: int

    def read(self) -> Header:
        """The header; raises `ReportError` with line and reason."""
        header = self._validated(self._values())
        try:
            _check(header)
        except HeaderMistake as mistake:
            raise ReportError(self.line_of(mistake.keys), str(mistake)) from mistake
        return header

    def references(self, header: Header) -> tuple[Reference, ...]:
        """Every reference to another report, with its line."""
        return tuple(Reference(report, keys, self.line_of(keys)) for report, keys in _references(header))

    def line_of(self, keys: tuple[str, ...]) -> int:
        """The file's line of the innermost of `keys` that is written there."""
        node, line = yaml.compose(self.text), 0
        for wanted in keys:
            pairs = node.value if isinstance(node, yaml.MappingNode) else []
            found = next(((key, value) for key, value in pairs if key.value == wanted), None)
            if found is None:
                break
            line, node = found[0].start_mark.line, found[1]
        return self.first_line + line

    def _values(self) -> dict[str, Any]:
        try:
            values = yaml.BaseLoader(self.text).get_single_data()  # each value as the text written: 010, 12:30, no
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line if error.problem_mark else 0
            raise ReportError(self.first_line + line, f"the header is not YAML: {error.problem}") from error
        except (yaml.YAMLError, RecursionError) as error:
            raise ReportError(self.first_line, "the header is not YAML") from error
        if not isinstance(values, dict):
            raise ReportError(self.first_line, "the header must be a list of `key: value` lines")
        return values

    def _validated(self, values: dict[str, Any]) -> Header:
        try:
            return Header.model_validate(values)
        except ValidationError as error:
            # A misspelt key comes first: it explains the one that is missing.
            first = min(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")
            keys = tuple(key for key in first["loc"] if isinstance(key, str) and not key.startswith(TAG))
            raise ReportError(self.line_of(keys), _reason(first, keys)) from error


def _check(header: Header) -> None:
    """Raises `HeaderMistake` for keys that are right by themselves and do not fit together."""
    with inside("chart"):
        header.chart.check()
    with inside("parameters"):
        parameter_checks.check(header.parameters)


def _references(header: Header) -> Iterator[tuple[str, tuple[str, ...]]]:
    for name, parameter in header.parameters.items():
        for key, source in (("choices", parameter.choices_from), ("default", parameter.default_from)):
            if source:
                yield source.report, ("parameters", name, key)


def _reason(error: Any, keys: tuple[str, ...]) -> str:
    where = ".".join(keys)
    if error["type"] == "extra_forbidden":
        return f"unknown key {where!r}{_suggestion(keys)}"
    if error["type"] == "missing":
        return f"{where!r} is missing"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}" if where else error["msg"]


_INNER: dict[str, type[BaseModel]] = {"parameters": Parameter, "columns": ColumnStyle, "chart": Chart}
_INNERMOST: dict[str, type[BaseModel]] = {"choices": ChoicesFrom, "default": DefaultFrom}


def _suggestion(keys: tuple[str, ...]) -> str:
    known = _INNERMOST.get(keys[-2]) if len(keys) > 3 else _INNER.get(keys[0]) if len(keys) > 1 else Header
    close = difflib.get_close_matches(keys[-1], known.model_fields, n=1) if known else ()
    return f" (did you mean {close[0]!r}?)" if close else ""
