"""The header of a report file: its schema, and reading it from YAML. Pure; used by `report_file`.

`Written` reads any header, so `jobs` uses it as well.

`docs/report-header.md` tells every key; a test holds it to this schema.
"""

import re
from collections.abc import Callable, Collection, Iterator
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self, TypeVar

import yaml
from msgspec import Meta, Struct, field
from yaml.constructor import BaseConstructor

from backend_lambdas.languages.currency import Currency
from backend_lambdas.languages.texts import in_language, languages_in
from backend_lambdas.reports import chart_keys, column_keys, header_schema, parameter_checks
from backend_lambdas.reports.chart_keys import Chart
from backend_lambdas.reports.column_keys import ColumnStyle
from backend_lambdas.reports.header_schema import P, Part, ready
from backend_lambdas.reports.mistakes import HeaderMistake, ReportError, inside
from backend_lambdas.reports.parameters import Parameter

Values = dict[str, Any]
"""A header as it is written: texts, lists and mappings of them."""

H = TypeVar("H")

_DURATION = re.compile(r"(\d{1,5})\s*(s|m|h|d)")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 24 * 3600}
MAX_LIMIT = 100_000


class Duration(int):
    """Seconds; written `30s`, `15m`, `1h` or `7d`."""

    SHORTEST: ClassVar[int]
    LONGEST: ClassVar[int]
    WANTED: ClassVar[str]

    @classmethod
    def read(cls, written: Any) -> Self:
        """Of the text in a header; raises `ValueError` for another form, and outside of the limits."""
        match = _DURATION.fullmatch(str(written))
        seconds = int(match[1]) * _SECONDS[match[2]] if match else -1
        if not cls.SHORTEST <= seconds <= cls.LONGEST:
            raise ValueError
        return cls(seconds)


class CacheTime(Duration):
    """How long a result may answer: at most as long as its rows are kept."""

    SHORTEST, LONGEST = 0, 90 * 24 * 3600
    WANTED = "a duration like 30s, 15m, 1h or 7d, up to 90d"


class Live(Duration):
    """Whether an open panel shows new rows by itself: when its tables change, and after how many seconds besides.

    False offers a button when they change; true has no seconds.
    """

    SHORTEST, LONGEST = 10, 24 * 3600
    WANTED = "`true`, `false`, or a duration like 30s, 5m or 1h, from 10s to 24h"

    @classmethod
    def read(cls, written: Any) -> Self:
        """Of the text in a header; raises `ValueError` for another form, and outside of the limits."""
        words = {"true": 1, "false": 0}
        return cls(words[written]) if written in words else super().read(written)

    @property
    def seconds(self) -> int | None:
        """After how long a watched panel asks again; None where only a change makes it do so."""
        return int(self) if self >= self.SHORTEST else None


class FreshTime(Duration):
    """How old a load may be."""

    SHORTEST, LONGEST = 60, 90 * 24 * 3600
    WANTED = "a duration like 24h or 7d, from 60s to 90d"


class Timeout(Duration):
    """How long a statement may take: one day is the longest that the Data API runs it."""

    SHORTEST, LONGEST = 1, 24 * 3600
    WANTED = "a duration like 30s, 15m or 1h, from 1s to 24h"


Keep = Literal["1d", "7d", "30d", "90d"]
"""How long rows are kept: for each there is a lifecycle rule of the results' bucket."""


@ready
class Header(Part, frozen=True):
    """Every key a report's header may have."""

    title: Annotated[str, Meta(min_length=1, max_length=120)]
    description: Annotated[str, Meta(max_length=500)] = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    chart: Chart = Chart()
    columns: dict[str, ColumnStyle] = field(default_factory=dict)
    currency: Currency | None = None
    cache: CacheTime = CacheTime(0)
    keep: Keep = "1d"
    timeout: Timeout = Timeout(60)
    groups: list[str] | None = None
    size: Literal["quarter", "third", "half", "two-thirds", "full"] = "half"
    order: int = 100
    empty: str = "No rows for these filters."
    limit: Annotated[int, Meta(ge=1, le=MAX_LIMIT)] = 50_000
    hidden: bool = False
    download: bool | list[str] = True
    live: Live = Live(True)
    fresh: FreshTime | None = None

    @property
    def open_parameters(self) -> dict[str, Parameter]:
        """Those that a user may set: all but the ones bound from the token."""
        return {name: item for name, item in self.parameters.items() if not item.claim}

    @property
    def cache_seconds(self) -> int:
        """How long a result may answer: with a time in `live`, so long that all who look share one statement."""
        times = [seconds for seconds in (int(self.cache), self.live.seconds) if seconds]
        return min(times, default=0)

    @property
    def keep_days(self) -> int:
        """For how many days rows that were read once may be read again."""
        return int(self.keep.removesuffix("d"))

    def lacks(self, sent: Collection[str]) -> list[str]:
        """The parameters without which the report cannot run, when values for these are sent."""
        return [name for name, item in self.parameters.items() if item.needs_value and name not in sent]


class Reference(Struct, frozen=True):
    """Where a header takes choices or a default from another report's rows; `line` is the file's.

    `sent` are the parameters that the other report is run with.
    """

    report: str
    keys: tuple[str, ...]
    line: int
    sent: tuple[str, ...] = ()


class Written(Struct, frozen=True):
    """A header's YAML as it stands in its file, where it begins on `first_line`."""

    text: str
    first_line: int

    def completed(self, values: Values, complete: Callable[[Values], Values]) -> Values:
        """What is written, with what `complete` adds to it; raises `ReportError` where that raises `HeaderMistake`."""
        try:
            return complete(values)
        except HeaderMistake as mistake:
            raise ReportError(self.line_of(mistake.keys), str(mistake)) from mistake

    def read(self, values: Values) -> Header:
        """The header of a report, of the values that are written; raises `ReportError` with line and reason."""
        if "chart" in values:
            values = {**values, "chart": chart_keys.with_list(values["chart"])}
        if "columns" in values:
            values = {**values, "columns": column_keys.with_rules(values["columns"])}
        return self.fitted(values, Header, lambda header: _check(header, values.get("chart", ())))

    def fitted(self, values: Values, kind: type[P], check: Callable[[P], None]) -> P:
        """A header of this kind, of the values that are written, once `check` finds that they fit together.

        `check` raises `HeaderMistake`; here it becomes `ReportError` with line and reason.
        """
        try:
            header = header_schema.fitted(values, kind)
            check(header)
        except HeaderMistake as mistake:
            raise ReportError(self.line_of(mistake.keys), str(mistake)) from mistake
        return header

    def in_languages(self, values: Values, read: Callable[[Values], H]) -> tuple[H, dict[str, H]]:
        """What `read` makes of the values with each text in its first language, and in each that texts are given in.

        Raises `ReportError` with line and reason for what is no text in a language, and what `read` raises.
        """
        try:
            languages = languages_in(values)
        except HeaderMistake as mistake:
            raise ReportError(self.line_of(mistake.keys), str(mistake)) from mistake
        return read(in_language(values, None)), {name: read(in_language(values, name)) for name in languages}

    def references(self, header: Header) -> tuple[Reference, ...]:
        """Every reference to another report, with its line."""
        return tuple(Reference(report, keys, self.line_of(keys), sent) for report, keys, sent in _references(header))

    def line_of(self, keys: tuple[str, ...]) -> int:
        """The file's line of the innermost of `keys` that is written there; of a list's item, the key is its place."""
        node, line = _composed(self.text), 0
        for wanted in keys:
            found = next((pair for pair in _pairs(node) if pair[0] == wanted), None)
            if found is None:
                break
            _, line, node = found
        return self.first_line + line

    def values(self) -> Values:
        """What is written, as texts, lists and mappings of them; raises `ReportError` when it is no mapping."""
        try:
            node = _composed(self.text)
            values = BaseConstructor().construct_document(node) if node else None  # as written: 010, 12:30, no
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line if error.problem_mark else 0
            raise ReportError(self.first_line + line, f"the header is not YAML: {error.problem}") from error
        except (yaml.YAMLError, RecursionError) as error:
            raise ReportError(self.first_line, "the header is not YAML") from error
        if not isinstance(values, dict):
            raise ReportError(self.first_line, "the header must be a list of `key: value` lines")
        return values


@lru_cache(maxsize=1)
def _composed(text: str) -> yaml.Node | None:
    """The tree of a header's YAML: its values are read from it, and then the lines of its references."""
    return yaml.BaseLoader(text).get_single_node()


def _pairs(node: yaml.Node | None) -> Iterator[tuple[str, int, yaml.Node]]:
    """Each key of a mapping, or place in a list, with its line and its value."""
    if isinstance(node, yaml.MappingNode):
        yield from ((key.value, key.start_mark.line, value) for key, value in node.value)
    if isinstance(node, yaml.SequenceNode):
        yield from ((str(position), item.start_mark.line, item) for position, item in enumerate(node.value))


def _check(header: Header, chart: Collection[str]) -> None:
    """Raises `HeaderMistake` for keys that are right by themselves and do not fit together."""
    with inside("chart"):
        header.chart.check(chart)
    _check_columns(header)
    with inside("parameters"):
        parameter_checks.check(header.parameters)
    for name, style in header.columns.items():
        if style.currency and style.format != "currency":
            raise HeaderMistake(("columns", name, "currency"), "it goes with `format: currency`")
    if header.cache > header.keep_days * 24 * 3600:
        raise HeaderMistake(("cache",), f"rows are kept for {header.keep}: write a shorter time, or a longer keep")


def _check_columns(header: Header) -> None:
    """Raises `HeaderMistake` for marks of columns that cannot be made, or not in this type of chart."""
    for name, style in header.columns.items():
        with inside("columns"), inside(name):
            style.check()
            if header.chart.type == "pivot" and not {*style.linked_columns} <= {*header.chart.rows}:
                raise HeaderMistake(("link",), "a link of a pivot takes values of its rows alone")


def _references(header: Header) -> Iterator[tuple[str, tuple[str, ...], tuple[str, ...]]]:
    for name, parameter in header.parameters.items():
        choices, default = parameter.choices_from, parameter.default_from
        if choices:
            yield choices.report, ("parameters", name, "choices"), tuple(choices.sent)
        if default:
            yield default.report, ("parameters", name, "default"), ()
