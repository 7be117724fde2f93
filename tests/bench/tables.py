"""A suite's outcome as a table for the terminal."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Table:
    """What was measured; all cells but those of the first column are figures."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(self.head, *self.rows, strict=True)]
        lines = [self._line(row, widths) for row in (self.head, ["-" * width for width in widths], *self.rows)]
        return "\n".join(["", self.title, "", *lines, "", *self.notes])

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        first, *figures = zip(row, widths, strict=True)
        return "  ".join([first[0].ljust(first[1]), *(text.rjust(width) for text, width in figures)])
