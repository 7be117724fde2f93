"""How a report's rows are drawn: the `chart` of its header, and which of its keys go with which type. Pure.

Used by `report_header`. The drawing itself is a client's affair.
"""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Any, Literal

from msgspec import Struct, field

from backend_lambdas.reports.header_schema import Part
from backend_lambdas.reports.mistakes import HeaderMistake, listed

ChartType = Literal["number", "line", "area", "bar", "scatter", "donut", "heatmap", "histogram", "box", "table"]


class ChartKeys(Struct, frozen=True):
    """The keys that a type of chart needs, and those it may have."""

    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()


KEYS: Mapping[str, ChartKeys] = MappingProxyType(
    {
        "number": ChartKeys(("value",), ("x", "good")),
        "line": ChartKeys(("x", "y"), ("series", "split")),
        "area": ChartKeys(("x", "y"), ("series", "stacked")),
        "bar": ChartKeys(("x", "y"), ("series", "stacked", "horizontal")),
        "scatter": ChartKeys(("x", "y"), ("series",)),
        "donut": ChartKeys(("x", "value")),
        "heatmap": ChartKeys(("x", "y", "value")),
        "histogram": ChartKeys(("x",)),
        "box": ChartKeys(("y",), ("x",)),
        "table": ChartKeys(),
    }
)
_ONE_Y = ("heatmap", "box")


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

    def check(self, written: Collection[str]) -> None:
        """Raises `HeaderMistake` for a key that this type of chart lacks, or, of those written, cannot use."""
        keys = KEYS[self.type]
        for key in sorted({*written} - {"type", *keys.needs, *keys.may}):
            raise HeaderMistake((key,), f"a {self.type} chart has no such key; it {_takes(keys)}")
        for key in keys.needs:
            if not getattr(self, key):
                raise HeaderMistake((key,), f"a {self.type} chart needs it")
        if len(self.y) > 1 and (self.series or self.type in _ONE_Y):
            reason = "with series, y is one column" if self.series else f"the y of a {self.type} chart is one column"
            raise HeaderMistake(("y",), reason)


def with_list(chart: Any) -> Any:
    """A `chart` as it is written, its y a list: one column may stand without brackets."""
    if isinstance(chart, dict) and isinstance(chart.get("y"), str):
        return {**chart, "y": [chart["y"]]}
    return chart


def _takes(keys: ChartKeys) -> str:
    taken = [*keys.needs, *keys.may]
    return f"takes {listed(taken).replace(' or ', ' and ')}" if taken else "takes none"
