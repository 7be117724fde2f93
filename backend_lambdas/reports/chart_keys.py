"""How a report's rows are drawn: the `chart` of its header, and which of its keys go with which type. Pure.

Used by `report_header`. The drawing itself is a client's affair.
"""

import math
import re
from collections.abc import Collection, Iterator, Mapping
from itertools import pairwise
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct, field

from backend_lambdas.maps import map_file
from backend_lambdas.reports.header_schema import Part
from backend_lambdas.reports.mistakes import HeaderMistake, inside, listed

ChartType = Literal[
    "number",
    "line",
    "area",
    "bar",
    "scatter",
    "donut",
    "heatmap",
    "histogram",
    "box",
    "waterfall",
    "funnel",
    "bullet",
    "map",
    "table",
    "pivot",
]
MAX_REFERENCES = 10
MAX_BANDS = 4
MAX_PIVOT_ROWS = 3


class ChartKeys(Struct, frozen=True):
    """The keys that a type of chart needs, and those it may have."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


KEYS: Mapping[str, ChartKeys] = MappingProxyType(
    {
        "number": ChartKeys(("value",), ("x", "good", "target")),
        "line": ChartKeys(("x", "y"), ("series", "split", "right", "target", "references", "compare", "click")),
        "area": ChartKeys(("x", "y"), ("series", "stacked", "target", "references", "compare", "click")),
        "bar": ChartKeys(
            ("x", "y"),
            ("series", "stacked", "horizontal", "line", "right", "target", "references", "compare", "click"),
        ),
        "scatter": ChartKeys(("x", "y"), ("series", "click")),
        "donut": ChartKeys(("x", "value"), ("click",)),
        "heatmap": ChartKeys(("x", "y", "value"), ("click",)),
        "histogram": ChartKeys(("x",)),
        "box": ChartKeys(("y",), ("x",)),
        "waterfall": ChartKeys(("x", "y"), ("total", "good", "click")),
        "funnel": ChartKeys(("x", "value"), ("click",)),
        "bullet": ChartKeys(("value",), ("x", "target", "bands", "click")),
        "map": ChartKeys(("map", "area", "value"), ("key", "click")),
        "table": ChartKeys((), ("group", "click")),
        "pivot": ChartKeys(("rows", "columns", "values")),
    }
)
_ONE_Y = ("heatmap", "box", "waterfall")
_LISTS = ("y", "line", "right", "rows", "values")
_APART: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "line": ("series", "horizontal"),
        "right": ("series", "split", "horizontal"),
        "compare": ("series", "stacked", "split"),
        "target": ("split",),
        "references": ("split",),
    }
)
"""Which keys cannot be used beside which others."""

_NUMBER = re.compile(r"-?\d+(\.\d+)?")
_DATE = re.compile(r"\d{4}-\d\d(-\d\d([ T]\d\d:\d\d(:\d\d)?)?)?")


class ReferenceLine(Part, frozen=True):
    """A line across a chart: at a number, or at a date such as `2015-12` or `2015-12-06`."""

    at: float | str
    label: str | None = None

    def check(self) -> None:
        """Raises `HeaderMistake` when `at` is neither."""
        if isinstance(self.at, str) and not _DATE.fullmatch(self.at):
            raise HeaderMistake(("at",), "write a number, or a date such as 2015-12 or 2015-12-06")


class Click(Part, frozen=True, rename={"values": "with"}):
    """What a click on a mark does: sets filters of its page, or opens another report or page, with values.

    Both are parameters by the columns that have their values.
    """

    filter: dict[str, str] = field(default_factory=dict)
    open: str | None = None
    values: dict[str, str] = field(default_factory=dict)

    def check(self) -> None:
        """Raises `HeaderMistake` for keys that do not fit together."""
        if bool(self.filter) == bool(self.open):
            raise HeaderMistake((), "a click sets a filter, or opens a report or a page: write one of `filter`, `open`")
        if self.values and not self.open:
            raise HeaderMistake(("with",), "values go with `open`")


class Chart(Part, frozen=True):
    """The type of chart and the columns it draws."""

    type: ChartType = "table"
    x: str | None = None
    y: list[str] = field(default_factory=list)
    series: str | None = None
    value: str | None = None
    stacked: bool = False
    horizontal: bool = False
    split: bool = False
    good: Literal["up", "down"] = "up"
    click: Click | None = None
    line: list[str] = field(default_factory=list)
    right: list[str] = field(default_factory=list)
    target: float | str | None = None
    references: list[ReferenceLine] = field(default_factory=list)
    compare: str | None = None
    total: str | None = None
    bands: list[float] = field(default_factory=list)
    group: str | None = None
    rows: list[str] = field(default_factory=list)
    columns: str | None = None
    values: list[str] = field(default_factory=list)
    map: str | None = None
    area: str | None = None
    key: str = "name"

    def check(self, written: Collection[str]) -> None:
        """Raises `HeaderMistake` for a key that this type of chart lacks, or, of those written, cannot use."""
        keys = KEYS[self.type]
        for key in sorted({*written} - {"type", *keys.needs, *keys.may}):
            raise HeaderMistake((key,), f"a {self.type} chart has no such key; it {_takes(keys)}")
        for key in keys.needs:
            if not getattr(self, key):
                raise HeaderMistake((key,), f"a {self.type} chart needs it")
        if self.click:
            self._check_click(self.click)
        for mistake in _mistakes(self):
            raise mistake
        for position, reference in enumerate(self.references):
            with inside("references"), inside(str(position)):
                reference.check()

    def _check_click(self, click: Click) -> None:
        """Marks tell of the columns that a chart runs along, not of the sizes that it shows; a table's rows of all."""
        with inside("click"):
            click.check()
        along = [one for one in (self.x, self.series, self.area, *(self.y if self.type == "heatmap" else ())) if one]
        for key, columns in (("filter", click.filter), ("with", click.values)):
            for name, column in columns.items():
                if self.type != "table" and column not in along:
                    reason = f"a click tells of {listed(along or ['nothing'])}, not of {column!r}"
                    raise HeaderMistake(("click", key, name), reason)


def with_list(chart: Any) -> Any:
    """A `chart` as it is written, with lists where one column may stand without brackets, and targets as numbers."""
    if not isinstance(chart, dict):
        return chart
    lists = {key: [chart[key]] for key in _LISTS if isinstance(chart.get(key), str)}
    numbers = {"target": _number(chart["target"])} if "target" in chart else {}
    references = chart.get("references")
    if isinstance(references, list):
        numbers["references"] = [
            {**one, "at": _number(one["at"])} if isinstance(one, dict) and "at" in one else one for one in references
        ]
    return {**chart, **lists, **numbers}


def _number(written: Any) -> Any:
    """The number that a text is; other texts are names of columns, or dates."""
    return float(written) if isinstance(written, str) and _NUMBER.fullmatch(written) else written


def _mistakes(chart: Chart) -> Iterator[HeaderMistake]:
    """Keys that are right by themselves and do not fit together."""
    if len(chart.y) > 1 and (chart.series or chart.type in _ONE_Y or chart.compare):
        reason = f"the y of a {chart.type} chart is one column"
        beside = "series" if chart.series else "compare" if chart.compare else None
        yield HeaderMistake(("y",), f"with {beside}, y is one column" if beside else reason)
    for key, others in _APART.items():
        for other in others:
            if getattr(chart, key) not in ([], None) and getattr(chart, other):
                yield HeaderMistake((key,), f"it does not go together with {other}")
    if chart.series and isinstance(chart.target, str):
        yield HeaderMistake(
            ("target",), "with series, write a number: a row's target would be that of its own series only"
        )
    yield from _mistakes_of_right(chart)
    yield from _mistakes_of_numbers(chart)
    yield from _mistakes_of_pivot(chart)
    if chart.map and not map_file.NAME.fullmatch(chart.map):
        yield HeaderMistake(("map",), "a map's name is lower-case letters, digits and underscores, as its file has it")


def _mistakes_of_right(chart: Chart) -> Iterator[HeaderMistake]:
    drawn = {*chart.y, *chart.line}
    for name in chart.right:
        if name not in drawn:
            yield HeaderMistake(("right",), f"{name!r} is not drawn: name columns of {listed(['y', *_of_line(chart)])}")
    if chart.right and drawn <= {*chart.right}:
        yield HeaderMistake(("right",), "leave at least one column to the scale on the left")
    if chart.stacked and {*chart.right} & {*chart.y}:
        yield HeaderMistake(("right",), "stacked columns share a scale: name columns of line")


def _of_line(chart: Chart) -> list[str]:
    return ["line"] if "line" in KEYS[chart.type].may else []


def _mistakes_of_pivot(chart: Chart) -> Iterator[HeaderMistake]:
    if len(chart.rows) > MAX_PIVOT_ROWS:
        yield HeaderMistake(("rows",), f"a pivot has at most {MAX_PIVOT_ROWS} columns as its rows")
    named = [*chart.rows, *([chart.columns] if chart.columns else []), *chart.values]
    if twice := next((name for name in named if named.count(name) > 1), None):
        yield HeaderMistake(("rows",), f"{twice!r} stands twice: a pivot uses each column once")


def _mistakes_of_numbers(chart: Chart) -> Iterator[HeaderMistake]:
    if len(chart.references) > MAX_REFERENCES:
        yield HeaderMistake(("references",), f"write at most {MAX_REFERENCES} lines")
    if len(chart.bands) > MAX_BANDS:
        yield HeaderMistake(("bands",), f"write at most {MAX_BANDS} numbers")
    if not all(map(math.isfinite, chart.bands)) or any(low >= high for low, high in pairwise(chart.bands)):
        yield HeaderMistake(("bands",), "write numbers that rise, such as [50, 80, 100]")


def _takes(keys: ChartKeys) -> str:
    taken = [*keys.needs, *keys.may]
    return f"takes {listed(taken).replace(' or ', ' and ')}" if taken else "takes none"
