"""What a column's filter lets through, the same as in the browser (`assets/dashAgGridFunctions.js`, AG Grid). Pure.

A filter is AG Grid's model of one: a condition, or several with AND or OR. Texts are compared as they are shown,
whatever their case; numbers by their exact values, and what a viewer types is read as it is shown: `1,000`, `$12.50`,
`17.26%`. `tests/assets/grid_cases.json` holds both sides to the same answers.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from dashboard.errors import UnusableRequest, UserError
from dashboard.grid.cells import exact_text, shown_text
from dashboard.grid.columns import GridColumn
from dashboard.grid.order import EXACT, FINITE, MISSING, NO_NUMBER, Key, is_number, number_keys, parsed
from dashboard.locales.locale import current

Cell = Any
"""What is tested of a cell: of a number its key, of anything else the text that is shown, in small letters."""

Test = Callable[[Cell], bool]
"""Whether a cell passes."""

_NO_DIGITS = re.compile(r"[\s%\u066a\ufeff]|[A-Z]{2,3}")
_SIGNS = {"Sc", "Cf"}  # Unicode's categories of currencies, and of marks of direction
_ARABIC = "".join(chr(zero + at) for zero in (0x660, 0x6F0) for at in range(10))
_DIGITS = str.maketrans("\u2212" + _ARABIC, "-" + "0123456789" * 2)

_TEXTS: Mapping[str, Callable[[str, str], bool]] = MappingProxyType(
    {
        "contains": lambda cell, wanted: wanted in cell,
        "notContains": lambda cell, wanted: wanted not in cell,
        "equals": lambda cell, wanted: cell == wanted,
        "notEqual": lambda cell, wanted: cell != wanted,
        "startsWith": lambda cell, wanted: cell.startswith(wanted),
        "endsWith": lambda cell, wanted: cell.endswith(wanted),
    }
)
_NUMBERS: Mapping[str, Callable[[Key, Key], bool]] = MappingProxyType(
    {
        "equals": lambda cell, bound: cell == bound,
        "differs": lambda cell, bound: cell != bound,
        "below": lambda cell, bound: cell < bound,
        "atMost": lambda cell, bound: cell <= bound,
        "above": lambda cell, bound: cell > bound,
        "atLeast": lambda cell, bound: cell >= bound,
    }
)


def passing(column: GridColumn, model: Mapping[str, Any], values: Sequence[Any]) -> list[bool]:
    """Which of a column's values pass; equal ones are asked once. Raises `UserError` (400) for another model."""
    test, distinct = _test(column, model), list(dict.fromkeys(values))
    cells = (
        number_keys(column, list(map(_decimal, distinct)))
        if column.is_number
        else [_read(column, value) for value in distinct]
    )
    known = dict(zip(distinct, map(test, cells), strict=True))
    return [known[value] for value in values]


def _decimal(value: Any) -> Any:
    """A float as the decimal that it is written as: Python compares it with a decimal by its binary digits."""
    return Decimal(str(value)) if isinstance(value, float) else value


def _read(column: GridColumn, value: Any) -> str:
    return shown_text(column, exact_text(value)).lower()


def _test(column: GridColumn, model: Mapping[str, Any]) -> Test:
    if conditions := model.get("conditions"):
        tests = [_condition(column, condition) for condition in conditions]
        together = any if model.get("operator") == "OR" else all
        return lambda cell: together(test(cell) for test in tests)
    return _condition(column, model)


def _condition(column: GridColumn, model: Mapping[str, Any]) -> Test:
    kind, wanted = model.get("type"), model.get("filter")
    if kind in ("blank", "notBlank"):
        return lambda cell: _is_blank(cell) is (kind == "blank")
    if wanted is None:
        raise _unusable()
    if not column.is_number:
        return _text_test(str(kind), wanted.lower())
    if kind == "between":
        return _between(wanted, model.get("filterTo"))
    return _number_test(str(kind), wanted)


def _is_blank(cell: Cell) -> bool:
    if isinstance(cell, str):
        return not cell.strip()
    return cell[0] == MISSING or (cell[0] == NO_NUMBER and not cell[1].strip())


def _text_test(kind: str, wanted: str) -> Test:
    if kind not in _TEXTS:
        raise _unusable()
    passes = _TEXTS[kind]
    return lambda cell: passes(cell, wanted)


def _number_test(kind: str, wanted: str) -> Test:
    """A cell without a number passes none, and neither does any cell while something else is typed."""
    if kind not in _NUMBERS:
        raise _unusable()
    passes, bound = _NUMBERS[kind], typed(wanted)
    return lambda cell: bound is not None and is_number(cell) and passes(cell, bound)


def _between(low: str, high: str | None) -> Test:
    if high is None:
        raise _unusable()
    least, most = _number_test("atLeast", low), _number_test("atMost", high)
    return lambda cell: least(cell) and most(cell)


def typed(text: str) -> Key | None:
    """What a viewer types as a number: `1,000`, `$12.50`, `17.26%`, or as the language writes it; else None."""
    conventions = current().conventions
    digits = text.translate(_DIGITS).replace(conventions.group, "").replace(conventions.decimal, ".")
    plain = "".join(letter for letter in _NO_DIGITS.sub("", digits) if unicodedata.category(letter) not in _SIGNS)
    key = parsed(plain)
    if key is None or not {"%", "\u066a"} & {*text} or key[0] != FINITE:
        return key
    return FINITE, key[1].scaleb(-2, EXACT)


def _unusable() -> UserError:
    return UnusableRequest()
