"""Excel workbooks, read back by openpyxl and pandas."""

import datetime
import io
import tempfile
from collections.abc import Iterator
from decimal import Context, Decimal
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from openpyxl.utils.escape import unescape
from openpyxl.worksheet.worksheet import Worksheet

from dashboard.downloads import as_xlsx
from dashboard.downloads.pages import Digits, Page, Provenance
from dashboard.downloads.tables import Incomplete
from dashboard.downloads.xlsx.limits import TooLargeForExcel
from tests.dashboard.downloads.download_rows import Rows, columns, pages, provenance, results
from tests.dashboard.downloads.download_rows import written as written_as

MARCH_1900 = "1900-03-01"


def opened(content: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content))


def sheet_of(*described: str, records: list[list[Any]], **more: Any) -> Worksheet:
    """The first sheet of a result's workbook."""
    return opened(written_as(as_xlsx.write, columns(*described), records, **more)).worksheets[0]


def about(content: bytes) -> list[tuple[str, str]]:
    """The lines of the sheet About."""
    return [(label, text) for label, text in opened(content)["About"].iter_rows(values_only=True) if label]


def in_excel(wire_type: str, value: Any) -> Any:
    """What a cell should hold: a value of its type, or exact text for what Excel has no value for."""
    if value is None:
        return None
    if wire_type == "integer":
        return value if abs(value) < 10**15 else str(value)
    if wire_type == "decimal":
        digits = Decimal(value).normalize(Context(prec=60)).as_tuple().digits
        return float(value) if len(digits) <= 15 else value
    if wire_type == "date":
        return datetime.datetime.fromisoformat(value) if value >= MARCH_1900 else value
    if wire_type == "timestamp":
        return _in_milliseconds(datetime.datetime.fromisoformat(value)) if value >= MARCH_1900 else value
    return value


def _in_milliseconds(moment: datetime.datetime) -> int:
    """openpyxl rounds to milliseconds, and a half may go either way; see `same`."""
    return round((moment - datetime.datetime.fromisoformat(MARCH_1900)) / datetime.timedelta(milliseconds=1))


def same(expected: Any, read: Any) -> bool:
    if isinstance(expected, str):
        return bool(expected == unescape(read or ""))
    if isinstance(read, datetime.datetime) and isinstance(expected, int):
        return abs(_in_milliseconds(read) - expected) <= 1
    return bool(expected == read) and (expected is None) == (read is None)


@settings(max_examples=60)
@given(rows=results())
def test_openpyxl_reads_every_value_as_it_was(rows: Rows) -> None:
    content = b"".join(as_xlsx.write(provenance(len(rows.records)), rows.pages))
    read = list(opened(content).worksheets[0].iter_rows(min_row=2, values_only=True))
    assert len(read) == len(rows.records)
    for record, cells in zip(rows.records, read, strict=True):
        for column, value, cell in zip(rows.columns, record, cells, strict=True):
            assert same(in_excel(column.type, value), cell), (column, value, cell)


def test_pandas_reads_it_as_a_table() -> None:
    described = columns("day date", "fare decimal", "zone string")
    content = written_as(as_xlsx.write, described, [["2015-12-01", "1.50", "Queens"], [None, None, "Bronx"]])
    frame = pd.read_excel(io.BytesIO(content))
    assert frame.columns.tolist() == ["day", "fare", "zone"]
    assert frame.iloc[0].tolist() == [pd.Timestamp("2015-12-01"), 1.5, "Queens"]
    assert frame.iloc[1].isna().tolist() == [True, True, False]


def test_a_row_of_nulls_is_a_row() -> None:
    sheet = sheet_of("day date", "n integer", records=[[None, None], [None, 1], [None, None]])
    assert list(sheet.iter_rows(min_row=2, values_only=True)) == [(None, None), (None, 1), (None, None)]


def test_cells_have_real_types_and_formats() -> None:
    described = ("day date", "at timestamp", "fare decimal", "n integer", "ok boolean")
    record = ["2015-12-01", "2015-12-01T08:00:00", "1.50", 7, True]
    (_, cells) = sheet_of(*described, records=[record])
    assert [cell.data_type for cell in cells] == ["d", "d", "n", "n", "b"]
    assert [cell.number_format for cell in cells] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss", "0.00", "0", "General"]


def test_decimals_show_the_digits_that_the_gateway_declares() -> None:
    sheet = sheet_of("fare decimal", records=[["1"]], digits=(Digits(12, 2),))
    assert sheet["A2"].number_format == "0.00"


@pytest.mark.parametrize("text", ["=1+1", "{=1}", "+1", "http://example.com", "mailto:a@example.com", "1", "<r>x</r>"])
def test_a_text_is_never_a_formula_a_link_or_a_number(text: str) -> None:
    cell = sheet_of("c string", records=[[text]])["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s" if text[:1] != "=" else cell.data_type, None)


def test_no_formula_is_in_the_file() -> None:
    content = written_as(as_xlsx.write, columns("=1+1 string"), [["=1+1"]])
    with ZipFile(io.BytesIO(content)) as parts:
        assert b"<f>" not in parts.read("xl/worksheets/sheet1.xml")


def test_the_header_stays_and_all_rows_can_be_filtered() -> None:
    sheet = sheet_of("day date", "a_rather_long_name integer", records=[["2015-12-01", 1]] * 3)
    assert sheet.freeze_panes == "A2"
    assert sheet.auto_filter.ref == "A1:B4"
    assert [cell.value for cell in sheet[1]] == ["day", "a_rather_long_name"]
    assert sheet["A1"].font.bold
    assert sheet.column_dimensions["B"].width > sheet.column_dimensions["A"].width > 10


def test_a_result_without_rows_has_its_header() -> None:
    sheet = sheet_of("day date", "n integer", records=[])
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [["day", "n"]]


def test_columns_of_the_same_name_become_distinct() -> None:
    assert [cell.value for cell in sheet_of("n integer", "N integer", records=[])[1]] == ["n", "N_2"]


def test_the_second_sheet_lists_the_provenance_of_the_rows() -> None:
    content = written_as(as_xlsx.write, columns("n integer"), [[1], [10**15]])
    assert opened(content).sheetnames == ["Revenue by day", "About"]
    listed = dict(about(content))
    assert listed["Report"] == "Revenue by day (revenue_by_day)"
    assert listed["Parameter month"] == "2015-12"
    assert listed["Rows"] == "2"
    assert listed["Note"].startswith("n: 1 value stands as text")


def test_a_page_becomes_a_workbook_of_several_sheets() -> None:
    """Two panels may show one report, with other parameters."""
    one = provenance(1, parameters={"month": "2015-11"})
    two = provenance(2, parameters={"month": "2015-12"})
    three = provenance(0, title="Trips: by/zone", report="trips")
    content = b"".join(
        as_xlsx.workbook(
            [
                (one, pages(columns("n integer"), [[11]])),
                (two, pages(columns("n integer"), [[121], [122]])),
                (three, pages(columns("zone string"), [])),
            ]
        )
    )
    book = opened(content)
    assert book.sheetnames == ["Revenue by day", "Revenue by day (2)", "Trips- by-zone", "About"]
    assert [cell.value for cell in book["Revenue by day (2)"]["A"]] == ["n", 121, 122]
    assert [cell.value for cell in book["Trips- by-zone"]["A"]] == ["zone"]
    listed = [line for line in about(content) if line[0] in ("Sheet", "Parameter month")]
    assert listed[:4] == [
        ("Sheet", "Revenue by day"),
        ("Parameter month", "2015-11"),
        ("Sheet", "Revenue by day (2)"),
        ("Parameter month", "2015-12"),
    ]


def test_notes_stand_at_the_sheet_that_they_are_about() -> None:
    long = provenance(1, title="Long")
    short = provenance(1, title="Short")
    described = columns("t string")
    sources = [(short, pages(described, [["x"]])), (long, pages(described, [["x" * 40_000]]))]
    lines = about(b"".join(as_xlsx.workbook(sources)))
    notes = [position for position, (label, _) in enumerate(lines) if label == "Note"]
    assert notes == [len(lines) - 1]
    assert "A2 (40,000 characters)" in lines[-1][1]


def never(described: Provenance) -> Iterator[Page]:
    raise AssertionError(f"a page of {described.title} was asked for")
    yield


def test_more_rows_than_a_sheet_has_are_refused_before_any_is_asked_for() -> None:
    large = provenance(1_048_576)
    with pytest.raises(TooLargeForExcel) as refused:
        as_xlsx.write(large, never(large))
    assert refused.value.message == (
        "'Revenue by day' has 1,048,576 rows, and a sheet of Excel holds 1,048,575. "
        "Please download it as CSV or Parquet: these hold all of it."
    )
    assert (refused.value.code, refused.value.status) == ("too_large", 409)


def test_one_large_result_refuses_the_whole_workbook() -> None:
    small, large = provenance(1), provenance(2_000_000, title="Trips")
    with pytest.raises(TooLargeForExcel, match="'Trips' has 2,000,000 rows"):
        as_xlsx.workbook([(small, never(small)), (large, never(large))])


def test_as_many_rows_as_a_sheet_has_are_accepted() -> None:
    described = provenance(1_048_575)
    chunks = as_xlsx.write(described, pages(columns("n integer"), [[1]]))
    assert next(chunks).startswith(b"PK")


def test_a_sheet_larger_than_excel_opens_is_refused_before_the_first_byte() -> None:
    """Told from the first rows: a million rows of long texts are some 30 gigabytes."""
    described = provenance(1_000_000)
    chunks = as_xlsx.write(described, pages(columns("t string"), [["x" * 30_000]] * 10))
    with pytest.raises(TooLargeForExcel, match="'Revenue by day' is larger than a sheet of Excel can be"):
        next(chunks)


def test_the_first_bytes_leave_before_a_second_page_is_asked_for() -> None:
    asked: list[int] = []

    def counted() -> Iterator[Page]:
        for number, page in enumerate(pages(columns("n integer"), [[1], [2]], size=1)):
            asked.append(number)
            yield page

    chunks = as_xlsx.write(provenance(2), counted())
    next(chunks)
    assert asked == [0]


def test_missing_rows_break_the_download_off() -> None:
    with pytest.raises(Incomplete):
        list(as_xlsx.write(provenance(4), pages(columns("n integer"), [[1], [2], [3]])))


def test_no_file_is_written_on_the_way(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither by a download that ends well nor by one that breaks off."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "there is no such directory"))
    assert opened(written_as(as_xlsx.write, columns("n integer"), [[1]])).sheetnames
    with pytest.raises(Incomplete):
        list(as_xlsx.write(provenance(2), pages(columns("n integer"), [[1]])))


def test_no_part_of_the_file_is_a_workbook() -> None:
    """A download that breaks off anywhere leaves no valid file."""
    came = b""
    for chunk in as_xlsx.write(provenance(3), pages(columns("n integer"), [[1], [2], [3]])):
        with pytest.raises(BadZipFile):
            opened(came)
        came += chunk
    assert opened(came).sheetnames == ["Revenue by day", "About"]
