"""The columns of a grid: what a result has, and how its report names, writes, adds up and marks it. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.charts import formats
from dashboard.errors import UserError
from dashboard.gateway.results import NUMERIC_TYPES, Column
from dashboard.locales.words import _

NUMERIC_STYLES = frozenset({"currency", "number", "thousands", "percent"})

Styles = Mapping[str, Mapping[str, Any]]


class GridError(UserError):
    """What a report's header asks for does not go with its rows."""

    def __init__(self, message: str) -> None:
        super().__init__("chart", message, 422)


@dataclass(frozen=True)
class GridColumn:
    """One column: its name in the result, its label for people, its wire type, and its keys of the report's header.

    `heading` stands above the label, in a pivot. Columns of the same `scale` have bars of one measure. `missing` is
    what is shown in place of NULL, `labels` in place of other values.
    """

    name: str
    label: str
    type: str
    style: str | None = None
    hidden: bool = False
    total: str | None = None
    bar: bool = False
    colour: tuple[Mapping[str, str], ...] = ()
    link: str | None = None
    heading: str = ""
    scale: str = ""
    missing: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_number(self) -> bool:
        """Whether its values are sorted and filtered as numbers."""
        if self.labels:
            return False
        return self.type in NUMERIC_TYPES or formats.kind_of(self.style) in NUMERIC_STYLES


def columns_of(columns: Iterable[Column], styles: Styles) -> tuple[GridColumn, ...]:
    """The columns of a result as a grid has them."""
    return tuple(_column(column, styles.get(column.name, {})) for column in columns)


def place_of(columns: Sequence[GridColumn], name: str) -> int:
    """Where a column stands, in any case, since Redshift folds names to lower case; raises `GridError`."""
    found = [at for at, column in enumerate(columns) if column.name.lower() == name.lower()]
    exact = [at for at in found if columns[at].name == name]
    if not found:
        words = _("This table needs a column '{column}' that the report does not return.", column=name)
        raise GridError(words)
    return (exact or found)[0]


def clicked(columns: Sequence[GridColumn], chart: Mapping[str, Any]) -> dict[int, dict[str, str]]:
    """The cells that do what the chart's `click` says, by their column: the fields of the values, by parameters.

    They are those of the columns that it names, or the first ones where it names none.
    """
    click = chart.get("click")
    if not click:
        return {}
    places = {
        name: place_of(columns, column) for name, column in (click.get("filter") or click.get("with", {})).items()
    }
    fields = {name: f"c{at}" for name, at in places.items()}
    return dict.fromkeys(places.values() or [0], fields)


def _column(column: Column, style: Mapping[str, Any]) -> GridColumn:
    return GridColumn(
        name=column.name,
        label=style.get("label") or column.name.replace("_", " ").capitalize(),
        type=column.type,
        style=formats.style_of(style),
        hidden=bool(style.get("hidden")),
        total=style.get("total"),
        bar=bool(style.get("bar")),
        colour=tuple(style.get("colour", ())),
        link=style.get("link"),
        scale=column.name,
        labels=style.get("labels", {}),
    )
