"""A result as a sheet: its name, how its columns look, and its XML, block by block. Used by `as_xlsx`."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from dashboard.downloads.pages import Digits, Provenance, Record
from dashboard.downloads.tables import Table, as_text
from dashboard.downloads.xlsx.cells import text_cell, writer
from dashboard.downloads.xlsx.limits import MAX_NAME_LENGTH, MAX_SHEET_BYTES, Notes, TooLargeForExcel, utf16_units
from dashboard.downloads.xlsx.package import Frame, SheetPlan
from dashboard.gateway.results import Column

ABOUT = "About"
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_RESERVED = {"history"}  # Excel's own, for tracked changes

_MIN_WIDTH, _MAX_WIDTH = 8, 60
_FILTER = 3  # characters that the filter's button takes of the header
_MAX_ZEROS = 4  # digits behind the point that are worth showing when they are 0

_DATE, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"
_SHOWN = {"integer": "0", "date": _DATE}


@dataclass(frozen=True)
class Sheet:
    """A result and the sheet that it is written to. `notes` are complete once `xml` has ended."""

    name: str
    provenance: Provenance
    table: Table
    frame: Frame
    notes: Notes = field(default_factory=Notes)

    def check(self) -> None:
        """Raises `TooLargeForExcel` if the rows are too large for a sheet, estimated from the first ones."""
        rows = len(self.table.sample)
        size = sum(len(row) for row in self._rows(self.table.sample, 2, Notes()))
        if size * self.provenance.row_count > MAX_SHEET_BYTES * rows:
            raise TooLargeForExcel(self.provenance.title, "is larger than a sheet of Excel can be")

    def xml(self) -> Iterator[bytes]:
        """Yields this sheet's part of the ZIP file; raises `Incomplete` if rows are missing."""
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


def plan_sheet(name: str, provenance: Provenance, table: Table) -> SheetPlan:
    """Returns the plan of a result's sheet, from its columns and first rows."""
    samples = list(zip(*table.sample, strict=True)) or [()] * len(table.columns)
    described = list(zip(table.columns, table.digits, samples, strict=True))
    return SheetPlan(
        name=name,
        rows=provenance.row_count,
        widths=[width(column, values) for column, _, values in described],
        formats=[cell_format(column, digits, values) for column, digits, values in described],
    )


def _row(number: int, cells: Sequence[str]) -> str:
    # Readers skip a row without cells, so a row of NULLs gets an empty cell.
    return f'<row r="{number}">{"".join(cells) or _empty(number)}</row>'


def _empty(number: int) -> str:
    return f'<c r="A{number}"/>'


def cell_format(column: Column, digits: Digits | None, values: Sequence[Any]) -> dict[str, object]:
    """Returns XlsxWriter's properties of the column's cells, {} for Excel's own choice.

    Decimals show as many digits as they are declared with, or as the values have; times show milliseconds only if one
    of the values has a fraction.
    """
    shown = _SHOWN.get(column.type)
    if column.type == "decimal":
        scale = digits.scale if digits else max((_scale(value) for value in values if value is not None), default=0)
        shown = f"0.{'0' * scale}" if 0 < scale <= _MAX_ZEROS else None if scale else "0"
    if column.type == "timestamp":
        shown = f"{_TIME}.000" if any("." in value for value in values if value is not None) else _TIME
    return {"num_format": shown} if shown else {}


def width(column: Column, values: Sequence[Any]) -> int:
    """Returns the width in characters that the name and the first values need, within limits."""
    longest = max((_length(value) for value in values if value is not None), default=0)
    return min(max(len(column.name) + _FILTER, longest + 1, _MIN_WIDTH), _MAX_WIDTH)


def _scale(decimal: str) -> int:
    return len(decimal.partition(".")[2])


def _length(value: Any) -> int:
    return max(map(len, as_text(value).split("\n")))


def sheet_names(titles: Sequence[str]) -> list[str]:
    """Returns a name for each title, in this order, each different and none of them `ABOUT`."""
    used = {ABOUT.lower()} | _RESERVED
    names = []
    for title in titles:
        legal = _legal(title)
        name = next(name for name in _numbered(legal) if name.lower() not in used)
        used.add(name.lower())
        names.append(name)
    return names


def _legal(title: str) -> str:
    printable = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in title)
    return " ".join(_FORBIDDEN.sub("-", printable).split()).strip("' ") or "Sheet"


def _numbered(name: str) -> Iterator[str]:
    """Yields the name, then the name with (2), (3) and so on, each cut to the length that Excel allows."""
    for number in itertools.count(1):
        ending = "" if number == 1 else f" ({number})"
        short = name
        while utf16_units(short + ending) > MAX_NAME_LENGTH:
            short = short[:-1]
        yield short.rstrip(" '") + ending
