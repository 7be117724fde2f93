"""Literals: the types of numbers, and what a text in quotes becomes where a type is expected of it.

A quoted literal, a bound parameter too, has no type of its own: it takes that of what it is compared with, added to or
united with, and is read there and then. Source: PostgreSQL's "Type Conversion"; the guide's pages on literals.
"""

import re
from decimal import Decimal, InvalidOperation

from sqlglot import exp

from ..errors import StatementFailed
from . import moments
from .intervals import read_interval
from .nodes import call, cast, macro, text
from .types import FLOAT8, INT4, INT8, MAX_PRECISION, SqlType, numeric, varchar

_INTEGER = re.compile(r"\s*[-+]?\d+\s*")
_TRUE = {"t", "tr", "tru", "true", "y", "ye", "yes", "1"}
_FALSE = {"f", "fa", "fal", "fals", "false", "n", "no", "0"}
_RANGES = {"int2": 2**15, "int4": 2**31, "int8": 2**63}


def number_type(digits: str) -> SqlType:
    """The type of a number as written: the smallest of INTEGER and BIGINT, else a NUMERIC of just these digits."""
    if "e" in digits.lower():
        return FLOAT8
    if "." not in digits:
        value = int(digits)
        return INT4 if value < 2**31 else INT8 if value < 2**63 else numeric(min(len(digits), MAX_PRECISION))
    whole, fraction = digits.split(".")
    return numeric(min(max(len(whole), 1) + len(fraction), MAX_PRECISION), len(fraction))


def text_type(value: str) -> SqlType:
    """The type of a quoted literal that stays a text."""
    return varchar(len(value.encode()), trimmed=not value.endswith(" "))


def converted(value: str, to: SqlType) -> tuple[exp.Expr, SqlType]:
    """A quoted literal read as a type. Raises StatementFailed when it cannot be."""
    if to.is_integer:
        return cast(exp.Literal.number(_integer(value, to)), to.duckdb), to
    if to.name == "numeric":
        return _numeric(value)
    if to.is_float:
        return cast(text(_float(value)), to.duckdb), to
    if to.name == "bool":
        return exp.Boolean(this=_boolean(value)), to
    if to.is_interval:
        return read_interval(value), to
    if to.name in _READERS:
        return _moment(value, to), to
    return (text(value), text_type(value)) if to.is_text else (cast(text(value), to.duckdb), to)


def _integer(value: str, to: SqlType) -> int:
    if not _INTEGER.fullmatch(value):
        raise StatementFailed(f'ERROR: invalid input syntax for integer: "{value}"')
    number = int(value)
    if not -_RANGES[to.name] <= number < _RANGES[to.name]:
        raise StatementFailed(f'ERROR: value "{value.strip()}" is out of range for type {to.words}')
    return number


def _numeric(value: str) -> tuple[exp.Expr, SqlType]:
    """A NUMERIC with the digits it has, so that a comparison does not round it."""
    try:
        number = Decimal(value.strip())
        digits = f"{abs(number):f}"
        kind = number_type(digits if "." in digits else digits + ".")
        return cast(text(f"{number:f}"), kind.duckdb), kind
    except (InvalidOperation, ValueError) as error:
        raise StatementFailed(f'ERROR: invalid input syntax for type numeric: "{value}"') from error


def _float(value: str) -> str:
    try:
        float(value)
    except ValueError as error:
        raise StatementFailed(f'ERROR: invalid input syntax for type double precision: "{value}"') from error
    return value.strip()


def _boolean(value: str) -> bool:
    word = value.strip().lower()
    if word in _TRUE or word in _FALSE:
        return word in _TRUE
    raise StatementFailed(f'ERROR: invalid input syntax for type boolean: "{value}"')


def _timestamptz(value: str) -> str:
    return moments.read_timestamptz(value).replace(tzinfo=None).isoformat(" ") + "+00"


_READERS = {
    "date": lambda value: moments.read_date(value).isoformat(),
    "timestamp": lambda value: moments.read_timestamp(value).isoformat(" "),
    "timestamptz": _timestamptz,
    "time": lambda value: moments.read_time(value).isoformat(),
    "timetz": lambda value: moments.read_timetz(value).timetz().isoformat(),
}


def _moment(value: str, to: SqlType) -> exp.Expr:
    word = value.strip().lower()
    if word in moments.SPECIAL and to.name in ("date", "timestamp", "timestamptz"):
        return cast(macro("special_moment", text(word)), to.duckdb)
    if word in ("now", "allballs") and to.name == "time":
        return cast(text("00:00:00"), "time") if word == "allballs" else cast(call("now"), "time")
    return cast(text(_READERS[to.name](value)), to.duckdb)
