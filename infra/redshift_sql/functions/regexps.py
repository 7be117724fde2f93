"""REGEXP_COUNT, REGEXP_INSTR, REGEXP_REPLACE and REGEXP_SUBSTR, with place, occurrence and flags.

Registered by name in `calls`. Source: "String functions" in the Redshift developer guide. DuckDB's expressions have no
look-around, so the PCRE dialect (flag `p`) is read only where the pattern needs none.
"""

import re

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from ..expressions.nodes import call, cast, macro, number, text
from ..expressions.types import INT4, TEXT
from ..expressions.values import Value, as_text, convert
from .calls import Call, function

_LOOK_AROUND = re.compile(r"\(\?(?:[=!>]|<[=!])|\\[1-9]|[*+?}]\+")
_GROUP = re.compile(r"(?<!\\)\((?!\?)")


def _pattern(given: Call, flags: str) -> exp.Expr:
    """The pattern with its flags inside."""
    unknown = set(flags) - set("ciep")
    if unknown:
        raise StatementFailed(f"ERROR: Invalid option for {given.name}: {flags}")
    value = as_text(given.value(1))
    if value.constant is None:
        raise unsupported(f"{given.name.upper()} with a pattern that is not a constant text")
    if _LOOK_AROUND.search(value.constant):
        raise unsupported(f"{given.name.upper()} with look-around or back references")
    return text(("(?i)" if "i" in flags else "") + value.constant)


def _flags(given: Call, index: int) -> str:
    return given.nodes[index].name if len(given.nodes) > index else ""


def _at(given: Call, index: int, default: int = 1) -> exp.Expr:
    return convert(given.value(index), INT4).node if len(given.nodes) > index else number(default)


def _source(given: Call, place: exp.Expr) -> exp.Expr:
    value = as_text(given.value(0)).node
    return value if place == number(1) else macro("text_from", value, call("greatest", place, number(1)))


def _has_group(given: Call, flags: str) -> bool:
    return "e" in flags and bool(_GROUP.search(given.value(1).constant or ""))


@function("regexp_count", count=(2, 4), constants={1: "x"})
def _count(given: Call) -> Value:
    pattern = _pattern(given, _flags(given, 3))
    found = call("regexp_extract_all", _source(given, _at(given, 2)), pattern)
    return Value(cast(call("len", found), "integer"), INT4)


@function("regexp_substr", count=(2, 5), constants={1: "x"})
def _substr(given: Call) -> Value:
    flags = _flags(given, 4)
    group = number(1 if _has_group(given, flags) else 0)
    pattern, source = _pattern(given, flags), _source(given, _at(given, 2))
    if len(given.nodes) <= 3:
        return Value(call("regexp_extract", source, pattern, group), TEXT)
    return Value(macro("regexp_occurrence", source, pattern, group, _at(given, 3)), TEXT)


@function("regexp_instr", count=(2, 6), constants={1: "x"})
def _instr(given: Call) -> Value:
    flags = _flags(given, 5)
    pattern, place = _pattern(given, flags), _at(given, 2)
    if _has_group(given, flags):
        raise unsupported("REGEXP_INSTR of a subexpression")
    arguments = (_source(given, place), pattern, place, _at(given, 3), _at(given, 4, 0))
    return Value(macro("regexp_place", *arguments), INT4)


@function("regexp_replace", count=(2, 5), constants={1: "x"})
def _replace(given: Call) -> Value:
    pattern, place = _pattern(given, _flags(given, 4)), _at(given, 3)
    new = as_text(given.value(2)).node if len(given.nodes) > 2 else text("")
    new = call("regexp_replace", new, text(r"\$(\d)"), text(r"\\\1"), text("g"))
    changed = call("regexp_replace", _source(given, place), pattern, new, text("g"))
    if place == number(1):
        return Value(changed, TEXT)
    before = macro(
        "text_part",
        as_text(given.value(0)).node.copy(),
        number(1),
        exp.Paren(this=exp.Sub(this=place.copy(), expression=number(1))),
    )
    return Value(exp.Paren(this=exp.DPipe(this=before, expression=changed)), TEXT)
