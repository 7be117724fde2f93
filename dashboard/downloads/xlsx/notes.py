"""What became of values that Excel cannot hold as they are: told on the sheet About, so that nothing is lost silently.

Filled by `cells` while a sheet is written, read by `about`.
"""

from collections import Counter
from collections.abc import Iterator

from dashboard.downloads.xlsx.limits import LONGEST_TEXT, MOST_DIGITS

_MOST_PLACES = 20


class Notes:
    """The notes on one sheet."""

    def __init__(self) -> None:
        self._cut: list[str] = []
        self._cuts = 0
        self._exact: Counter[str] = Counter()
        self._outside: Counter[str] = Counter()
        self._no_number: Counter[str] = Counter()
        self._utc: dict[str, None] = {}

    def cut(self, place: str, units: int) -> None:
        """A text of so many characters was cut."""
        self._cuts += 1
        if len(self._cut) < _MOST_PLACES:
            self._cut.append(f"{place} ({units:,} characters)")

    def exact(self, column: str) -> None:
        """A number became text."""
        self._exact[column] += 1

    def outside(self, column: str) -> None:
        """A date or a timestamp became text."""
        self._outside[column] += 1

    def no_number(self, column: str) -> None:
        """NaN or an infinity became text."""
        self._no_number[column] += 1

    def utc(self, column: str) -> None:
        """A timestamp with an offset was written in UTC."""
        self._utc[column] = None

    def sentences(self) -> Iterator[str]:
        """All of them, in words."""
        if self._cuts:
            more = self._cuts - len(self._cut)
            places = ", ".join(self._cut) + (f" and {more:,} more" if more else "")
            yield (
                f"Cut at the {LONGEST_TEXT:,} characters that a cell holds, and ending in an ellipsis: {places}. "
                "The CSV, JSON and Parquet downloads hold these texts whole."
            )
        for column, count in self._exact.items():
            yield (
                f"{column}: {_counted(count)} as text, to the last digit. "
                f"As a number it would be rounded: Excel calculates with {MOST_DIGITS} digits."
            )
        for column, count in self._outside.items():
            yield f"{column}: {_counted(count)} as text, as Excel has no dates before March 1900 or after 9999."
        for column, count in self._no_number.items():
            yield f"{column}: {_counted(count)} as text, as Excel has no NaN and no infinities."
        for column in self._utc:
            yield f"{column}: times are in UTC, as Excel knows no time zones."


def _counted(count: int) -> str:
    return "1 value stands" if count == 1 else f"{count:,} values stand"
