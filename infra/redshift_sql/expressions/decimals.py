"""Arithmetic of exact numbers: by the guide's rules of precision and scale, and computed in integers.

Used by `operators` and `aggregates`. Source: "Computations with numeric values" in the Redshift developer guide. Its
limit of a quotient's scale is 100, which the precision of 38 makes unreachable.
"""

from sqlglot import exp

from .nodes import call, cast, macro, number
from .types import MAX_PRECISION, SqlType, as_numeric, numeric
from .values import Value

_LEAST_SCALE = 4
_WIDE = 19  # digits from which on a decimal takes 128 bits


def sum_type(first: SqlType, second: SqlType) -> SqlType:
    """The type of a sum or difference."""
    scale = max(first.scale, second.scale)
    precision = max(first.size - first.scale, second.size - second.scale) + scale + 1
    return numeric(min(precision, MAX_PRECISION), scale)


def product_type(first: SqlType, second: SqlType) -> SqlType:
    """The type of a product."""
    scale = min(first.scale + second.scale, MAX_PRECISION - 1)
    return numeric(min(first.size + second.size + 1, MAX_PRECISION), scale)


def quotient_type(first: SqlType, second: SqlType) -> SqlType:
    """The type of a quotient."""
    scale = max(_LEAST_SCALE, first.scale + second.size - second.scale + 1)
    precision = first.size - first.scale + second.scale + scale
    if precision <= MAX_PRECISION:
        return numeric(precision, scale)
    return numeric(MAX_PRECISION, max(MAX_PRECISION + scale - precision, _LEAST_SCALE))


def remainder_type(first: SqlType, second: SqlType) -> SqlType:
    """The type of a remainder: it fits where both operands do."""
    scale = max(first.scale, second.scale)
    return numeric(min(max(first.size - first.scale, second.size - second.scale) + scale, MAX_PRECISION), scale)


def arithmetic(node: exp.Binary, first: Value, second: Value) -> Value:
    """`+`, `-`, `*`, `/` or `%` of two exact numbers of which at least one is NUMERIC."""
    kinds = as_numeric(first.known), as_numeric(second.known)
    if isinstance(node, exp.Div):
        kind = quotient_type(*kinds)
        operands = [cast(value.node, one.duckdb) for value, one in zip((first, second), kinds, strict=True)]
        return Value(quotient(operands[0], kinds[0], operands[1], kinds[1], kind), kind)
    kind = _TYPES[type(node)](*kinds)
    if isinstance(node, exp.Mul) and kind.scale < kinds[0].scale + kinds[1].scale:
        return Value(cast(call("error", exp.Literal.string("Numeric data overflow (result scale)")), kind.duckdb), kind)
    one = cast(first.node, _wide(kinds[0], kind).duckdb)
    result = type(node)(this=one, expression=cast(second.node, kinds[1].duckdb))
    return Value(cast(exp.Paren(this=result), kind.duckdb), kind)


def _wide(operand: SqlType, result: SqlType) -> SqlType:
    """An operand in 128 bits where the result needs them: of two numbers in 64 bits DuckDB makes one in 64 bits."""
    return numeric(max(operand.size, _WIDE), operand.scale) if result.size >= _WIDE else operand


_TYPES = {exp.Add: sum_type, exp.Sub: sum_type, exp.Mul: product_type, exp.Mod: remainder_type}


def quotient(first: exp.Expr, one: SqlType, second: exp.Expr, other: SqlType, result: SqlType) -> exp.Expr:
    """The quotient in whole numbers of the last digit; DuckDB itself divides doubles.

    The digits behind the last are cut, not rounded: the guide's averages of prices are (2.7166… is 2.71 under PIVOT).
    """
    shift = result.scale - one.scale + other.scale
    dividend, divisor = _whole(first, one), _whole(second, other)
    if shift >= 0:
        dividend = _shifted(dividend, shift)
    else:
        divisor = _shifted(divisor, -shift)
    digits = exp.Paren(this=exp.IntDiv(this=dividend, expression=divisor))
    return cast(macro("scaled_decimal", digits, _unit(result.scale)), result.duckdb)


def _shifted(node: exp.Expr, digits: int) -> exp.Expr:
    return exp.Paren(this=exp.Mul(this=node, expression=cast(number(10**digits), "hugeint"))) if digits else node


def _unit(scale: int) -> exp.Expr:
    """One of the last digit."""
    if scale == 0:
        return cast(number(1), "decimal(1, 0)")
    return cast(exp.Literal.string("0." + "0" * (scale - 1) + "1"), f"decimal({scale + 1}, {scale})")


def _whole(node: exp.Expr, kind: SqlType) -> exp.Expr:
    """The number without its point, as HUGEINT."""
    if kind.scale == 0:
        return cast(node, "hugeint")
    if kind.size + kind.scale <= MAX_PRECISION:
        factor = cast(number(10**kind.scale), f"decimal({kind.scale + 1}, 0)")
        wide = cast(node, numeric(max(kind.size, _WIDE), kind.scale).duckdb)
        return cast(exp.Paren(this=exp.Mul(this=wide, expression=factor)), "hugeint")
    return cast(call("replace", cast(node, "varchar"), exp.Literal.string("."), exp.Literal.string("")), "hugeint")
