"""Values as the XML of cells, exact or with a note; used by `sheets` and `about`.

A cell is a number, a boolean or a text, never a formula. A value that Excel would round or refuse is written as text,
with a note (`limits.Notes`). Source: ECMA-376 part 1, sections 18.3.1.4 (cells), 18.18.11 and 22.9.2.19 (texts).
"""

import datetime
import functools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from dashboard.downloads.tables import as_text
from dashboard.downloads.xlsx.limits import MAX_DIGITS, MAX_TEXT_LENGTH, Notes, utf16_units

Writer = Callable[[Any, str], str]
"""Returns the XML of a cell from a value that is not NULL and the cell's place, such as `B2`."""

_SPECIAL = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)|[\x00-\x08\x0b-\x1f\ufffe\uffff&<>]")
_SUSPECT = re.compile(r"[\x00-\x08\x0b-\x1f\ufffe\uffff&<>_]")  # much faster than _SPECIAL where nothing is found
_MARKUP = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_DECIMAL = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?")
_MOST = 10**MAX_DIGITS
_DAY_ZERO = datetime.date(1899, 12, 30).toordinal()
_FIRST_DAY = datetime.date(1900, 3, 1)  # before it Excel counts a February 29 that did not exist
_CUT = "\N{HORIZONTAL ELLIPSIS}"


def shortened(text: str) -> str:
    """Returns the text if a cell can hold it, otherwise its beginning and an ellipsis."""
    if len(text) <= MAX_TEXT_LENGTH // 2 or utf16_units(text) <= MAX_TEXT_LENGTH:
        return text
    return text.encode("utf-16-le")[: 2 * (MAX_TEXT_LENGTH - 1)].decode("utf-16-le", "ignore") + _CUT


def text_cell(text: str, place: str, style: str = "") -> str:
    """Returns a cell with a text that fits."""
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c r="{place}"{style} t="inlineStr"><is><t{space}>{_escaped(text)}</t></is></c>'


def writer(wire_type: str, name: str, style: str, notes: Notes) -> Writer:
    """Returns the writer of the cells of the column with this name, in this style (` s="1"`)."""
    return functools.partial(_WRITERS.get(wire_type, _Cells.text), _Cells(name, style, notes))


@dataclass(frozen=True)
class _Cells:
    """The cells of a column."""

    name: str
    style: str
    notes: Notes

    def text(self, value: Any, place: str) -> str:
        text = as_text(value)
        fitting = shortened(text)
        if fitting is not text:
            self.notes.cut(place, utf16_units(text))
        return text_cell(fitting, place, self.style)

    def integer(self, value: int, place: str) -> str:
        if -_MOST < value < _MOST:
            return self._number(str(value), place)
        self.notes.exact(self.name)
        return text_cell(str(value), place, self.style)

    def decimal(self, value: str, place: str) -> str:
        if _DECIMAL.fullmatch(value) and _significant(value) <= MAX_DIGITS:
            return self._number(value.lstrip("+"), place)
        self.notes.exact(self.name)
        return text_cell(value, place, self.style)

    def number(self, value: float | str, place: str) -> str:
        if isinstance(value, str):  # NaN or an infinity
            self.notes.no_number(self.name)
            return text_cell(value, place, self.style)
        return self._number(repr(float(value)), place)

    def boolean(self, value: bool, place: str) -> str:
        return f'<c r="{place}"{self.style} t="b"><v>{value:d}</v></c>'

    def date(self, value: str, place: str) -> str:
        day = _day(value)
        if day is not None:
            return self._number(str(day), place)
        self.notes.outside(self.name)
        return text_cell(value, place, self.style)

    def timestamp(self, value: str, place: str) -> str:
        moment = _moment(value)
        if moment is None or moment.date() < _FIRST_DAY:
            self.notes.outside(self.name)
            return text_cell(value, place, self.style)
        if moment.tzinfo:
            self.notes.utc(self.name)
        return self._number(repr(_days(moment)), place)

    def _number(self, literal: str, place: str) -> str:
        return f'<c r="{place}"{self.style}><v>{literal}</v></c>'


_WRITERS: dict[str, Callable[[_Cells, Any, str], str]] = {
    "integer": _Cells.integer,
    "decimal": _Cells.decimal,
    "number": _Cells.number,
    "boolean": _Cells.boolean,
    "date": _Cells.date,
    "timestamp": _Cells.timestamp,
}


def _significant(decimal: str) -> int:
    """The digits from the first to the last that is not 0; for short texts, an upper bound."""
    return len(decimal) if len(decimal) <= MAX_DIGITS else len(decimal.lstrip("+-").replace(".", "").strip("0"))


@functools.lru_cache(maxsize=4096)
def _day(text: str) -> int | None:
    """Excel's number of a day; None if it has none."""
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    return day.toordinal() - _DAY_ZERO if day >= _FIRST_DAY else None


def _moment(text: str) -> datetime.datetime | None:
    """The moment, in UTC if it has an offset; None for a text such as `infinity`."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        return moment.astimezone(datetime.UTC) if moment.tzinfo else moment
    except (ValueError, OverflowError):
        return None


def _days(moment: datetime.datetime) -> float:
    """Days and a fraction: exact enough to tell microseconds apart."""
    seconds = moment.hour * 3600 + moment.minute * 60 + moment.second + moment.microsecond / 1e6
    return moment.toordinal() - _DAY_ZERO + seconds / 86400


def _escaped(text: str) -> str:
    """The text as XML; characters that XML cannot hold are escaped as Excel does: `_x0007_`."""
    return _SPECIAL.sub(_escape, text) if _SUSPECT.search(text) else text


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    return _MARKUP.get(character) or f"_x{ord(character):04X}_"
