"""A table of few rows: all of them, as the grid would show them, and none where a grid is needed."""

from dataclasses import replace
from typing import Any

import pytest

from dashboard.gateway.results import Column, Result
from dashboard.grid.columns import GridError
from dashboard.grid.plain_table import MOST_ROWS, plain_table

RESULT = Result(
    statement_id="s-1",
    report="operations.vendors",
    as_of="2026-11-23T09:31:07Z",
    row_count=3,
    columns=(
        Column("rate", "string"),
        Column("company", "string"),
        Column("fare", "decimal"),
        Column("key", "integer"),
    ),
    records=(("JFK", "Acme", "52.00", 1), ("City", "Acme", "-3.50", 2), ("City", "Zeta", None, 3)),
)
STYLES = {
    "company": {"label": "Company"},
    "fare": {"format": "currency", "total": "sum", "bar": True, "colour": [{"below": "0", "is": "bad"}]},
    "key": {"hidden": True},
}


def report(**chart: Any) -> dict[str, Any]:
    return {"id": "vendors", "chart": {"type": "table", **chart}, "columns": STYLES, "limit": 50_000, "download": True}


def made(result: Result = RESULT, **chart: Any) -> dict[str, Any]:
    table = plain_table(result, report(**chart))
    assert table is not None
    return table


def test_its_rows_have_words_bars_and_tones() -> None:
    table = made()
    first, second, third = table["rows"]
    assert (first["d2"], second["d2"], third["c2"]) == ("$52.00", "-$3.50", None)
    assert second["t2"] == "bad"
    assert "b2" in first
    assert table["total"]["d2"] == "$48.50"
    assert [column["label"] for column in table["columns"]] == ["Rate", "Company", "Fare"]
    assert [column["isNumber"] for column in table["columns"]] == [False, False, True]


def test_the_column_by_which_rows_stand_together_is_the_first() -> None:
    table = made(group="company")
    assert [(column["field"], column["isGroup"]) for column in table["columns"]][:2] == [("c1", True), ("c0", False)]
    assert [line.get("kind") for line in table["rows"]] == ["group", None, None, "group", None]


def test_all_lines_of_groups_come_however_many_they_are() -> None:
    records = tuple(("City", f"Company {at}", "1.00", at) for at in range(MOST_ROWS))
    table = made(replace(RESULT, records=records, row_count=MOST_ROWS), group="company")
    assert len(table["rows"]) == 2 * MOST_ROWS


def test_a_pivot_names_its_rows_and_has_headings() -> None:
    pivoted = plain_table(RESULT, report(type="pivot", rows=["company"], columns="rate", values=["fare", "key"]))
    assert pivoted is not None
    assert pivoted["namesRows"]
    assert [column["heading"] for column in pivoted["columns"]][:3] == ["", "JFK", "JFK"]


def test_clicks_name_the_fields_of_their_values() -> None:
    table = made(click={"filter": {"rate": "rate"}})
    assert [column["clicks"] for column in table["columns"]] == [{"rate": "c0"}, None, None]


@pytest.mark.parametrize(("rows", "records"), [(MOST_ROWS + 1, MOST_ROWS + 1), (4, 3)])
def test_more_rows_or_some_that_are_not_there_take_a_grid(rows: int, records: int) -> None:
    result = replace(RESULT, row_count=rows, records=RESULT.records[:1] * records)
    assert plain_table(result, report()) is None


def test_a_header_that_does_not_go_with_the_rows_is_told() -> None:
    with pytest.raises(GridError, match="a column 'nothing'"):
        plain_table(RESULT, report(group="nothing"))
