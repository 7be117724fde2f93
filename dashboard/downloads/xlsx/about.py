"""The sheet About: provenance of each other sheet, and notes on values that Excel cannot hold.

Used by `as_xlsx`, which writes it last, when the notes are complete.
"""

from collections.abc import Iterable, Iterator

from dashboard.downloads.pages import Provenance, value_text
from dashboard.downloads.xlsx.cells import shortened, text_cell
from dashboard.downloads.xlsx.limits import Notes
from dashboard.downloads.xlsx.package import Frame, SheetPlan
from dashboard.downloads.xlsx.sheets import ABOUT

Entry = tuple[str, Provenance, Notes]
"""A sheet's name, its provenance, and the notes on it."""

PLAN = SheetPlan(
    name=ABOUT,
    widths=(18, 100),
    formats=({"bold": True, "valign": "top"}, {"text_wrap": True, "valign": "top"}),
)


def about(frame: Frame, entries: Iterable[Entry]) -> Iterator[bytes]:
    """Yields the XML of the sheet, in pieces."""
    lines = [line for entry in entries for line in (*_lines(*entry), ("", ""))][:-1]
    yield frame.before.encode()
    for row, line in enumerate(lines, 1):
        cells = [
            text_cell(shortened(text), f"{letter}{row}", style)
            for letter, style, text in zip(frame.letters, frame.styles, line, strict=True)
            if text
        ]
        yield f'<row r="{row}">{"".join(cells)}</row>'.encode()
    yield frame.after.encode()


def _lines(sheet: str, provenance: Provenance, notes: Notes) -> Iterator[tuple[str, str]]:
    """The lines on a sheet, each a label and a text."""
    yield "Sheet", sheet
    yield "Report", f"{provenance.title} ({provenance.report})"
    yield "Department", provenance.department
    for name, value in provenance.parameters.items():
        yield f"Parameter {name}", value_text(value)
    yield "Data as of", provenance.as_of
    yield "Rows", f"{provenance.row_count:,}"
    yield "Statement", provenance.statement_id
    yield "Downloaded by", provenance.user
    yield "Downloaded at", provenance.downloaded_at
    if provenance.note:
        yield "Note", provenance.note
    for sentence in notes.sentences():
        yield "Note", sentence
