"""The limits of Excel: constants, the error for a result beyond them, and notes on values that do not fit.

Used by `as_xlsx`, `about`, `cells` and `sheets`. Source: Microsoft, "Excel specifications and limits".
"""

from collections import Counter
from collections.abc import Iterator

from dashboard.errors import UserError

MAX_ROWS = 1_048_575
"""Data rows of a sheet, beneath its header."""

MAX_TEXT_LENGTH = 32_767
"""UTF-16 code units of a cell's text."""

MAX_NAME_LENGTH = 31
"""UTF-16 code units of a sheet's name."""

MAX_DIGITS = 15
"""Significant digits that Excel calculates with and shows."""

MAX_SHEET_BYTES = 2_000_000_000
"""Bytes of a sheet before compression. Beyond 2 GiB a streamed ZIP file needs a form that Excel wants to repair."""

_MAX_PLACES = 20  # cut texts of a sheet that are named


class TooLargeForExcel(UserError):
    """A result that is too large for a sheet; raised before the first byte."""

    def __init__(self, title: str, reason: str) -> None:
        sentence = f"'{title}' {reason}. Please download it as CSV or Parquet: these hold all of it."
        super().__init__("too_large", sentence, 409)


def utf16_units(text: str) -> int:
    """Returns a text's length as Excel counts it: most characters are one unit, emojis and rare ones two."""
    return len(text) + sum(character > "\uffff" for character in text)


class Notes:
    """The notes on one sheet: `cells` adds them while rows are written, `about` lists them."""

    def __init__(self) -> None:
        self._cut: list[str] = []
        self._cuts = 0
        self._exact: Counter[str] = Counter()
        self._outside: Counter[str] = Counter()
        self._no_number: Counter[str] = Counter()
        self._utc: dict[str, None] = {}

    def cut(self, place: str, units: int) -> None:
        """Notes that a text of this many UTF-16 units was cut."""
        self._cuts += 1
        if len(self._cut) < _MAX_PLACES:
            self._cut.append(f"{place} ({units:,} characters)")

    def exact(self, column: str) -> None:
        """Notes that a number was written as text."""
        self._exact[column] += 1

    def outside(self, column: str) -> None:
        """Notes that a date or a timestamp was written as text."""
        self._outside[column] += 1

    def no_number(self, column: str) -> None:
        """NaN or an infinity became text."""
        self._no_number[column] += 1

    def utc(self, column: str) -> None:
        """Notes that a timestamp with an offset was written in UTC."""
        self._utc[column] = None

    def sentences(self) -> Iterator[str]:
        """Yields the notes as sentences for viewers."""
        if self._cuts:
            more = self._cuts - len(self._cut)
            places = ", ".join(self._cut) + (f" and {more:,} more" if more else "")
            yield (
                f"Cut at the {MAX_TEXT_LENGTH:,} characters that a cell holds, and ending in an ellipsis: {places}. "
                "The CSV, JSON and Parquet downloads hold these texts whole."
            )
        for column, count in self._exact.items():
            yield (
                f"{column}: {_counted(count)} as text, to the last digit. "
                f"As a number it would be rounded: Excel calculates with {MAX_DIGITS} digits."
            )
        for column, count in self._outside.items():
            yield f"{column}: {_counted(count)} as text, as Excel has no dates before March 1900 or after 9999."
        for column, count in self._no_number.items():
            yield f"{column}: {_counted(count)} as text, as Excel has no NaN and no infinities."
        for column in self._utc:
            yield f"{column}: times are in UTC, as Excel knows no time zones."


def _counted(count: int) -> str:
    return "1 value stands" if count == 1 else f"{count:,} values stand"
