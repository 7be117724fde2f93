"""A result as a sheet."""

import datetime
import io
from zipfile import ZipFile

import xlsxwriter

from dashboard.downloads import tables
from dashboard.downloads.xlsx.frames import framed
from dashboard.downloads.xlsx.sheets import Sheet, planned
from tests.dashboard.downloads.download_rows import columns, pages, provenance

DESCRIBED = columns("zone string", "n integer", "day date", "ok boolean", "speed number")
RECORDS = [["Queens & <Bronx>", 7, "2015-12-01", True, 0.5], [" a\n_x0041_", -1, None, False, None]]


def ours() -> str:
    told = provenance(len(RECORDS))
    table = tables.opened(told, pages(DESCRIBED, RECORDS))
    _, (frame,) = framed([planned("Trips", told, table)])
    return b"".join(Sheet("Trips", told, table, frame).xml()).decode()


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
