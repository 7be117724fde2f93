"""What Excel can hold, and the refusal of what it cannot; used by `as_xlsx` and `cells`.

Source: Microsoft, "Excel specifications and limits".
"""

from dashboard.errors import UserError

MOST_ROWS = 1_048_575
"""Data rows of a sheet, beneath its header."""

LONGEST_TEXT = 32_767
"""UTF-16 code units of a cell's text."""

LONGEST_NAME = 31
"""UTF-16 code units of a sheet's name."""

MOST_DIGITS = 15
"""Significant digits that Excel calculates with and shows."""

LARGEST_SHEET = 2_000_000_000
"""Bytes of a sheet before compression. Beyond 2 GiB a streamed ZIP file needs a form that Excel wants to repair."""


class TooLargeForExcel(UserError):
    """A result that no sheet can hold whole; raised before the first byte."""

    def __init__(self, title: str, reason: str) -> None:
        sentence = f"'{title}' {reason}. Please download it as CSV or Parquet: these hold all of it."
        super().__init__("too_large", sentence, 409)


def utf16_units(text: str) -> int:
    """A text's length as Excel counts it: most characters are one unit, emojis and rare ones two."""
    return len(text) + sum(character > "\uffff" for character in text)
