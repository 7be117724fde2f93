"""The columns of a grid: what names the rows of a pivot stays in sight, groups come first, functions are read once."""

from typing import Any

from dashboard.grid.grid import column_defs, column_types, grid_that_asks
from tests.dashboard.grid.grid_samples import result, source

ROWS = result({"pay": "string", "month": "integer", "fare": "decimal", "trips": "integer"}, ("Card", 12, "1.5", 2))
PIVOT = {"type": "pivot", "rows": ["pay"], "columns": "month"}


def defs(**chart: Any) -> list[dict[str, Any]]:
    styles = {"fare": {"bar": True, "colour": [{"below": "0", "is": "bad"}]}, "pay": {"hidden": True}}
    return list(column_defs(source(ROWS, styles, **chart), []))


def test_the_column_of_a_group_comes_first_and_is_never_hidden() -> None:
    first, *others = defs(type="table", group="month")
    assert (first["field"], first["hide"]) == ("c1", False)
    assert [(each["field"], each["hide"]) for each in others] == [("c0", True), ("c2", False), ("c3", False)]


def test_what_names_the_rows_of_a_pivot_stays_at_the_left() -> None:
    names, *values = defs(**PIVOT, values=["fare"])
    assert names["pinned"] == "left"
    assert not any("pinned" in each for each in values)


def test_headings_stand_above_every_column_where_there_are_some() -> None:
    found = defs(**PIVOT, values=["fare", "trips"])
    assert [each["headerName"] for each in found] == ["", "12", "Total"]
    assert [each["headerName"] for each in found[1]["children"]] == ["Fare", "Trips"]


def test_columns_hold_no_functions_that_they_could_share() -> None:
    column = defs(**PIVOT, values=["fare"])[1]
    assert column["type"] == ["rightAligned", "number", "bar", "tone"]
    assert set(column) == {"field", "headerName", "hide", "type", "minWidth"}
    assert set(column["type"]) - {"rightAligned"} <= set(column_types())


def test_a_column_is_as_wide_as_its_label_unless_that_is_long() -> None:
    def width(label: str) -> int:
        (*_, trips) = column_defs(source(ROWS, {"trips": {"label": label}}, type="table"), [])
        return trips["minWidth"]

    assert width("Km") < width("Sept. 2015") < width("Trips of every kind") == width("Trips of every kind in a month")
    assert width("Sept. 2015") > 10 * 7 + 48, "digits of the label's font, and what the grid keeps beside it"


def test_cells_tell_what_a_click_on_them_sets() -> None:
    pay, month, *_ = defs(type="table", click={"filter": {"way": "PAY"}})
    assert pay["context"] == {"clicks": {"way": "c0"}}
    assert "context" not in month
    assert "!params.data.kind" in pay["cellClassRules"]["can-click"], "a total stands for no value"
    first, *others = defs(type="table", click={"open": "other"})
    assert first["context"] == {"clicks": {}}
    assert not any("context" in each for each in others)


def test_a_grid_that_asks_for_its_lines_knows_how_many_there_are() -> None:
    first = {"statementId": "s-1", "rows": [{"c0": "1"}], "total": None, "count": 50_000, "note": ""}
    options = grid_that_asks("trips", source(ROWS), first).dashGridOptions
    assert options["context"] == {"first": first}, "so that nobody asks for what is there"
    assert (options["infiniteInitialRowCount"], options["cacheBlockSize"]) == (50_000, 100)
