"""Excel: a workbook with a sheet for each result and a sheet About, streamed block by block. Listed in `formats`.

Cells have real types and are never formulas. The sheet About lists the values that Excel would round, refuse or cut. No
temporary file is written: a full disk cannot break a download, and a failed download leaves nothing behind.
"""

from collections.abc import Iterable, Sequence

from dashboard.downloads.pages import Chunks, Page, Provenance
from dashboard.downloads.tables import open_table
from dashboard.downloads.xlsx.about import PLAN, about
from dashboard.downloads.xlsx.limits import MAX_ROWS, TooLargeForExcel
from dashboard.downloads.xlsx.package import Archive, Frame, frame_sheets
from dashboard.downloads.xlsx.sheets import Sheet, plan_sheet, sheet_names

Source = tuple[Provenance, Iterable[Page]]


def write(provenance: Provenance, pages: Iterable[Page]) -> Chunks:
    """Yields a workbook with one result; see `workbook`."""
    return workbook([(provenance, pages)])


def workbook(sources: Sequence[Source]) -> Chunks:
    """Yields the bytes of a workbook with a sheet for each result, in this order.

    Raises `TooLargeForExcel` for a result that no sheet can hold: at once if it has too many rows, otherwise before the
    first byte. Raises `Incomplete` at the end of a sheet if rows are missing.
    """
    for provenance, _ in sources:
        if provenance.row_count > MAX_ROWS:
            raise TooLargeForExcel(
                provenance.title, f"has {provenance.row_count:,} rows, and a sheet of Excel holds {MAX_ROWS:,}"
            )
    return _workbook(sources)


def _workbook(sources: Sequence[Source]) -> Chunks:
    parts, sheets, about_frame = _laid_out(sources)
    for sheet in sheets:
        sheet.check()
    archive = Archive()
    for name, content in parts.items():
        yield from archive.add(name, [content])
    for sheet in sheets:
        yield from archive.add(sheet.frame.part, sheet.xml())
    entries = [(sheet.name, sheet.provenance, sheet.notes) for sheet in sheets]
    yield from archive.add(about_frame.part, about(about_frame, entries))
    yield from archive.end()


def _laid_out(sources: Sequence[Source]) -> tuple[dict[str, bytes], list[Sheet], Frame]:
    """Fetches each first page; returns the workbook's fixed parts, its sheets and the frame of About."""
    provenances = [provenance for provenance, _ in sources]
    tables = [open_table(provenance, pages) for provenance, pages in sources]
    names = sheet_names([provenance.title or provenance.report for provenance in provenances])
    plans = [plan_sheet(*described) for described in zip(names, provenances, tables, strict=True)]
    parts, (*frames, about_frame) = frame_sheets([*plans, PLAN])
    return parts, [Sheet(*each) for each in zip(names, provenances, tables, frames, strict=True)], about_frame
