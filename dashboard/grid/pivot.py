"""A result as a pivot: a row for each value of some columns, a column for each value of another. Pure.

Values are added up exactly, as their `total` says. Rows and columns stand in their natural order: numbers and dates
from the least, texts as they first appear in the result.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from operator import itemgetter
from typing import Any

from dashboard.charts import formats
from dashboard.charts.fields import NO_VALUE
from dashboard.gateway.results import TEMPORAL_TYPES, Result
from dashboard.grid import totals
from dashboard.grid.cells import exact_text, shown_text
from dashboard.grid.columns import GridColumn, Styles, columns_of, place_of
from dashboard.grid.order import keys
from dashboard.grid.source import Members, PivotSource
from dashboard.locales.words import _, noop

MOST_COLUMNS = 60
"""Values of the pivot's column that have a column of their own."""

MOST_ROWS = 5_000
"""Values of the pivot's rows that have a row of their own."""

_OTHER_COLUMNS = noop("The first {shown} of {count} columns; the others are added up in {others}.")
_OTHER_ROWS = noop("The first {shown} of {count} rows; the others are added up in {others}.")
OTHERS = noop("(others)")


def pivot(chart: Mapping[str, Any], styles: Styles, result: Result) -> PivotSource:
    """The pivot that a report's chart wants of a result; raises `GridError` where it does not fit its columns."""
    columns = columns_of(result.columns, styles)
    down = [place_of(columns, name) for name in chart["rows"]]
    across, values = place_of(columns, chart["columns"]), [place_of(columns, name) for name in chart["values"]]
    measures = [replace(columns[at], total=columns[at].total or "sum") for at in values]
    totals.check(measures)
    tops, sides = _column(result, across), list(zip(*(_column(result, at) for at in down), strict=True))
    headings, top_places = _headings(columns[across], _in_order(columns[across], dict.fromkeys(tops)))
    names, side_places = _names(_rows_in_order([columns[at] for at in down], dict.fromkeys(sides)))
    members: list[Members] = [defaultdict(list) for _ in names]
    rows = [members[side_places[side]] for side in sides]
    for measure, at in enumerate(values):
        places = {top: len(down) + place * len(values) + measure for top, place in top_places.items()}
        _sort_in(rows, [places[top] for top in tops], totals.ready(measures[measure], _column(result, at)))
    naming: dict[str, Any] = {"total": None, "bar": False, "missing": _(NO_VALUE)}  # columns that name the rows
    shown = (*(replace(columns[at], **naming) for at in down), *_headed(measures, headings))
    note = _note(top_places, side_places)
    return _added_up(PivotSource(shown, names, note=note, members=members, measures=len(measures)))


def _column(result: Result, at: int) -> list[Any]:
    return list(map(itemgetter(at), result.records))


def _sort_in(rows: Iterable[Members], places: Iterable[int], values: Iterable[Any]) -> None:
    """Puts each value that is not NULL into its cell."""
    for row, place, value in zip(rows, places, values, strict=True):
        if value is not None:
            row[place].append(value)


def _added_up(source: PivotSource) -> PivotSource:
    """The same with a value in each cell that has members."""
    ends = range(len(source.columns) - source.measures, len(source.columns))
    records = []
    for row, (name, cells) in enumerate(zip(source.records, source.members, strict=True)):
        record = [*name, *[None] * (len(source.columns) - len(name))]
        for at in (*cells, *ends):
            column = source.columns[at]
            record[at] = totals.total(column, str(column.total), cells.get(at) or source.parts(at, (row,)))
        records.append(record)
    return replace(source, records=records)


def _note(tops: Mapping[Any, int], sides: Mapping[Any, int]) -> str:
    """What has no column or row of its own."""
    told = []
    if len(tops) > MOST_COLUMNS:
        told.append(_(_OTHER_COLUMNS, **_counts(tops, MOST_COLUMNS)))
    if len(sides) > MOST_ROWS:
        told.append(_(_OTHER_ROWS, **_counts(sides, MOST_ROWS)))
    return " ".join(told)


def _counts(places: Mapping[Any, int], most: int) -> dict[str, str]:
    return {"shown": formats.count(most), "count": formats.count(len(places)), "others": _(OTHERS)}


def _headings(column: GridColumn, tops: Sequence[Any]) -> tuple[list[str], dict[Any, int]]:
    """What stands above the columns, the totals' last, and in which of them each value belongs."""
    own = [shown_text(column, exact_text(top)) or _(NO_VALUE) for top in tops[:MOST_COLUMNS]]
    others = [_(OTHERS)] if len(tops) > MOST_COLUMNS else []
    return [*own, *others, _(totals.TOTAL)], {top: min(place, MOST_COLUMNS) for place, top in enumerate(tops)}


def _names(sides: Sequence[Any]) -> tuple[list[Any], dict[Any, int]]:
    """The values that name the rows, and in which row each value belongs."""
    others = [(_(OTHERS), *["" for _ in sides[0][1:]])] if len(sides) > MOST_ROWS else []
    return [*sides[:MOST_ROWS], *others], {side: min(place, MOST_ROWS) for place, side in enumerate(sides)}


def _headed(measures: Sequence[GridColumn], headings: Sequence[str]) -> list[GridColumn]:
    """A column for each heading and measure; those for others and of totals, which stand last, have no marks."""
    made = [_measure(column, heading, len(measures) == 1) for heading in headings for column in measures]
    own = min(len(headings) - 1, MOST_COLUMNS) * len(measures)
    return [*made[:own], *(replace(column, bar=False, colour=()) for column in made[own:])]


def _measure(column: GridColumn, heading: str, alone: bool) -> GridColumn:
    """The column of a measure below a heading, which is its name where there is no other measure."""
    return replace(
        column,
        label=heading if alone else column.label,
        heading="" if alone else heading,
        type=totals.result_type(column),
        style="thousands" if column.total == "count" else column.style,
        hidden=False,
        link=None,
        labels={},
    )


def _rows_in_order(columns: Sequence[GridColumn], rows: Iterable[Any]) -> list[Any]:
    """The pivot's rows, by their first column, then by the next."""
    found = list(rows)
    places = [
        {value: place for place, value in enumerate(_in_order(column, dict.fromkeys(row[at] for row in found)))}
        for at, column in enumerate(columns)
    ]
    return sorted(found, key=lambda row: [each[value] for each, value in zip(places, row, strict=True)])


def _in_order(column: GridColumn, values: Iterable[Any]) -> list[Any]:
    """Distinct values in their natural order, missing ones last."""
    known = [value for value in values if value is not None]
    missing = [value for value in values if value is None]
    if column.is_number or column.type in TEMPORAL_TYPES:
        places = dict(zip(known, keys(column, known), strict=True))
        known.sort(key=places.__getitem__)
    return [*known, *missing]
