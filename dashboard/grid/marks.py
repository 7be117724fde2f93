"""What is told of a cell besides its text: a bar, a tone, a link. Pure; called by `pages`, for the rows of one page."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from dashboard.grid.cells import exact_text
from dashboard.grid.columns import GridColumn
from dashboard.grid.order import Key, number_key, parsed, text_key

_INFINITE = 3
_NO_STEPS = frozenset({"", ".", ".."})
"""Values that would lead to another page, were they a step of its path."""


@dataclass(frozen=True)
class Scale:
    """What the bars of a column are measured by: its largest absolute value, and on which sides of zero it has some."""

    most: Decimal = Decimal(0)
    below: bool = False
    above: bool = False

    @classmethod
    def of(cls, values: Iterable[Any]) -> "Scale":
        """The scale of a column's values; infinite ones have no bar."""
        finite = [number for number in map(_finite, set(values)) if number is not None]
        if not finite:
            return cls()
        least, most = min(finite), max(finite)
        return cls(max(abs(least), abs(most)), least < 0, most > 0)

    def bar(self, value: Any) -> list[float] | None:
        """Where a value's bar begins, from the left, and how wide it is, in percent of the cell; None without one.

        Bars of negative values lead to the left, from the middle where there are positive ones, too.
        """
        number = _finite(value)
        if not number or not self.most:
            return None
        zero, room = (50.0, 50.0) if self.below and self.above else (100.0 if self.below else 0.0, 100.0)
        width = round(float(abs(number) / self.most) * room, 2)
        return [round(zero - width, 2) if number < 0 else zero, width]


def tone(column: GridColumn, value: Any) -> str | None:
    """What the first colour rule that holds says of a value: good, bad or warn."""
    if value is None or not column.colour:
        return None
    key = number_key(value) if column.is_number else text_key(value)
    if column.is_number and not 0 < key[0] <= _INFINITE:
        key = (-1,)  # neither below nor above anything
    return next((rule["is"] for rule in column.colour if _holds(column, rule, key, exact_text(value))), None)


def link(template: str, values: Mapping[str, Any]) -> str | None:
    """The address for a row, `values` being its cells by their columns; None where one of those it needs is NULL."""
    parts = template.replace("}", "{").split("{")
    texts = [exact_text(values.get(part)) if at % 2 else part for at, part in enumerate(parts)]
    if any(text is None or (at % 2 and text in _NO_STEPS) for at, text in enumerate(texts)):
        return None
    address = "".join(quote(str(text), safe="") if at % 2 else str(text) for at, text in enumerate(texts))
    return address if address.startswith(("https://", "/")) else None


def scales(columns: Sequence[GridColumn], records: Sequence[Sequence[Any]]) -> dict[str, Scale]:
    """The scale of each column, or columns of one measure, that has bars."""
    named = {column.scale for column in columns if column.bar}
    places = {name: [at for at, column in enumerate(columns) if column.scale == name and column.bar] for name in named}
    return {name: Scale.of(record[at] for at in ats for record in records) for name, ats in places.items()}


def _holds(column: GridColumn, rule: Mapping[str, str], key: Key, text: str | None) -> bool:
    if "at" in rule and not _is_at(column, rule["at"], key, text):
        return False
    if "below" in rule and not (key[0] >= 0 and key < _bound(column, rule["below"])):
        return False
    return "above" not in rule or key > _bound(column, rule["above"])


def _is_at(column: GridColumn, wanted: str, key: Key, text: str | None) -> bool:
    bound = parsed(wanted) if column.is_number else None
    return text == wanted if bound is None else key == bound


def _bound(column: GridColumn, written: str) -> Key:
    return (parsed(written) if column.is_number else None) or text_key(written)


def _finite(value: Any) -> Decimal | None:
    if isinstance(value, int | float):
        return Decimal(str(value))
    try:
        number = Decimal(value or "NaN")
    except InvalidOperation:  # a text in a column that is written as numbers
        return None
    return number if number.is_finite() else None
