"""The order of a column's values, the same as in the browser (`assets/dashAgGridFunctions.js`). Pure.

Numbers are compared by all their digits, texts as they are read, whatever their case. Ascending, missing values come
first, then numbers, infinities at their ends and NaN above them (as in the warehouse), and last what is no number.
`tests/assets/grid_cases.json` holds both sides to the same answers.
"""

import re
from collections.abc import Sequence
from decimal import Context, Decimal, InvalidOperation
from typing import Any

from dashboard.gateway.results import NUMERIC_TYPES
from dashboard.grid.cells import exact_text
from dashboard.grid.columns import GridColumn

EXACT = Context(prec=900, traps=[])
"""More digits than any sum of the warehouse's numbers has."""

Key = tuple[Any, ...]
"""Where a value stands: its kind, and its place among those of the kind."""

MISSING, FINITE, NO_NUMBER = 0, 2, 5
_SPECIAL = {"-infinity": 1, "infinity": 3, "nan": 4}
_NUMBER = re.compile(r"([+-]?)(\d*)\.?(\d*)(?:e([+-]?\d{1,6}))?", re.IGNORECASE | re.ASCII)
_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_MOST_SHIFT = 400  # beyond it an exponent is no double's


def keys(column: GridColumn, values: Sequence[Any]) -> list[Any]:
    """What a column's values are sorted by; comparable among themselves."""
    if not column.is_number:
        labels = column.labels
        known = {value: text_key(labels.get(str(exact_text(value)), value)) for value in set(values)}
        return [known[value] for value in values]
    found = number_keys(column, values)
    if all(key[0] == FINITE for key in found):  # then the numbers alone say it, and sooner
        return [key[1] for key in found]
    return found


def number_keys(column: GridColumn, values: Sequence[Any]) -> list[Key]:
    """A key of each value of a column of numbers."""
    if column.type in NUMERIC_TYPES:
        return [_key_of_number(value) for value in values]
    known = {value: number_key(value) for value in set(values)}
    return [known[value] for value in values]


def number_key(value: Any) -> Key:
    """Of any value in a column of numbers."""
    text = exact_text(value)
    return (MISSING,) if text is None else parsed(text) or (NO_NUMBER, units(text))


def is_number(key: Key) -> bool:
    """Whether a key is of a number, be it infinite or NaN."""
    return MISSING < key[0] < NO_NUMBER


def parsed(text: str) -> Key | None:
    """Of a number's text; None for what is no number."""
    folded = text.strip().lower()
    if folded in _SPECIAL:
        return (_SPECIAL[folded],)
    match = _NUMBER.fullmatch(folded)
    if not match or not match[2] + match[3] or abs(len(match[3]) - int(match[4] or 0)) > _MOST_SHIFT:
        return None
    return FINITE, Decimal(folded)


def text_key(value: Any) -> Key:
    """Of a value in any other column."""
    text = exact_text(value)
    return (MISSING,) if text is None else (1, units(text.lower()), units(text))


def units(text: str) -> str:
    """A text that sorts by UTF-16's units, as JavaScript's texts do."""
    return text if text.isascii() else _ASTRAL.sub(_surrogates, text)


def _surrogates(letter: re.Match[str]) -> str:
    high, low = divmod(ord(letter[0]) - 0x10000, 0x400)
    return chr(0xD800 + high) + chr(0xDC00 + low)


def _key_of_number(value: Any) -> Key:
    """Of a value that the warehouse calls a number: there is no need to look whether it is one."""
    if isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:  # such as `(others)`, which names the rest of a pivot's rows
            return number_key(value)
        return (FINITE, number) if number.is_finite() else number_key(value)
    return (MISSING,) if value is None else (FINITE, value)
