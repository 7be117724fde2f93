"""A translated expression with its type, and how one type becomes another. Used by all modules of functions.

Source: "Type compatibility and conversion" in the Redshift developer guide; PostgreSQL where that is silent.
"""

from typing import NamedTuple

from sqlglot import exp

from ..errors import StatementFailed
from .literals import converted, text_type
from .nodes import call, cast, macro, number, text
from .types import TEXT, TIMESTAMP, SqlType, as_numeric, varchar


class Value(NamedTuple):
    """A DuckDB expression and its Redshift type; None where only DuckDB knows."""

    node: exp.Expr
    kind: SqlType | None

    @property
    def is_literal(self) -> bool:
        """Whether it is a literal in quotes that nothing has typed yet."""
        return self.kind is not None and self.kind.is_unknown and isinstance(self.node, exp.Literal)

    @property
    def known(self) -> SqlType:
        """Its type, where the caller has made sure that there is one."""
        if self.kind is None:
            raise TypeError("an expression without a type")
        return self.kind

    @property
    def constant(self) -> str | None:
        """The text of a quoted literal, None for anything computed."""
        node = self.node
        return str(node.this) if isinstance(node, exp.Literal) and node.is_string else None


_TEXT_READERS = {
    "int2": "text_integer",
    "int4": "text_integer",
    "int8": "text_integer",
    "date": "text_date",
    "timestamp": "text_timestamp",
    "timestamptz": "text_timestamptz",
}
_CUT = ("varchar", "char")


def convert(value: Value, to: SqlType) -> Value:
    """The value as a type, as an assignment or an implicit conversion does it. Raises StatementFailed."""
    literal = value.constant if value.is_literal else None
    if literal is not None:
        return Value(*converted(literal, to))
    if value.kind == to and to.name not in ("numeric",):
        return value
    if value.kind == to or (value.kind is not None and value.kind.is_text and to.is_text):
        return value
    if to.is_text:
        return as_text(value)
    if value.kind is not None and value.kind.is_text and to.name in _TEXT_READERS:
        return Value(cast(macro(_TEXT_READERS[to.name], value.node), to.duckdb), to)
    return Value(cast(value.node, to.duckdb), to)


def assigned(value: Value, to: SqlType) -> Value:
    """The value as a column of a type holds it: a CHAR without the blanks at its end, which fill it up anyway."""
    if to.name == "varchar":
        return value
    changed = convert(value, to)
    if to.name != "char" or (changed.kind is not None and changed.kind.trimmed):
        return changed
    return Value(call("rtrim", cast(changed.node, "varchar"), text(" ")), to)


def explicit(value: Value, to: SqlType) -> Value:
    """The value as CAST makes it: a literal in the type's exact shape, a text cut to its length."""
    changed = convert(value, to)
    if to.name == "numeric" and changed.kind != to:
        return Value(cast(changed.node, to.duckdb), to)
    if to.name not in _CUT:
        return changed
    size = to.size or (changed.kind.size if changed.kind and changed.kind.is_text else TEXT.size)
    node = changed.node
    if to.size and not (changed.kind and changed.kind.is_text and 0 < changed.kind.size <= size):
        node = macro("cut_bytes", node, number(size))
    if to.name == "char":
        return Value(call("rtrim", node, text(" ")), SqlType("char", size, trimmed=True))
    trimmed = bool(changed.kind and changed.kind.trimmed and node is changed.node)
    return Value(node if node is not changed.node else _typed_text(changed), varchar(size, trimmed))


def _typed_text(value: Value) -> exp.Expr:
    return cast(value.node, "varchar") if isinstance(value.node, exp.Null) else value.node


def as_text(value: Value) -> Value:
    """The value's text, as Redshift writes it."""
    kind = value.kind
    if kind is not None and kind.is_unknown:
        known = value.constant
        return Value(value.node, TEXT if known is None else text_type(known))
    if kind is not None and kind.is_text:
        return value
    if kind is not None and kind.is_float:
        return Value(macro("float_text", value.node, text("%.15g" if kind.name == "float8" else "%.6g")), _short(25))
    if kind is not None and kind.is_interval:
        return Value(macro("interval_text", value.node), _short(60))
    return Value(cast(value.node, "varchar"), _short(40) if kind is not None else TEXT)


def _short(size: int) -> SqlType:
    return varchar(size, trimmed=True)


def as_moment(value: Value) -> Value:
    """A date, a timestamp or a text as TIMESTAMP; a TIMESTAMPTZ in UTC."""
    return convert(value, TIMESTAMP)


def comparable(value: Value) -> exp.Expr:
    """The value as comparisons, grouping and DISTINCT see it: blanks at a text's end do not count."""
    if value.kind is None or not value.kind.has_blanks:
        return value.node
    known = value.constant
    return call("rtrim", value.node, text(" ")) if known is None else text(known.rstrip(" "))


def exactly(value: Value) -> Value:
    """An integer as the NUMERIC it counts as beside a NUMERIC."""
    return convert(value, as_numeric(value.known))


def unsupported_operands(operator: str, first: SqlType, second: SqlType) -> StatementFailed:
    """PostgreSQL's words for an operation that two types do not have."""
    return StatementFailed(f"ERROR: operator does not exist: {first.words} {operator} {second.words}")
