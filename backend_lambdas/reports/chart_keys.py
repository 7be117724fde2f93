"""How a report's rows are drawn: the `chart` of its header, and which of its keys go with which type. Pure.

Used by `report_header`. The drawing itself is a client's affair.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct, field

from backend_lambdas.reports.header_schema import Part
from backend_lambdas.reports.mistakes import HeaderMistake, inside, listed

ChartType = Literal["number", "line", "area", "bar", "scatter", "donut", "heatmap", "histogram", "box", "table"]


class ChartKeys(Struct, frozen=True):
    """The keys that a type of chart needs, and those it may have."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


KEYS: Mapping[str, ChartKeys] = MappingProxyType(
    {
        "number": ChartKeys(("value",), ("x", "good")),
        "line": ChartKeys(("x", "y"), ("series", "split", "click")),
        "area": ChartKeys(("x", "y"), ("series", "stacked", "click")),
        "bar": ChartKeys(("x", "y"), ("series", "stacked", "horizontal", "click")),
        "scatter": ChartKeys(("x", "y"), ("series", "click")),
        "donut": ChartKeys(("x", "value"), ("click",)),
        "heatmap": ChartKeys(("x", "y", "value"), ("click",)),
        "histogram": ChartKeys(("x",)),
        "box": ChartKeys(("y",), ("x",)),
        "table": ChartKeys((), ("click",)),
    }
)
_ONE_Y = ("heatmap", "box")


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
        if len(self.y) > 1 and (self.series or self.type in _ONE_Y):
            reason = "with series, y is one column" if self.series else f"the y of a {self.type} chart is one column"
            raise HeaderMistake(("y",), reason)

    def _check_click(self, click: Click) -> None:
        """Marks tell of the columns that a chart runs along, not of the sizes that it shows; a table's rows of all."""
        with inside("click"):
            click.check()
        along = [self.x, self.series, *(self.y if self.type == "heatmap" else ())]
        for key, columns in (("filter", click.filter), ("with", click.values)):
            for name, column in columns.items():
                if self.type != "table" and column not in along:
                    reason = f"a click tells of {listed([one for one in along if one])}, not of {column!r}"
                    raise HeaderMistake(("click", key, name), reason)


def with_list(chart: Any) -> Any:
    """A `chart` as it is written, its y a list: one column may stand without brackets."""
    if isinstance(chart, dict) and isinstance(chart.get("y"), str):
        return {**chart, "y": [chart["y"]]}
    return chart


def _takes(keys: ChartKeys) -> str:
    taken = [*keys.needs, *keys.may]
    return f"takes {listed(taken).replace(' or ', ' and ')}" if taken else "takes none"
