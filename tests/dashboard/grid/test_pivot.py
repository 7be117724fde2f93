"""A pivot adds up exactly, in an order that means something, and says what has no column of its own."""

import pytest

from dashboard.grid import pivot as pivots
from dashboard.grid.columns import GridError
from dashboard.grid.views import Sorting
from tests.dashboard.grid.grid_samples import result, shown, source

COLUMNS = {"pay": "string", "month": "date", "fare": "decimal", "trips": "integer"}
ROWS = [
    ("Card", "2015-12-01", "10.10", 1),
    ("Cash", "2015-11-01", "5.05", 2),
    ("Card", "2015-11-01", "0.10", 3),
    ("Card", "2015-11-01", "0.20", 4),
    (None, "2015-12-01", None, 5),
]
PIVOT = {"type": "pivot", "rows": ["pay"], "columns": "month", "values": ["fare"]}


def labels(grid) -> list[str]:
    return [f"{column.heading} {column.label}".strip() for column in grid.columns]


def test_rows_with_the_same_place_are_added_up_with_totals_on_both_sides() -> None:
    grid = source(result(COLUMNS, *ROWS), **PIVOT)
    assert labels(grid) == ["Pay", "2015-11-01", "2015-12-01", "Total"]
    assert shown(grid) == [
        ["Card", "0.30", "10.10", "10.40"],
        ["Cash", "5.05", "", "5.05"],
        ["(no value)", "", "", ""],
        ["Total", "5.35", "10.10", "15.45"],
    ]


def test_an_average_is_never_one_of_averages() -> None:
    grid = source(result(COLUMNS, *ROWS), {"trips": {"total": "average"}}, **{**PIVOT, "values": ["trips"]})
    assert shown(grid)[0] == ["Card", "3.50", "1.00", "2.67"]
    assert shown(grid)[-1] == ["Total", "3.00", "3.00", "3.00"]


def test_totals_are_those_of_the_rows_that_pass() -> None:
    grid = source(result(COLUMNS, *ROWS), **PIVOT)
    assert shown(grid, filters={0: {"type": "contains", "filter": "cash"}})[-1] == ["Total", "5.05", "", "5.05"]


def test_several_values_stand_below_the_heading_of_each_column() -> None:
    styles = {"trips": {"label": "Trips"}, "month": {"format": "date"}}
    grid = source(result(COLUMNS, *ROWS), styles, **{**PIVOT, "values": ["fare", "trips"]})
    assert labels(grid)[1:5] == ["Nov 1, 2015 Fare", "Nov 1, 2015 Trips", "Dec 1, 2015 Fare", "Dec 1, 2015 Trips"]
    assert shown(grid)[-1] == ["Total", "5.35", "9", "10.10", "6", "15.45", "15"]


def test_numbers_stand_in_their_order_and_texts_as_they_appear() -> None:
    rows = [("Mon", 10, 1), ("Sun", 9, 1), ("Mon", 2, 1), ("Fri", None, 1)]
    grid = source(
        result({"day": "string", "hour": "integer", "n": "integer"}, *rows),
        type="pivot",
        rows=["day"],
        columns="hour",
        values=["n"],
    )
    assert labels(grid) == ["Day", "2", "9", "10", "(no value)", "Total"]
    assert [row[0] for row in shown(grid)] == ["Mon", "Sun", "Fri", "Total"]


def test_rows_of_several_columns_stand_together_by_the_first() -> None:
    rows = [("b", 2, "x", 1), ("a", 1, "x", 1), ("b", 1, "x", 1), ("a", 1, "y", 1)]
    columns = {"p": "string", "q": "integer", "c": "string", "n": "integer"}
    grid = source(result(columns, *rows), type="pivot", rows=["p", "q"], columns="c", values=["n"])
    assert [row[:2] for row in shown(grid)] == [["b", "1"], ["b", "2"], ["a", "1"], ["Total", ""]]


def test_a_pivot_is_sorted_by_any_of_its_columns() -> None:
    grid = source(result(COLUMNS, *ROWS), **PIVOT)
    assert [row[0] for row in shown(grid, Sorting(1, descending=True))] == ["Cash", "Card", "(no value)", "Total"]


def test_more_columns_than_can_be_read_are_added_up_in_one() -> None:
    rows = [("a", at, at) for at in range(100)]
    grid = source(
        result({"p": "string", "c": "integer", "n": "integer"}, *rows),
        type="pivot",
        rows=["p"],
        columns="c",
        values=["n"],
    )
    assert labels(grid)[-2:] == ["(others)", "Total"]
    assert grid.note == "The first 60 of 100 columns; the others are added up in (others)."
    assert shown(grid)[0][-2:] == [f"{sum(range(60, 100)):,}", f"{sum(range(100)):,}"]


def test_so_are_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pivots, "MOST_ROWS", 2)
    rows = [(f"p{at}", "q", 1, at) for at in range(5)]
    grid = source(
        result({"p": "string", "q": "string", "c": "integer", "n": "integer"}, *rows),
        type="pivot",
        rows=["p", "q"],
        columns="c",
        values=["n"],
    )
    assert grid.note == "The first 2 of 5 rows; the others are added up in (others)."
    assert shown(grid)[2:] == [["(others)", "", "9", "9"], ["Total", "", "10", "10"]]


def test_a_pivot_of_numbers_with_more_rows_than_can_be_read_is_sorted_and_filtered(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pivots, "MOST_ROWS", 2)
    rows = [(at, 1, at) for at in range(5)]
    columns = {"id": "integer", "c": "integer", "n": "integer"}
    grid = source(result(columns, *rows), type="pivot", rows=["id"], columns="c", values=["n"])
    assert [line[0] for line in shown(grid, Sorting(0, descending=True))] == ["(others)", "1", "0", "Total"]
    assert [line[0] for line in shown(grid, filters={0: {"type": "above", "filter": "0"}})] == ["1", "Total"]


def test_what_cannot_be_counted_is_counted_all_the_same() -> None:
    grid = source(
        result(COLUMNS, *ROWS),
        {"pay": {"total": "count"}},
        type="pivot",
        rows=["trips"],
        columns="month",
        values=["pay"],
    )
    assert shown(grid)[-1][1:] == ["3", "1", "4"]


def test_a_pivot_of_no_rows_is_empty() -> None:
    grid = source(result(COLUMNS), **PIVOT)
    assert labels(grid) == ["Pay", "Total"]
    assert shown(grid) == [["Total", ""]]


@pytest.mark.parametrize(("key", "name"), [("rows", ["nope"]), ("columns", "nope"), ("values", ["nope"])])
def test_a_pivot_of_what_is_not_there_says_so(key: str, name) -> None:
    with pytest.raises(GridError, match="This table needs a column 'nope'"):
        source(result(COLUMNS, *ROWS), **{**PIVOT, key: name})


def test_texts_cannot_be_added_up() -> None:
    with pytest.raises(GridError, match="The column 'pay' holds no numbers, so it has no sum"):
        source(result(COLUMNS, *ROWS), **{**PIVOT, "rows": ["trips"], "values": ["pay"]})
