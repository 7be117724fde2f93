"""Functions of numbers. Registered by name in `calls`. Source: "Math functions" in the Redshift developer guide."""

from sqlglot import exp

from ..expressions import operators
from ..expressions.nodes import call, cast, macro, number
from ..expressions.types import FLOAT8, INT4, MAX_PRECISION, TEXT, SqlType, as_numeric, numeric
from ..expressions.values import Value, convert
from . import number_formats
from .calls import Call, function, missing
from .dates import to_char_of_moment, trunc_of_moment

_FLOATS = {
    **{name: name for name in ("exp", "ln", "log", "sqrt", "cbrt", "sin", "cos", "tan", "cot")},
    **{name: name for name in ("asin", "acos", "atan", "degrees", "radians")},
    "dlog1": "ln",
    "dlog10": "log",
    "dexp": "exp",
}


@function(*_FLOATS, count=(1, 1))
def _float(given: Call) -> Value:
    return Value(call(_FLOATS[given.name], convert(given.value(0), FLOAT8).node), FLOAT8)


@function("power", "pow", count=(2, 2))
def _power(given: Call) -> Value:
    return Value(call("pow", *(convert(value, FLOAT8).node for value in given.values)), FLOAT8)


@function("atan2", count=(2, 2))
def _atan2(given: Call) -> Value:
    return Value(call("atan2", *(convert(value, FLOAT8).node for value in given.values)), FLOAT8)


@function("pi", count=(0, 0))
def _pi(_given: Call) -> Value:
    return Value(call("pi"), FLOAT8)


@function("random", count=(0, 0))
def _random(_given: Call) -> Value:
    return Value(call("random"), FLOAT8)


def _number(given: Call, index: int = 0) -> Value:
    value = given.value(index)
    if value.is_literal or (value.kind is not None and value.kind.is_text):
        return convert(value, FLOAT8)
    if value.kind is not None and not value.kind.is_number and not value.kind.is_unknown:
        raise missing(given.name, [one.kind for one in given.values])
    return value


@function("abs", count=(1, 1))
def _abs(given: Call) -> Value:
    value = _number(given)
    return Value(call("abs", value.node), value.kind)


@function("sign", count=(1, 1))
def _sign(given: Call) -> Value:
    value = _number(given)
    kind = FLOAT8
    if value.kind is not None and value.kind.is_exact:
        kind = value.kind if value.kind.is_integer else numeric(1)
    return Value(cast(call("sign", value.node), kind.duckdb), kind)


@function("ceil", "ceiling", "floor", count=(1, 1))
def _whole(given: Call) -> Value:
    """Of an exact number, a NUMERIC without decimals; a double stays one."""
    value = _number(given)
    name = "floor" if given.name == "floor" else "ceil"
    if value.kind is None or not value.kind.is_exact:
        return Value(call(name, value.node), value.kind)
    if value.kind.is_integer:
        return value
    kind = numeric(min(value.kind.size - value.kind.scale + 1, MAX_PRECISION))
    return Value(cast(call(name, value.node), kind.duckdb), kind)


@function("round", count=(1, 2))
def _round(given: Call) -> Value:
    """Half away from zero. The digits may be negative."""
    value = _number(given)
    if value.kind is not None and value.kind.is_integer and len(given.nodes) == 1:
        return value
    return _cut(value, given, "round")


@function("trunc", count=(1, 2))
def _trunc(given: Call) -> Value:
    value = given.value(0)
    moment = trunc_of_moment(value) if len(given.nodes) == 1 else None
    return moment or _cut(_number(given), given, "trunc")


def _cut(value: Value, given: Call, name: str) -> Value:
    digits = _constant(given)
    if value.kind is None or not value.kind.is_exact or digits is None:
        rest = [] if digits == 0 else [convert(one, INT4).node for one in given.values[1:]]
        if value.kind is not None and value.kind.is_exact:
            return Value(macro(f"{name}_digits", value.node, *rest), value.kind)
        if value.kind is not None and value.kind.is_float:
            return Value(macro(f"{name}_float", value.node, *(rest or [number(0)])), FLOAT8)
        return Value(call(name, value.node, *rest), value.kind)
    exact = as_numeric(value.kind)
    kind = _cut_type(exact, digits, value.kind)
    node = call(name, cast(value.node, exact.duckdb), number(digits)) if digits < exact.scale else value.node
    return Value(cast(node, kind.duckdb), kind)


def _cut_type(exact: SqlType, digits: int, original: SqlType) -> SqlType:
    if original.is_integer:
        return original
    scale = min(max(digits, 0), MAX_PRECISION - 1)
    return numeric(min(exact.size - exact.scale + scale + 1, MAX_PRECISION), scale)


def _constant(given: Call) -> int | None:
    if len(given.nodes) == 1:
        return 0
    node = given.nodes[1]
    sign, literal = (-1, node.this) if isinstance(node, exp.Neg) else (1, node)
    return sign * int(literal.this) if isinstance(literal, exp.Literal) and literal.is_int else None


@function("mod", count=(2, 2))
def _mod(given: Call) -> Value:
    return operators.arithmetic(given.translator, exp.Mod(this=given.nodes[0], expression=given.nodes[1]))


@function("to_char", count=(2, 2), constants={1: "9"})
def _to_char(given: Call) -> Value:
    pattern, value = number_formats.constant(given.nodes[1]), given.value(0)
    if value.kind is not None and value.kind.is_number:
        return Value(number_formats.to_char(value, pattern), TEXT)
    return to_char_of_moment(value, pattern)


@function("to_number", count=(2, 2), constants={1: "9"})
def _to_number(given: Call) -> Value:
    return number_formats.to_number(given.value(0), number_formats.constant(given.nodes[1]))
