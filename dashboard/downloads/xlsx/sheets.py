"""A result as a sheet: its XML, block by block; used by `as_xlsx`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from dashboard.downloads.pages import Provenance, Record
from dashboard.downloads.tables import Table
from dashboard.downloads.xlsx.cells import text_cell, writer
from dashboard.downloads.xlsx.columns import cell_format, width
from dashboard.downloads.xlsx.frames import Frame, SheetPlan
from dashboard.downloads.xlsx.limits import LARGEST_SHEET, TooLargeForExcel
from dashboard.downloads.xlsx.notes import Notes


@dataclass(frozen=True)
class Sheet:
    """A result on its way into a sheet of this name. `notes` are complete once `xml` has ended."""

    name: str
    provenance: Provenance
    table: Table
    frame: Frame
    notes: Notes = field(default_factory=Notes)

    def check(self) -> None:
        """Raises `TooLargeForExcel` if all rows together, being like the first ones, are too large."""
        rows = len(self.table.sample)
        size = sum(len(row) for row in self._rows(self.table.sample, 2, Notes()))
        if size * self.provenance.row_count > LARGEST_SHEET * rows:
            raise TooLargeForExcel(self.provenance.title, "is larger than a sheet of Excel can be")

    def xml(self) -> Iterator[bytes]:
        """The part of the ZIP file that is this sheet; raises `Incomplete` if rows are missing."""
        described = zip(self.table.columns, self.frame.letters, self.frame.header_styles, strict=True)
        header = [text_cell(column.name, f"{letter}1", style) for column, letter, style in described]
        yield (self.frame.before + _row(1, header)).encode()
        row = 2
        for block in self.table.blocks:
            yield "".join(self._rows(block, row, self.notes)).encode()
            row += len(block)
        yield self.frame.after.encode()

    def _rows(self, block: Sequence[Record], first: int, notes: Notes) -> Iterator[str]:
        described = zip(self.table.columns, self.frame.letters, self.frame.styles, strict=True)
        writers = [(writer(column.type, column.name, style, notes), letter) for column, letter, style in described]
        for row, record in enumerate(block, first):
            cells = [
                write(value, f"{letter}{row}")
                for value, (write, letter) in zip(record, writers, strict=True)
                if value is not None
            ]
            yield _row(row, cells)


def planned(name: str, provenance: Provenance, table: Table) -> SheetPlan:
    """What the workbook must know of a sheet before its rows."""
    samples = list(zip(*table.sample, strict=True)) or [()] * len(table.columns)
    described = list(zip(table.columns, table.digits, samples, strict=True))
    return SheetPlan(
        name=name,
        rows=provenance.row_count,
        widths=[width(column, values) for column, _, values in described],
        formats=[cell_format(column, digits, values) for column, digits, values in described],
    )


def _row(number: int, cells: Sequence[str]) -> str:
    # Readers take a row without any cell for none, so a row of nothing but NULL gets an empty one.
    return f'<row r="{number}">{"".join(cells) or _empty(number)}</row>'


def _empty(number: int) -> str:
    return f'<c r="A{number}"/>'
