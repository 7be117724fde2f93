"""What a grid shows: rows that pass, in their order, groups above their rows, and exact totals of what passes."""

import pytest

from dashboard.errors import UserError
from dashboard.grid import rows
from dashboard.grid.columns import GridError
from dashboard.grid.views import Sorting, view
from tests.dashboard.grid.grid_samples import result, shown, source

TRIPS = {"zone": "string", "trips": "integer", "fare": "decimal"}
ROWS = [("Queens", 3, "10.10"), ("Bronx", 1, "-2.05"), ("Queens", 2, None), (None, 4, "0.05"), ("Bronx", 7, "9.99")]
TRIPS_SUMMED = {"trips": {"total": "sum"}, "fare": {"total": "sum", "format": "currency"}}


def test_rows_are_sorted_by_several_columns_and_equal_ones_stay() -> None:
    grid = source(result(TRIPS, *ROWS))
    assert [row[1] for row in shown(grid, Sorting(0))] == ["4", "1", "7", "3", "2"]
    assert [row[1] for row in shown(grid, Sorting(0, descending=True), Sorting(1))] == ["2", "3", "1", "7", "4"]


def test_columns_that_are_not_there_are_refused() -> None:
    grid = source(result(TRIPS, *ROWS))
    for sorting, filters in (([Sorting(3)], {}), ([Sorting(-1)], {}), ([], {3: {"type": "blank"}})):
        with pytest.raises(UserError):
            view(grid, sorting, filters)


def test_totals_are_exact_and_leave_null_out() -> None:
    huge = [("12345678901234567890123456789012.123456",), ("0.000001",), (None,)]
    grid = source(result({"x": "decimal"}, *huge), {"x": {"total": "sum"}})
    assert shown(grid)[-1] == ["Total 12,345,678,901,234,567,890,123,456,789,012.123457"]


@pytest.mark.parametrize(
    ("wire", "values", "kind", "expected"),
    [
        ("integer", [1, 2, 2], "average", "average 1.67"),
        ("decimal", ["1.00", "2.00", "2.00"], "average", "average 1.6667"),
        ("number", [0.1, 0.2], "sum", "0.3"),
        ("number", [0.1, 0.2, 0.2], "average", "average 0.1666667"),
        ("number", [1.0, "NaN"], "sum", "NaN"),
        ("number", ["Infinity", "-Infinity"], "average", "average NaN"),
        ("decimal", ["9", "10", None], "max", "greatest 10"),
        ("decimal", ["9", "10", None], "min", "least 9"),
        ("date", ["2015-12-06", "2015-11-30"], "min", "least 2015-11-30"),
        ("string", ["b", None, "a"], "count", "count 2"),
        ("integer", [None], "sum", ""),
    ],
)
def test_each_total(wire: str, values: list, kind: str, expected: str) -> None:
    rows = [("one", value) for value in values]
    grid = source(result({"name": "string", "x": wire}, *rows), {"x": {"total": kind}})
    assert shown(grid)[-1] == ["Total", expected]


def test_totals_are_those_of_the_rows_that_pass() -> None:
    grid = source(result(TRIPS, *ROWS), TRIPS_SUMMED)
    assert shown(grid)[-1] == ["Total", "17", "$18.09"]
    assert shown(grid, filters={0: {"type": "equals", "filter": "bronx"}})[-1] == ["Total", "8", "$7.94"]
    assert shown(grid, filters={0: {"type": "equals", "filter": "x"}}) == [["Total", "", ""]]


def test_what_holds_no_numbers_has_no_sum() -> None:
    with pytest.raises(GridError, match="The column 'zone' holds no numbers, so it has no sum"):
        source(result(TRIPS), {"zone": {"total": "sum"}})


def test_groups_stand_above_their_rows_with_their_totals() -> None:
    grid = source(result(TRIPS, *ROWS), TRIPS_SUMMED, type="table", group="zone")
    assert shown(grid) == [
        ["Queens · 2 rows", "5", "$10.10"],
        ["Queens", "3", "$10.10"],
        ["Queens", "2", ""],
        ["Bronx · 2 rows", "8", "$7.94"],
        ["Bronx", "1", "-$2.05"],
        ["Bronx", "7", "$9.99"],
        ["(no value) · 1 row", "4", "$0.05"],
        ["", "4", "$0.05"],
        ["Total", "17", "$18.09"],
    ]


def test_groups_are_sorted_by_their_totals_and_rows_within_them() -> None:
    grid = source(result(TRIPS, *ROWS), TRIPS_SUMMED, type="table", group="ZONE")
    lines = shown(grid, Sorting(1, descending=True))
    assert [line[1] for line in lines] == ["8", "7", "1", "5", "3", "2", "4", "4", "17"]


def test_groups_are_sorted_by_how_many_they_count_as_numbers() -> None:
    rows = [(zone, f"trip {at}") for zone, count in (("a", 10), ("b", 9), ("c", 1)) for at in range(count)]
    grid = source(
        result({"zone": "string", "trip": "string"}, *rows), {"trip": {"total": "count"}}, type="table", group="zone"
    )
    lines = [line[0] for line in shown(grid, Sorting(1))]
    assert [line for line in lines if "row" in line] == ["c · 1 row", "b · 9 rows", "a · 10 rows"]


def test_groups_without_a_row_that_passes_are_gone() -> None:
    grid = source(result(TRIPS, *ROWS), TRIPS_SUMMED, type="table", group="zone")
    lines = shown(grid, filters={1: {"type": "above", "filter": "3"}})
    assert [line[0] for line in lines] == ["(no value) · 1 row", "", "Bronx · 1 row", "Bronx", "Total"]


def test_a_table_grouped_by_what_is_not_there_says_so() -> None:
    with pytest.raises(GridError, match="This table needs a column 'borough' that the report does not return"):
        source(result(TRIPS), type="table", group="borough")


def test_values_with_labels_are_shown_sorted_and_filtered_by_them() -> None:
    found = result({"pay": "integer", "n": "integer"}, (1, 5), (2, 7), (None, 3), (9, 1))
    grid = source(found, {"pay": {"labels": {"1": "Karte", "2": "Bar"}}, "n": {"total": "sum"}})
    assert shown(grid)[:4] == [["Karte", "5"], ["Bar", "7"], ["", "3"], ["9", "1"]]
    assert [line[0] for line in shown(grid, Sorting(0))] == ["", "9", "Bar", "Karte", "Total"]
    assert shown(grid, filters={0: {"type": "contains", "filter": "kart"}}) == [["Karte", "5"], ["Total", "5"]]


def test_groups_and_pivots_are_named_by_labels() -> None:
    found = result({"pay": "string", "day": "string", "n": "integer"}, ("Card", "Mon", 5), ("Cash", "Tue", 7))
    styles = {"pay": {"labels": {"Card": "Karte"}}, "day": {"labels": {"Mon": "Mo", "Tue": "Di"}}}
    assert shown(source(found, styles, type="table", group="pay"))[0][0] == "Karte · 1 row"
    pivot = source(found, styles, type="pivot", rows=["pay"], columns="day", values=["n"])
    assert [column.label for column in pivot.columns] == ["Pay", "Mo", "Di", "Total"]
    assert shown(pivot)[0] == ["Karte", "5", "", "5"]


def test_links_and_colours_look_at_the_values_themselves() -> None:
    found = result({"pay": "string"}, ("Card",))
    style = {"labels": {"Card": "Karte"}, "link": "/d/{pay}", "colour": [{"at": "Card", "is": "good"}]}
    grid = source(found, {"pay": style})
    (line,) = rows.page(grid, view(grid, (), {}), 0, 1)
    assert line == {"c0": "Card", "d0": "Karte", "l0": "/d/Card", "t0": "good"}
