"""The parts of a workbook around its rows, which XlsxWriter makes from sheets without rows, and the ZIP file of all.

Used by `as_xlsx`. The sizes and checksums of an entry follow its content, as ECMA-376 part 2, annex B allows for
(general purpose bit 3), so an entry can be sent while it is written.
"""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from dashboard.downloads.byte_buffer import ByteBuffer

_STYLED = re.compile(r'<c r="([A-Z]+[12])"( s="\d+")/>')
_DIMENSION = re.compile(r'<dimension ref="[^"]*"/>')
_COMPRESSION_LEVEL = 3  # of 9: half the time of zlib's usual 6, for files a tenth larger
_HEADER = {"bold": True, "bottom": 1, "bg_color": "#EEF1F5", "valign": "top"}


@dataclass(frozen=True)
class SheetPlan:
    """A sheet before its rows: its name, its columns, and how many rows come beneath the header.

    `widths` are in characters; `formats` are XlsxWriter's properties of each column's cells, {} for Excel's own. With
    None as `rows` the sheet has neither header nor filter, and its length is not known yet.
    """

    name: str
    widths: Sequence[int]
    formats: Sequence[dict[str, object]]
    rows: int | None = None


@dataclass(frozen=True)
class Frame:
    """A sheet's part in the ZIP file, the XML before and after its rows, and the styles of its cells.

    `styles` are attributes (` s="1"`), empty for none: of the header's cells and of those beneath, by column.
    """

    part: str
    before: str
    after: str
    header_styles: tuple[str, ...]
    styles: tuple[str, ...]

    @property
    def letters(self) -> tuple[str, ...]:
        """The columns' letters."""
        return tuple(xl_col_to_name(position) for position in range(len(self.styles)))


def frame_sheets(plans: Sequence[SheetPlan]) -> tuple[dict[str, bytes], list[Frame]]:
    """Returns the parts of a workbook other than sheets, in their order in the ZIP file, and a frame for each sheet."""
    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"in_memory": True}) as book:
        header = book.add_format(_HEADER)
        for plan in plans:
            _add(book, plan, header)
    with ZipFile(made) as parts:
        frames = [_frame(parts, number, plan) for number, plan in enumerate(plans, 1)]
        sheets = {frame.part for frame in frames}
        return {name: parts.read(name) for name in parts.namelist() if name not in sheets}, frames


def _add(book: xlsxwriter.Workbook, plan: SheetPlan, header: object) -> None:
    """Adds the sheet with empty cells in rows 1 and 2, from which `_frame` reads the styles."""
    sheet = book.add_worksheet(plan.name)
    for column, (width, properties) in enumerate(zip(plan.widths, plan.formats, strict=True)):
        sheet.set_column(column, column, width)
        if plan.rows is not None:
            sheet.write_blank(0, column, None, header)
        if properties:
            sheet.write_blank(1, column, None, book.add_format(properties))
    if plan.rows is not None:
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, plan.rows, len(plan.widths) - 1)


def _frame(parts: ZipFile, number: int, plan: SheetPlan) -> Frame:
    part = f"xl/worksheets/sheet{number}.xml"
    before, _, rest = parts.read(part).decode().partition("<sheetData>")
    cells, _, after = rest.partition("</sheetData>")
    styles = dict(_STYLED.findall(cells))
    letters = [xl_col_to_name(position) for position in range(len(plan.widths))]
    last = xl_rowcol_to_cell(plan.rows or 0, len(letters) - 1)
    dimension = "" if plan.rows is None else f'<dimension ref="A1:{last}"/>'
    return Frame(
        part=part,
        before=_DIMENSION.sub(dimension, before) + "<sheetData>",
        after=f"</sheetData>{after}",
        header_styles=tuple(styles.get(f"{letter}1", "") for letter in letters),
        styles=tuple(styles.get(f"{letter}2", "") for letter in letters),
    )


class Archive:
    """One ZIP file. Each method yields the bytes to send; `end` yields the last."""

    def __init__(self) -> None:
        self._buffer = ByteBuffer()
        self._zip = ZipFile(self._buffer, "w", ZIP_DEFLATED, compresslevel=_COMPRESSION_LEVEL)

    def add(self, name: str, content: Iterable[bytes]) -> Iterator[bytes]:
        """Writes an entry, piece by piece."""
        with self._zip.open(name, "w") as opened:
            for piece in content:
                opened.write(piece)
                yield from self._drained()
        yield from self._drained()

    def end(self) -> Iterator[bytes]:
        """Writes the list of entries, without which the ZIP file cannot be opened."""
        self._zip.close()
        yield from self._drained()

    def _drained(self) -> Iterator[bytes]:
        """The bytes in the buffer, if any: an empty piece would end a chunked response."""
        content = self._buffer.drain()
        if content:
            yield content
