"""A result as a sheet: its XML, how its columns look, and names that Excel accepts and that differ."""

import datetime
import io
import re
from typing import Any
from zipfile import ZipFile

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from dashboard.downloads import tables
from dashboard.downloads.pages import Digits
from dashboard.downloads.xlsx.limits import utf16_units
from dashboard.downloads.xlsx.package import frame_sheets
from dashboard.downloads.xlsx.sheets import Sheet, cell_format, plan_sheet, sheet_names, width
from dashboard.gateway.results import Column
from tests.dashboard.downloads.download_rows import columns, pages, provenance

DESCRIBED = columns("zone string", "n integer", "day date", "ok boolean", "speed number")
RECORDS = [["Queens & <Bronx>", 7, "2015-12-01", True, 0.5], [" a\n_x0041_", -1, None, False, None]]


def ours() -> str:
    described = provenance(len(RECORDS))
    table = tables.open_table(described, pages(DESCRIBED, RECORDS))
    _, (frame,) = frame_sheets([plan_sheet("Trips", described, table)])
    return b"".join(Sheet("Trips", described, table, frame).xml()).decode()


def xlsxwriters() -> str:
    """The same sheet, all of it by XlsxWriter's own means."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True}) as book:
        sheet = book.add_worksheet("Trips")
        header = book.add_format({"bold": True, "bottom": 1, "bg_color": "#EEF1F5", "valign": "top"})
        whole, day = book.add_format({"num_format": "0"}), book.add_format({"num_format": "yyyy-mm-dd"})
        for position, (column, width) in enumerate(zip(DESCRIBED, (17, 8, 11, 8, 8), strict=True)):
            sheet.set_column(position, position, width)
            sheet.write_string(0, position, column.name, header)
        for row, (zone, n, date, ok, speed) in enumerate(RECORDS, 1):
            sheet.write_string(row, 0, zone)
            sheet.write_number(row, 1, n, whole)
            if date:
                sheet.write_datetime(row, 2, datetime.date.fromisoformat(date), day)
            sheet.write_boolean(row, 3, ok)
            if speed:
                sheet.write_number(row, 4, speed)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, len(RECORDS), len(DESCRIBED) - 1)
    with ZipFile(made) as parts:
        return parts.read("xl/worksheets/sheet1.xml").decode()


def test_it_is_to_the_letter_what_xlsxwriter_would_have_written() -> None:
    """Which many versions of Excel have opened."""
    assert ours() == xlsxwriters()


@pytest.mark.parametrize(
    ("wire_type", "values", "shown"),
    [
        ("string", ["a"], None),
        ("integer", [1], "0"),
        ("number", [0.5], None),
        ("boolean", [True], None),
        ("date", ["2015-12-01"], "yyyy-mm-dd"),
        ("timestamp", ["2015-12-01T00:00:00", None], "yyyy-mm-dd hh:mm:ss"),
        ("timestamp", ["2015-12-01T00:00:00", "2015-12-01T00:00:00.5"], "yyyy-mm-dd hh:mm:ss.000"),
        ("decimal", ["1.50", None], "0.00"),
        ("decimal", ["1", "2"], "0"),
        ("decimal", [None], "0"),
        ("decimal", ["1.500000"], None),
    ],
)
def test_a_format_shows_what_the_values_have(wire_type: str, values: list[Any], shown: str | None) -> None:
    assert cell_format(Column("c", wire_type), None, values) == ({"num_format": shown} if shown else {})


def test_a_decimal_shows_the_digits_it_is_declared_with() -> None:
    assert cell_format(Column("c", "decimal"), Digits(12, 2), [None]) == {"num_format": "0.00"}


@pytest.mark.parametrize(
    ("name", "values", "characters"),
    [
        ("n", [1], 8),
        ("a_rather_long_name", [1], 21),
        ("c", ["x" * 30, None], 31),
        ("c", ["x" * 300], 60),
        ("c", ["short\n" + "x" * 20], 21),
        ("c", [], 8),
    ],
)
def test_a_column_is_as_wide_as_its_name_and_values_within_reason(
    name: str, values: list[Any], characters: int
) -> None:
    assert width(Column(name, "string"), values) == characters


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Revenue by day", "Revenue by day"),
        ("Umsätze 日本", "Umsätze 日本"),
        ("a/b:c*[d]?\\e", "a-b-c--d---e"),
        ("  two\tlines\n", "two lines"),
        ("'quoted'", "quoted"),
        ("", "Sheet"),
        ("'", "Sheet"),
        ("About", "About (2)"),
        ("History", "History (2)"),
        ("Trips of 31 characters or longer", "Trips of 31 characters or longe"),
        ("😀" * 20, "😀" * 15),
    ],
)
def test_a_title_becomes_a_legal_name(title: str, name: str) -> None:
    assert sheet_names([title]) == [name]


def test_titles_that_repeat_in_any_case_are_numbered() -> None:
    assert sheet_names(["Trips", "TRIPS", "Trips", "Trips (2)"]) == ["Trips", "TRIPS (2)", "Trips (3)", "Trips (2) (2)"]


def test_a_number_replaces_a_long_title_s_end() -> None:
    assert sheet_names(["x" * 40, "x" * 40]) == ["x" * 31, "x" * 27 + " (2)"]


@given(titles=st.lists(st.text(max_size=40) | st.sampled_from(["a", "A", "about", "x" * 50, "' '"]), max_size=12))
def test_every_name_is_legal_and_its_own(titles: list[str]) -> None:
    names = sheet_names(titles)
    assert len({name.lower() for name in [*names, "About"]}) == len(titles) + 1
    for name in names:
        assert 1 <= utf16_units(name) <= 31
        assert not re.search(r"[\[\]:*?/\\\x00-\x1f]|^'|'$", name)
