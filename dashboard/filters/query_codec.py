"""The values of filters in an address: a query's text into what travels on the wire, and back. Pure; used by `filters`.

The backend judges every value again when it is run; here a link's bad ones are found before anything is asked.
"""

import datetime
import re
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any

Parameter = Mapping[str, Any]
Wire = str | list[str]

MAX_TEXT_LENGTH = 1000
MAX_VALUES = 100
MAX_MATCHED_LENGTH = 200
_ESCAPED = re.compile(r"\\(.)|,", re.DOTALL)


def from_wire(parameter: Parameter, text: str) -> Wire | None:
    """The wire value that `text` from an address gives a parameter; None when the report could not use it.

    Several values, and the two dates of a range, are joined by commas; a value's own comma or backslash has a backslash
    before it.
    """
    try:
        return _WHOLES.get(parameter["type"], _one)(parameter, text)
    except (ValueError, InvalidOperation):
        return None


def to_query(value: Wire) -> str:
    """The text of a wire value in an address; `from_wire` reads it."""
    return value if isinstance(value, str) else ",".join(re.sub(r"[\\,]", r"\\\g<0>", part) for part in value)


def _one(parameter: Parameter, text: str) -> str:
    """A single value that is of its type, offered, of the expected form and within its bounds; ValueError otherwise."""
    read = _READERS[parameter["type"]]
    value, rank = read(text)
    offered = parameter.get("choices")
    _require(offered is None or value in {option_value(option) for option in offered})
    if parameter.get("pattern"):
        _require(len(value) <= MAX_MATCHED_LENGTH and bool(re.fullmatch(parameter["pattern"], value)))
    _require(parameter.get("min") is None or rank >= read(parameter["min"])[1])
    _require(parameter.get("max") is None or rank <= read(parameter["max"])[1])
    return value


def _several(parameter: Parameter, text: str) -> list[str]:
    values = list(dict.fromkeys(_one(parameter, part) for part in _parts(text)))
    _require(len(values) <= MAX_VALUES)
    return values


def _range(parameter: Parameter, text: str) -> list[str]:
    """Two dates, or a word such as `last 7 days` for what it means today."""
    if text in parameter.get("words", {}):
        return list(parameter["words"][text])
    first, last = (_one(parameter, part) for part in _parts(text))
    days = (datetime.date.fromisoformat(last) - datetime.date.fromisoformat(first)).days + 1
    _require(0 < days <= parameter.get("maxDays", days))
    return [first, last]


_WHOLES: dict[str, Callable[[Parameter, str], Wire]] = {"several": _several, "daterange": _range}


def option_value(option: str | Mapping[str, str]) -> str:
    """What a choice stands for, whether it has a label of its own or not."""
    return option if isinstance(option, str) else option["value"]


def _parts(text: str) -> list[str]:
    """The parts between the commas, without the backslashes of those inside."""
    parts, start = [""], 0
    for match in _ESCAPED.finditer(text):
        parts[-1] += text[start : match.start()] + (match[1] or "")
        parts += [""] if match[1] is None else []
        start = match.end()
    parts[-1] += text[start:]
    return parts


def _require(holds: bool) -> None:
    if not holds:
        raise ValueError("this filter cannot have this value")


def _text(text: str) -> tuple[str, str]:
    _require(1 <= len(text) <= MAX_TEXT_LENGTH and "\x00" not in text)
    return text, text


def _integer(text: str) -> tuple[str, int]:
    _require(bool(re.fullmatch(r"[+-]?[0-9]{1,18}", text)))
    return str(int(text)), int(text)


def _number(text: str) -> tuple[str, Decimal]:
    _require(len(text) <= 40)
    number = Decimal(text)
    _require(number.is_finite() and abs(number.adjusted()) <= 30)
    return format(number, "f"), number


def _calendar(form: str, pattern: str) -> Callable[[str], tuple[str, datetime.datetime]]:
    def read(text: str) -> tuple[str, datetime.datetime]:
        _require(bool(re.fullmatch(pattern, text, re.ASCII)))
        return text, datetime.datetime.strptime(text, form)  # noqa: DTZ007 - a calendar day has no zone

    return read


_date = _calendar("%Y-%m-%d", r"\d{4}-\d\d-\d\d")
_READERS: dict[str, Callable[[str], tuple[str, Any]]] = {
    "text": _text,
    "choice": _text,
    "several": _text,
    "integer": _integer,
    "number": _number,
    "date": _date,
    "daterange": _date,
    "month": _calendar("%Y-%m", r"\d{4}-\d\d"),
    "year": _calendar("%Y", r"\d{4}"),
}
