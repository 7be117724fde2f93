"""The workbook that XlsxWriter makes around the rows, and the ZIP file that leaves while it is written."""

import io
import random
from collections.abc import Iterator
from xml.etree import ElementTree
from zipfile import ZipFile

from dashboard.downloads.xlsx.package import Archive, SheetPlan, frame_sheets

DATES = {"num_format": "yyyy-mm-dd"}
PLAN = SheetPlan("Trips", widths=(10, 20, 30), formats=({}, DATES, {"num_format": "0.00"}), rows=100)


def test_each_sheet_has_a_frame_and_is_not_among_the_other_parts() -> None:
    parts, frames = frame_sheets([PLAN, SheetPlan("About", widths=(10,), formats=({},))])
    assert [frame.part for frame in frames] == ["xl/worksheets/sheet1.xml", "xl/worksheets/sheet2.xml"]
    assert next(iter(parts)) == "[Content_Types].xml"
    assert not [name for name in parts if name.startswith("xl/worksheets/sheet")]


def test_rows_put_into_a_frame_make_a_sheet() -> None:
    _, (frame,) = frame_sheets([PLAN])
    sheet = ElementTree.fromstring(f'{frame.before}<row r="1"/>{frame.after}')
    names = [element.tag.partition("}")[2] for element in sheet]
    assert names[:5] == ["dimension", "sheetViews", "sheetFormatPr", "cols", "sheetData"]
    assert [row.get("r") for row in sheet.findall(".//{*}row")] == ["1"]


def test_the_header_stays_while_one_scrolls_and_all_rows_can_be_filtered() -> None:
    _, (frame,) = frame_sheets([PLAN])
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in frame.before
    assert '<dimension ref="A1:C101"/>' in frame.before
    assert '<autoFilter ref="A1:C101"/>' in frame.after


def test_a_sheet_of_unknown_length_has_neither_header_nor_filter() -> None:
    _, (frame,) = frame_sheets([SheetPlan("About", widths=(10, 20), formats=({"bold": True}, {}))])
    assert "dimension" not in frame.before
    assert "pane" not in frame.before
    assert "autoFilter" not in frame.after


def test_every_column_has_its_style_and_the_header_one_of_its_own() -> None:
    _, (frame,) = frame_sheets([PLAN])
    assert frame.letters == ("A", "B", "C")
    general, dates, decimals = frame.styles
    assert general == ""
    assert len({dates, decimals, *frame.header_styles}) == 3
    assert dates.startswith(' s="')


def test_a_wide_result_has_letters_for_all_its_columns() -> None:
    _, (frame,) = frame_sheets([SheetPlan("Wide", widths=(10,) * 703, formats=(DATES,) * 703, rows=1)])
    assert frame.letters[-1] == "AAA"
    assert len(set(frame.styles)) == 1


def test_what_left_piece_by_piece_is_a_whole_zip_file() -> None:
    archive = Archive()
    sent = [*archive.add("a.xml", [b"<a", b"/>"]), *archive.add("b.xml", [b"<b/>" * 100_000]), *archive.end()]
    with ZipFile(io.BytesIO(b"".join(sent))) as read:
        assert read.testzip() is None
        assert {name: len(read.read(name)) for name in read.namelist()} == {"a.xml": 4, "b.xml": 400_000}


def test_no_piece_is_empty() -> None:
    """An empty piece would end a chunked answer."""
    archive = Archive()
    assert all([*archive.add("a.xml", [b"", b"x", b""]), *archive.end()])


def test_what_was_written_leaves_before_more_is_asked_for() -> None:
    asked: list[int] = []

    def content() -> Iterator[bytes]:
        for number in range(100):
            asked.append(number)
            yield random.Random(number).randbytes(100_000)

    sending = Archive().add("a.xml", content())
    for _ in range(3):
        next(sending)
    assert len(asked) < 10


def test_no_entry_has_the_form_of_larger_files_that_excel_wants_to_repair() -> None:
    archive = Archive()
    sent = b"".join([*archive.add("a.xml", [b"x"]), *archive.end()])
    with ZipFile(io.BytesIO(sent)) as read:
        (entry,) = read.infolist()
    assert entry.extract_version == 20
    assert entry.extra == b""
