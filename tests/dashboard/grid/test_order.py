"""The server sorts and filters as the browser does: both are held to the cases of one file."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.errors import UserError
from dashboard.grid.cells import exact_text, shown_text
from dashboard.grid.columns import GridColumn
from dashboard.grid.filters import passing
from dashboard.grid.order import keys
from dashboard.locales.locale import Locale, using

CASES = json.loads((Path(__file__).parents[2] / "assets" / "grid_cases.json").read_text("utf-8"))
TEXT = GridColumn("t", "T", "string")
WRITTEN_AS_NUMBERS = GridColumn("n", "N", "string", "number")
DECIMAL = GridColumn("n", "N", "decimal")


def ordered(column: GridColumn, values: list[Any]) -> list[Any]:
    places = keys(column, values)
    return [values[at] for at in sorted(range(len(values)), key=lambda at: places[at])]


@pytest.mark.parametrize("ascending", CASES["numbers"])
def test_numbers_are_sorted_as_the_browser_sorts_them(ascending: list[Any]) -> None:
    assert ordered(WRITTEN_AS_NUMBERS, ascending[::-1]) == ascending


@pytest.mark.parametrize("ascending", CASES["texts"])
def test_texts_are_sorted_as_the_browser_sorts_them(ascending: list[Any]) -> None:
    assert ordered(TEXT, ascending[::-1]) == ascending


@pytest.mark.parametrize(("kind", "passes"), [("equals", [0.1]), ("atMost", [0.1]), ("above", [0.2, 0.5])])
def test_floats_are_filtered_by_the_digits_that_are_read(kind: str, passes: list[float]) -> None:
    values = [0.1, 0.2, 0.5]
    found = passing(GridColumn("n", "N", "number"), {"type": kind, "filter": "0.1"}, values)
    assert [value for value, passed in zip(values, found, strict=True) if passed] == passes


def test_a_boolean_is_the_same_in_every_language_until_it_is_shown() -> None:
    with using(Locale("de-DE")):
        assert exact_text(True) == "Yes"
        assert shown_text(GridColumn("b", "B", "boolean"), "Yes") == "Ja"


@pytest.mark.parametrize("case", CASES["filters"], ids=lambda case: f"{case['type']} {case['filter']}")
def test_numbers_are_filtered_as_the_browser_filters_them(case: dict[str, Any]) -> None:
    assert all(passing(WRITTEN_AS_NUMBERS, case, case["passes"]))
    assert not any(passing(WRITTEN_AS_NUMBERS, case, case["fails"]))


def test_what_the_warehouse_calls_a_number_is_sorted_exactly() -> None:
    assert ordered(DECIMAL, ["2", None, "NaN", "10", "-Infinity"]) == [None, "-Infinity", "2", "10", "NaN"]
    assert ordered(GridColumn("i", "I", "integer"), [9007199254740993, 9007199254740992]) == [
        9007199254740992,
        9007199254740993,
    ]
    assert ordered(GridColumn("f", "F", "number"), [0.3, 0.1, "NaN", None, 1e300]) == [None, 0.1, 0.3, 1e300, "NaN"]


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ({"type": "contains", "filter": "AN"}, ["Manhattan", "island"]),
        ({"type": "notContains", "filter": "an"}, ["", None, "Queens"]),
        ({"type": "equals", "filter": "queens"}, ["Queens"]),
        ({"type": "notEqual", "filter": "queens"}, ["", None, "Manhattan", "island"]),
        ({"type": "startsWith", "filter": "i"}, ["island"]),
        ({"type": "endsWith", "filter": "S"}, ["Queens"]),
        ({"type": "blank"}, ["", None]),
        ({"type": "notBlank"}, ["Manhattan", "island", "Queens"]),
        (
            {"operator": "OR", "conditions": [{"type": "blank"}, {"type": "contains", "filter": "q"}]},
            ["", None, "Queens"],
        ),
        (
            {
                "operator": "AND",
                "conditions": [{"type": "contains", "filter": "n"}, {"type": "endsWith", "filter": "d"}],
            },
            ["island"],
        ),
    ],
)
def test_texts_are_filtered_whatever_their_case(model: dict[str, Any], expected: list[Any]) -> None:
    values = ["", None, "Manhattan", "island", "Queens"]
    found = passing(TEXT, model, values)
    assert [value for value, passes in zip(values, found, strict=True) if passes] == expected


def test_a_date_is_filtered_by_what_is_shown_of_it() -> None:
    column = GridColumn("d", "D", "date", "date")
    assert passing(column, {"type": "contains", "filter": "dec 6"}, ["2015-12-06", "2015-12-07"]) == [True, False]


@pytest.mark.parametrize("column", [TEXT, DECIMAL])
@pytest.mark.parametrize(
    "model", [{}, {"type": "regexp", "filter": "1"}, {"type": "equals"}, {"type": None, "filter": "1"}]
)
def test_a_filter_that_no_grid_has_is_refused(column: GridColumn, model: dict[str, Any]) -> None:
    with pytest.raises(UserError):
        passing(column, model, ["1"])


def test_between_needs_both_ends() -> None:
    with pytest.raises(UserError):
        passing(DECIMAL, {"type": "between", "filter": "1"}, ["1"])


@pytest.mark.parametrize(("kind", "blank"), [("blank", [True, True, False]), ("notBlank", [False, False, True])])
def test_a_missing_number_is_blank(kind: str, blank: list[bool]) -> None:
    assert passing(WRITTEN_AS_NUMBERS, {"type": kind}, [None, " ", "0"]) == blank


TYPED = json.loads((Path(__file__).parents[2] / "assets" / "typed_numbers.json").read_text("utf-8"))


@pytest.mark.parametrize(("tag", "text", "number"), [(tag, *case) for tag, cases in TYPED.items() for case in cases])
def test_what_is_typed_is_read_as_the_language_writes_it(tag: str, text: str, number: str | None) -> None:
    with using(Locale(tag)):
        passes = passing(DECIMAL, {"type": "equals", "filter": text}, [number or "1"])
    assert list(passes) == [number is not None]
