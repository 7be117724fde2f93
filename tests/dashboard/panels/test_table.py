"""The rows behind a panel as a grid: exact, formatted as the guide says, and open about what is missing."""

from typing import Any

import dash_ag_grid as dag
import pytest

from dashboard.errors import GatewayError
from dashboard.gateway.results import Column, Result
from dashboard.locales.locale import Locale, using
from dashboard.panels import table as tables


def result(columns: dict[str, str], *records: tuple[Any, ...], total: int | None = None) -> Result:
    described = tuple(Column(name, wire) for name, wire in columns.items())
    return Result("s-1", "revenue", "2026-11-23T09:31:07Z", total or len(records), described, records)


REPORT = {"id": "trips", "download": True}


class FakeGateway:
    """Returns the rows of any statement to the holder of the right token."""

    def __init__(self, found: Result) -> None:
        self.found = found

    def result(self, token: str, statement_id: str, max_rows: int) -> Result:
        if token != "token":
            raise GatewayError("forbidden", "This report is for finance.", 403)
        return self.found.first(max_rows)


def parts(found: Result, columns: dict[str, Any] | None = None, **report: Any) -> tuple[Any, dag.AgGrid]:
    described = {"id": "trips", "download": True, **report, "columns": columns or {}}
    note, grid = tables.table(FakeGateway(found), "token", "s-1", described).children
    return note, grid


def cell(wire: str, value: Any, style: str | None = None) -> tuple[str, str]:
    """A lone cell's exact text, and what is shown."""
    columns = {"v": {"format": style}} if style else {}
    (row,) = parts(result({"v": wire}, (value,)), columns)[1].rowData
    return row["c0"], row.get("d0", row["c0"])


@pytest.mark.parametrize(
    ("wire", "value", "style", "exact", "shown"),
    [
        ("integer", 9007199254740993, None, "9007199254740993", "9,007,199,254,740,993"),
        ("integer", 9007199254740993, "text", "9007199254740993", "9007199254740993"),
        ("decimal", "12345678901234567.89", None, "12345678901234567.89", "12,345,678,901,234,567.89"),
        ("decimal", "12345678901234567.89", "text", "12345678901234567.89", "12345678901234567.89"),
        ("number", 0.12345678, None, "0.12345678", "0.12345678"),
        ("number", 0.12345678, "text", "0.12345678", "0.12345678"),
        ("number", 3.0, "text", "3", "3"),
        ("number", 1e22, "text", "1e+22", "1e+22"),
        ("number", "NaN", None, "NaN", "NaN"),
        ("number", "-Infinity", "thousands", "-Infinity", "-Infinity"),
        ("number", 6213400.5, "currency", "6213400.5", "$6,213,400.50"),
        ("number", 12.46, "number", "12.46", "12.46"),
        ("decimal", "11463.2", "thousands", "11463.2", "11,463"),
        ("number", 0.1726, "percent", "0.1726", "17.26%"),
        ("date", "2015-12-06", "date", "2015-12-06", "Dec 6, 2015"),
        ("date", "2015-12-06", None, "2015-12-06", "2015-12-06"),
        ("string", "10007", None, "10007", "10007"),
        ("string", "10007", "text", "10007", "10007"),
        ("string", "007", None, "007", "007"),
        ("string", "True", None, "True", "True"),
        ("timestamp", "2015-12-06T10:15:09.123456", None, "2015-12-06T10:15:09.123456", "2015-12-06 10:15:09.123456"),
        ("timestamp", "2015-12-06T10:15:09", "date", "2015-12-06T10:15:09", "Dec 6, 2015, 10:15:09"),
        ("timestamp", "infinity", None, "infinity", "infinity"),
        ("boolean", True, None, "Yes", "Yes"),
    ],
)
def test_a_cell_is_exact_and_shown_as_the_guide_says(wire, value, style, exact: str, shown: str) -> None:
    assert cell(wire, value, style) == (exact, shown)


def test_no_value_is_no_text() -> None:
    (row,) = parts(result({"a": "decimal", "b": "string", "c": "number"}, (None, None, None)))[1].rowData
    assert row == {"c0": None, "c1": None, "c2": None}


def test_numbers_are_sorted_and_filtered_by_their_exact_text() -> None:
    """The grid's own number filter, and its sorting, go through JavaScript's numbers."""
    _, grid = parts(result({"n": "decimal", "s": "string", "t": "timestamp"}, ("1.5", "x", "2015-12-06T10:15:09")))
    number, text, moment = grid.columnDefs
    assert [each["type"] for each in (number, text, moment)] == [["rightAligned", "number"], ["text"], ["text"]]
    types = grid.dashGridOptions["columnTypes"]
    assert types["number"]["comparator"] == {"function": "exact.compare"}
    assert types["text"]["comparator"] == {"function": "exact.compareTexts"}
    assert types["number"]["filter"] == types["text"]["filter"] == "agTextColumnFilter"
    assert {"function": "exact.between"} in [
        option["predicate"] for option in types["number"]["filterParams"]["filterOptions"] if isinstance(option, dict)
    ]
    assert "suppressHeaderFilterButton" not in grid.defaultColDef, "the community grid has no other way to a filter"


def test_the_grid_takes_no_text_for_a_date_or_a_number() -> None:
    _, grid = parts(result({"month": "string"}, ("2015-12-06",)))
    assert grid.defaultColDef["cellDataType"] == "text"


def test_columns_are_labelled_and_may_be_hidden() -> None:
    styles = {"fare": {"label": "Total fare"}, "day": {"hidden": True}}
    _, grid = parts(result({"day": "date", "fare": "decimal", "tip_rate": "number"}, (None, None, None)), styles)
    assert [column["headerName"] for column in grid.columnDefs] == ["Day", "Total fare", "Tip rate"]
    assert [column["hide"] for column in grid.columnDefs] == [True, False, False]


def test_without_the_right_to_download_a_table_ends_at_the_reports_limit() -> None:
    rows = result({"n": "integer"}, *((n,) for n in range(300)))
    note, grid = parts(rows, download=False, limit=200)
    assert len(grid.rowData) == 200
    assert note.children == "The first 200 of 300 rows. Sorting and filtering are of these."


def test_missing_rows_are_told() -> None:
    note, grid = parts(result({"n": "integer"}, *((n,) for n in range(6_000)), total=148_000))
    assert grid.rowModelType == "infinite"
    assert grid.dashGridOptions["infiniteInitialRowCount"] == 100_000
    assert note.children == (
        "The first 100,000 of 148,000 rows. Sorting and filtering are of these; a download has all."
    )
    assert (note.className, note.role) == ("table-note", "status")


@pytest.mark.parametrize(("rows", "where"), [(tables.IN_BROWSER, "browser"), (tables.IN_BROWSER + 1, "server")])
def test_only_a_few_rows_go_to_the_browser(rows: int, where: str) -> None:
    found = tables.table(FakeGateway(result({"n": "integer"}, *((n,) for n in range(rows)))), "token", "s-1", REPORT)
    assert getattr(found, "data-rows") == where


@pytest.mark.parametrize("report", [{"columns": {"n": {"total": "sum"}}}, {"chart": {"type": "table", "group": "n"}}])
def test_rows_that_others_are_made_of_stay_on_the_server(report: dict[str, Any]) -> None:
    found = tables.table(FakeGateway(result({"n": "integer"}, (1,))), "token", "s-1", REPORT | report)
    assert getattr(found, "data-rows") == "server"


def test_a_table_turns_in_place_only_if_its_rows_are_where_they_were() -> None:
    found = tables.table(FakeGateway(result({"n": "integer"}, (1,))), "token", "s-1", REPORT)
    assert tables.rows_in_place(found, "server") is None
    assert tables.rows_in_place(found, "browser")[0][1]["rowData"] == [{"c0": "1"}]


def test_what_a_header_asks_for_in_vain_is_a_sentence() -> None:
    report = REPORT | {"columns": {"n": {"total": "sum"}}}
    told = tables.table(FakeGateway(result({"n": "string"}, ("a",))), "token", "s-1", report)
    assert told.children == "The column 'n' holds no numbers, so it has no sum."


def test_a_number_is_never_cut_off() -> None:
    _, grid = parts(result({"n": "decimal"}, ("12345678901234567890123456789012.34",)))
    assert grid.columnDefs[0]["minWidth"] > 300


def test_marks_stand_beside_a_cells_text() -> None:
    styles = {"n": {"bar": True, "colour": [{"below": "0", "is": "bad"}], "link": "/d/{n}"}}
    _, grid = parts(result({"n": "integer"}, (-2,), (4,)), styles)
    assert grid.rowData[0] == {"c0": "-2", "b0": [25.0, 25.0], "t0": "bad", "l0": "/d/-2"}
    assert grid.rowData[1] == {"c0": "4", "b0": [50.0, 50.0], "l0": "/d/4"}
    assert {"bar", "tone"} <= set(grid.columnDefs[0]["type"])
    assert grid.columnDefs[0]["cellRenderer"] == "CellLink"


def test_a_table_of_all_rows_needs_no_note() -> None:
    assert parts(result({"n": "integer"}, (1,)))[0].hidden


def test_no_rows_make_an_empty_grid() -> None:
    assert parts(result({"n": "integer"}))[1].rowData == []


def test_rows_that_cannot_be_had_are_a_sentence() -> None:
    told = tables.table(FakeGateway(result({"n": "integer"})), "another", "s-1", {"id": "trips"})
    assert told.children == "This report is for finance."


@pytest.mark.parametrize(
    ("wire", "value", "style", "shown"),
    [
        ("decimal", "6213400.50", "currency", "6.213.400,50\xa0€"),
        ("integer", 9007199254740993, None, "9.007.199.254.740.993"),
        ("timestamp", "2015-07-01T22:30:00+00:00", None, "2015-07-02 00:30:00+02:00"),
        ("timestamp", "2015-07-01T22:30:00", None, "2015-07-01 22:30:00"),
        ("string", "1.5", None, "1.5"),
    ],
)
def test_a_cell_is_shown_in_the_viewers_language_and_stays_exact(wire: str, value: Any, style: str, shown: str) -> None:
    with using(Locale("de-DE", "EUR", "Europe/Berlin")):
        assert cell(wire, value, style) == (str(value), shown)
