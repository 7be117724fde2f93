"""A report is one SQL file: a YAML header in a comment, then one SELECT. Pure: text in, `Report` or `BrokenReport` out.

Used by `catalog`, which reads the files from S3. Adding a report adds one file and edits nothing.
"""

import difflib
import hashlib
import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from backend_lambdas import sqltext
from backend_lambdas.errors import BadParameter
from backend_lambdas.parameters import Parameter

_HEADER = re.compile(r"\A\s*/\*---[ \t]*\n(?P<yaml>.*?)^[ \t]*---\*/", re.DOTALL | re.MULTILINE)
_DURATION = re.compile(r"(\d{1,5})\s*(s|m|h)")
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
_SELECT = re.compile(r"\s*(select|with)\b", re.IGNORECASE)


class ReportError(Exception):
    """What is wrong with a report file: a line (counted from 1) and a reason for its author."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(f"line {line}: {reason}")
        self.line = line
        self.reason = reason


def _seconds(value: Any) -> int:
    match = _DURATION.fullmatch(str(value))
    if not match:
        raise ValueError("write a duration like 30s, 15m or 1h")
    return int(match[1]) * _SECONDS[match[2]]


Duration = Annotated[int, BeforeValidator(_seconds)]
"""Seconds; written `30s`, `15m` or `1h`."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Chart(_Strict):
    """How the rows are drawn; which keys a type uses is told in the README."""

    type: Literal["number", "line", "area", "bar", "scatter", "donut", "heatmap", "histogram", "box", "table"] = "table"
    x: str | None = None
    y: list[str] = Field(default_factory=list)
    series: str | None = None
    value: str | None = None
    stacked: bool = False
    horizontal: bool = False
    split: bool = False

    @model_validator(mode="before")
    @classmethod
    def _one_y_is_a_list(cls, values: Any) -> Any:
        if isinstance(values, dict) and isinstance(values.get("y"), str):
            return {**values, "y": [values["y"]]}
        return values


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

    @property
    def open_parameters(self) -> dict[str, Parameter]:
        """Those that a user may set: all but the ones bound from the token."""
        return {name: item for name, item in self.parameters.items() if not item.claim}


@dataclass(frozen=True)
class Report:
    """A report that can run. `version` changes whenever the file does."""

    id: str
    department: str
    header: Header
    sql: str
    version: str

    @property
    def groups(self) -> tuple[str, ...]:
        """The Cognito groups that may see it: the header's, or its department's."""
        return tuple(self.header.groups) if self.header.groups is not None else (self.department,)

    def public(self) -> dict[str, Any]:
        """What `GET /reports` says of it: everything but the SQL and what users cannot choose."""
        header = self.header
        return {
            "id": self.id,
            "department": self.department,
            "title": header.title,
            "description": header.description,
            "parameters": [{"name": name, **item.public()} for name, item in header.open_parameters.items()],
            "chart": header.chart.model_dump(exclude_defaults=True) | {"type": header.chart.type},
            "columns": {name: style.model_dump(exclude_defaults=True) for name, style in header.columns.items()},
            "cacheSeconds": header.cache,
            "timeoutSeconds": header.timeout,
            "size": header.size,
            "order": header.order,
            "empty": header.empty,
            "version": self.version,
        }


@dataclass(frozen=True)
class BrokenReport:
    """A report file with a mistake: it takes down only itself."""

    id: str
    department: str
    file: str
    line: int
    reason: str

    @property
    def groups(self) -> tuple[str, ...]:
        """Who would see it if it worked, as far as that can be known."""
        return (self.department,)

    def public(self, for_author: bool) -> dict[str, Any]:
        """What `GET /reports` says of it; where and why only to authors."""
        known = {"id": self.id, "department": self.department}
        return {**known, "file": self.file, "line": self.line, "reason": self.reason} if for_author else known


def load(path: str, text: str) -> Report | BrokenReport:
    """The report in the file `<department>/<report>.sql`; never raises for what an author may write."""
    department, _, name = path.removesuffix(".sql").rpartition("/")
    try:
        _check_names(department, name)
        header, sql = parse(text)
    except ReportError as error:
        return BrokenReport(name, department, path, error.line, error.reason)
    return Report(name, department, header, sql, hashlib.sha256(text.encode()).hexdigest()[:16])


def load_bytes(path: str, content: bytes) -> Report | BrokenReport:
    """The same from a file's bytes; that they are not UTF-8 is a mistake like any other."""
    try:
        return load(path, content.decode())
    except UnicodeDecodeError as error:
        department, _, name = path.removesuffix(".sql").rpartition("/")
        line = content.count(b"\n", 0, error.start) + 1
        return BrokenReport(name, department, path, line, "the file is not UTF-8 text")


def parse(text: str) -> tuple[Header, str]:
    """Header and SQL of a report file; raises `ReportError` with line and reason."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")  # what editors on Windows add
    match = _HEADER.match(text)
    if not match:
        raise ReportError(1, "the file must begin with a header between /*--- and ---*/")
    first_line = _line_at(text, match.start("yaml"))
    header = _header(match["yaml"], first_line)
    sql, line = _select(text, match.end())
    _check_placeholders(sql, header, line)
    _check_parameters(header, match["yaml"], first_line)
    return header, sql


def _line_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _check_names(department: str, name: str) -> None:
    for kind, value in (("folder", department), ("file", name)):
        if not _NAME.fullmatch(value):
            raise ReportError(1, f"the {kind} name {value!r} must be lower-case letters, digits and underscores")


def _header(text: str, first_line: int) -> Header:
    try:
        values = yaml.BaseLoader(text).get_single_data()  # every value as the text that is written: 010, 12:30, no
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line if error.problem_mark else 0
        raise ReportError(first_line + line, f"the header is not YAML: {error.problem}") from error
    except (yaml.YAMLError, RecursionError) as error:
        raise ReportError(first_line, "the header is not YAML") from error
    if not isinstance(values, dict):
        raise ReportError(first_line, "the header must be a list of `key: value` lines")
    return _validated(values, text, first_line)


def _validated(values: dict[str, Any], text: str, first_line: int) -> Header:
    try:
        return Header.model_validate(values)
    except ValidationError as error:
        # A misspelt key comes first: it explains the one that is missing.
        first = min(error.errors(include_url=False), key=lambda item: item["type"] != "extra_forbidden")
        keys = [str(key) for key in first["loc"] if isinstance(key, str)]
        raise ReportError(first_line + _line_of(text, keys), _reason(first, keys)) from error


def _reason(error: Any, keys: list[str]) -> str:
    where = ".".join(keys)
    if error["type"] == "extra_forbidden":
        return f"unknown key {where!r}{_suggestion(keys)}"
    if error["type"] == "missing":
        return f"{where!r} is missing"
    return f"{where}: {error['msg'].removeprefix('Value error, ')}" if where else error["msg"]


def _suggestion(keys: list[str]) -> str:
    inner: dict[str, type[BaseModel]] = {"parameters": Parameter, "columns": ColumnStyle, "chart": Chart}
    known = inner.get(keys[0], Header) if keys[1:] else Header
    close = difflib.get_close_matches(keys[-1], known.model_fields, n=1)
    return f" (did you mean {close[0]!r}?)" if close else ""


def _line_of(text: str, keys: list[str]) -> int:
    """Lines from the header's first one to the innermost of `keys` that is written there."""
    node, line = yaml.compose(text), 0
    for wanted in keys:
        pairs = node.value if isinstance(node, yaml.MappingNode) else []
        found = next(((key, value) for key, value in pairs if key.value == wanted), None)
        if found is None:
            break
        line, node = found[0].start_mark.line, found[1]
    return line


def _select(text: str, start: int) -> tuple[str, int]:
    """The one SELECT that stands behind `start`, without its semicolon, and the line it begins on."""
    parts = sqltext.statements(text[start:])
    line = _line_at(text, text.index(parts[0], start) if parts else start)
    if len(parts) != 1 or not _SELECT.match(sqltext.without_comments(parts[0])):
        raise ReportError(line, "after the header there must be one SELECT and nothing else")
    return parts[0], line


def _check_placeholders(sql: str, header: Header, line: int) -> None:
    used = sqltext.placeholders(sql)
    for name, position in used.items():
        if name not in header.parameters:
            where = line + _line_at(sql, position) - 1
            raise ReportError(where, f"the SQL uses :{name}, which the header does not declare")
    for name in header.parameters:
        if name not in used:
            raise ReportError(line, f"the parameter {name!r} is declared but the SQL does not use :{name}")


def _check_parameters(header: Header, text: str, first_line: int) -> None:
    for name, parameter in header.parameters.items():
        try:
            parameter.check()
        except (BadParameter, ValueError) as error:
            line = first_line + _line_of(text, ["parameters", name])
            raise ReportError(line, f"parameters.{name}: {error}") from error
