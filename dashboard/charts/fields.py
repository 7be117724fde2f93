"""The columns a chart names, typed and labelled; made from a `results.Result`, read by every kind of chart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd

from dashboard.charts import dates, formats
from dashboard.charts.drawing import ChartError, noted
from dashboard.gateway.maps import Area
from dashboard.gateway.results import NUMERIC_TYPES, TEMPORAL_TYPES, Result
from dashboard.locales.words import _, _n, noop, noop_n

Kind = Literal["number", "date", "text"]
_LARGEST = 1e300  # beyond it is as good as infinite: sums and margins would overflow
NO_VALUE = noop("(no value)")


@dataclass(frozen=True)
class Field:
    """One column: its name, its label for people, its format, and its values as float64, datetime64 or text.

    `given` tells which rows are not NULL. A value that is given and missing, such as NaN or infinity, cannot be drawn.
    """

    name: str
    label: str
    style: str | None
    kind: Kind
    whole: bool
    values: pd.Series
    given: pd.Series

    def numbers(self) -> pd.Series:
        """The values as float64 without infinities; ChartError when the column holds something else."""
        values = _numbers(self.values) if self.kind != "date" else self.values
        if self.kind == "date" or (values.isna().all() and self.values.notna().any() and self.kind == "text"):
            raise ChartError(
                _("This chart needs numbers, and the column '{name}' holds something else.", name=self.name)
            )
        return values

    def as_number(self) -> "Field":
        """The same column as numbers; ChartError when it holds something else."""
        return replace(self, kind="number", values=self.numbers())

    @cached_property
    def grain(self) -> dates.Grain:
        """How fine the dates are; only of a date column."""
        return dates.grain(self.values)

    def labels(self) -> pd.Series:
        """The values in words, one for each row, never missing."""
        return self.worded(self.values)

    def worded(self, values: pd.Series) -> pd.Series:
        """Some of the column's values in words, as fine as the whole column."""
        codes, distinct = pd.factorize(values)
        words = [*(self._word(value) or _(NO_VALUE) for value in distinct), _(NO_VALUE)]  # a missing value's code is -1
        return pd.Series([words[code] for code in codes], index=values.index, dtype=object)

    def _word(self, value: Any) -> str:
        if self.kind == "date":
            return dates.label(value, self.grain)
        return _number_label(value, self.style) if self.kind == "number" else str(value)

    def as_text(self) -> "Field":
        """The same column as words."""
        return replace(self, kind="text", values=self.labels())


class Sheet:
    """A chart's own keys and the columns that they name; the areas of a map are no rows, and come beside them."""

    def __init__(
        self,
        chart: Mapping[str, Any],
        columns: Mapping[str, Mapping[str, Any]],
        result: Result,
        areas: Sequence[Area] = (),
    ) -> None:
        self.chart = chart
        self.areas = areas
        self._columns = columns
        self._result = result
        self._fields: dict[str, Field] = {}

    @property
    def rows(self) -> int:
        """How many rows there are to draw."""
        return len(self._result.records)

    def redrawn(self, chart: Mapping[str, Any]) -> "Sheet":
        """The same rows for another chart."""
        return Sheet(chart, self._columns, self._result)

    def flag(self, key: str) -> bool:
        """Whether the chart switches something on, such as `stacked`."""
        return self.chart.get(key) is True

    def one(self, key: str) -> Field:
        """The column that the chart names under this key."""
        return self.many(key)[0]

    def maybe(self, key: str) -> Field | None:
        """The column named under a key that the chart may leave out."""
        return self.one(key) if self.chart.get(key) else None

    def many(self, key: str, most: int | None = None) -> list[Field]:
        """The columns named under this key, at least one and at most `most`."""
        names = self.names(key)
        if not names:
            raise ChartError(_("This chart does not say which column to use for '{key}'.", key=key))
        return [self._field(str(name)) for name in names[:most]]

    def texts(self, name: str) -> list[str | None]:
        """A column's values as they are on the wire, one for each row; None for NULL."""
        position = self._position(name)
        values = (record[position] for record in self._result.records)
        return [None if value is None else formats.exact(value) for value in values]

    def columns(self, key: str) -> list[Field]:
        """The columns named under a key that may hold a number instead, or nothing."""
        return [self._field(name) for name in self.names(key) if isinstance(name, str)]

    def level(self, key: str) -> float | None:
        """The number under a key that may hold a column's name instead, or nothing."""
        value = self.chart.get(key)
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None

    def names(self, key: str) -> list[Any]:
        """The names under this key, whether it holds one or a list."""
        named = self.chart.get(key)
        return list(named) if isinstance(named, list | tuple) else [named] if named else []

    def _field(self, name: str) -> Field:
        if name not in self._fields:
            self._fields[name] = self._read(name)
        return self._fields[name]

    def value_labels(self, name: str) -> Mapping[str, str]:
        """What people read in the place of a column's values, by their texts on the wire."""
        return self._settings(name).get("labels", {})

    def _settings(self, name: str) -> Mapping[str, Any]:
        """What the report's header says of a column."""
        column = self._result.columns[self._position(name)]
        return self._columns.get(name) or self._columns.get(column.name) or {}

    def _read(self, name: str) -> Field:
        position = self._position(name)
        column = self._result.columns[position]
        settings = self._settings(name)
        style = formats.style_of(settings)
        values = pd.Series([record[position] for record in self._result.records], dtype=object)
        if labels := settings.get("labels"):
            values, style = self._labelled(name, labels), "text"
        kind, typed = _typed(values, column.type, style)
        label = str(settings.get("label") or column.name.replace("_", " ").capitalize())
        return Field(column.name, label, style, kind, _whole(kind, typed), typed, values.notna())

    def _labelled(self, name: str, labels: Mapping[str, str]) -> pd.Series:
        """A column whose values have labels, in these words."""
        return pd.Series([None if text is None else labels.get(text, text) for text in self.texts(name)], dtype=object)

    def _position(self, name: str) -> int:
        """Where the column stands; the first of several, and in any case: Redshift folds names to lower case."""
        names = [column.name for column in self._result.columns]
        folded = [known.lower() for known in names]
        if name in names:
            return names.index(name)
        if name.lower() in folded:
            return folded.index(name.lower())
        raise ChartError(_("This chart needs a column '{name}' that the report does not return.", name=name))


def left_out(*points: Sequence[Field]) -> str | None:
    """What to tell of rows that cannot be drawn, for NULL or for a value such as NaN, in one of these columns.

    A chart that draws several points of a row gives the columns of each. Names are always drawn.
    """
    missing = np.sum([_undrawable(columns) for columns in points], axis=0)
    return noted(*(_left_out(int(count), *_LEFT_OUT[len(points) == 1][at]) for at, count in enumerate(missing)))


def _undrawable(columns: Sequence[Field]) -> tuple[int, int]:
    """Rows with NULL in one of the columns, and other rows with a value that cannot be drawn."""
    drawn = [column for column in columns if column.kind != "text"]
    if not drawn:
        return 0, 0
    null = np.any([~column.given.to_numpy() for column in drawn], axis=0)
    missing = np.any([column.values.isna().to_numpy() for column in drawn], axis=0)
    return int(null.sum()), int((missing & ~null).sum())


_LEFT_OUT = {
    True: (
        noop_n("1 row without a value is not drawn.", "{count} rows without a value are not drawn."),
        noop_n("1 row with NaN or infinity is not drawn.", "{count} rows with NaN or infinity are not drawn."),
    ),
    False: (
        noop_n("1 point without a value is not drawn.", "{count} points without a value are not drawn."),
        noop_n("1 point with NaN or infinity is not drawn.", "{count} points with NaN or infinity are not drawn."),
    ),
}
"""Of whole rows, and of points; without a value, and with one that cannot be drawn."""


def _left_out(count: int, one: str, other: str) -> str | None:
    return _n(one, other, count) if count else None


def _typed(values: pd.Series, wire_type: str, style: str | None) -> tuple[Kind, pd.Series]:
    """Texts stay texts, unless each is a date of the same form and none is lost or becomes another's."""
    if style == "text":
        return "text", _texts(values)
    if wire_type in NUMERIC_TYPES:
        return "number", _numbers(values)
    texts = _texts(values)
    if wire_type in TEMPORAL_TYPES:
        moments = dates.parsed(texts)
        return ("date", moments) if moments.notna().any() or texts.isna().all() else ("text", texts)
    known = texts.dropna()
    if len(known) and known.str.len().nunique() == 1 and all(map(dates.is_iso, known)):
        moments = dates.parsed(texts)
        if moments.count() == len(known) and moments.nunique() == known.nunique():
            return "date", moments
    return "text", texts


def _texts(values: pd.Series) -> pd.Series:
    texts = [value if isinstance(value, str) or value is None else formats.full(value) for value in values]
    return pd.Series(texts, index=values.index, dtype=object)


def _numbers(values: pd.Series) -> pd.Series:
    numbers = pd.to_numeric(values, errors="coerce").astype("float64")
    return numbers.mask(numbers.abs() > _LARGEST)


def _whole(kind: Kind, values: pd.Series) -> bool:
    if kind != "number":
        return False
    known = values.dropna().to_numpy()
    return bool((known == known.round()).all())


def _number_label(value: float, style: str | None) -> str:
    """A number that stands for a name, such as a year or a zone, is grouped by thousands only when formatted so."""
    return formats.full(value, style) if style else f"{value:.15g}"
