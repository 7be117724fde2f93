"""Aggregates and window functions, registered by name in `calls`.

Source: their pages in the Redshift developer guide."""

from decimal import Decimal

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from ..expressions.decimals import quotient
from ..expressions.nodes import call, cast, macro, number, text
from ..expressions.operators import unified, united_type
from ..expressions.types import BOOL, FLOAT8, INT4, INT8, MAX_PRECISION, TEXT, TIMESTAMP, SqlType, as_numeric, numeric
from ..expressions.values import Value, as_text, comparable, convert
from .calls import Call, function, missing


def _argument(given: Call) -> Value:
    """The number that is added up."""
    value = given.value(0)
    if value.is_literal:
        value = convert(value, FLOAT8)
    if value.kind is not None and not (value.kind.is_number or value.kind.is_unknown or value.kind.name == "interval"):
        raise missing(given.name, [value.kind])
    return value


@function("count", count=(1, 1), aggregate=True)
def _count(given: Call) -> Value:
    node = given.nodes[0]
    value = node if isinstance(node, exp.Star) else _seen(given)
    return Value(given.aggregate("count", value), INT8)


def _seen(given: Call) -> exp.Expr:
    return comparable(given.value(0)) if given.distinct else given.value(0).node


@function("sum", count=(1, 1), aggregate=True)
def _sum(given: Call) -> Value:
    value = _argument(given)
    node = given.aggregate("sum", value.node)
    kind = _sum_type(value.kind)
    return Value(node if kind is None else cast(node, kind.duckdb), kind)


def _sum_type(kind: SqlType | None) -> SqlType | None:
    if kind is None or kind.name == "interval":
        return kind
    if kind.is_integer:
        return INT8
    return numeric(MAX_PRECISION, kind.scale) if kind.name == "numeric" else FLOAT8


@function("avg", count=(1, 1), aggregate=True)
def _avg(given: Call) -> Value:
    """Of integers cut to a BIGINT, of decimals a NUMERIC of their scale, computed from sum and count."""
    value = _argument(given)
    kind = value.kind
    if kind is None or not kind.is_exact:
        return Value(given.aggregate("avg", value.node), FLOAT8)
    rows = given.aggregate("count", value.node.copy())
    rows = call("nullif", rows, number(0))
    total = given.aggregate("sum", value.node)
    if kind.is_integer:
        return Value(cast(exp.Paren(this=exp.IntDiv(this=cast(total, "hugeint"), expression=rows)), "bigint"), INT8)
    wide = numeric(MAX_PRECISION, kind.scale)
    return Value(quotient(cast(total, wide.duckdb), wide, rows, numeric(19), wide), wide)


@function("min", "max", "any_value", count=(1, 1), aggregate=True)
def _one_of(given: Call) -> Value:
    value = given.value(0)
    if value.is_literal:
        value = as_text(value)
    return Value(given.aggregate(given.name, value.node), value.kind)


_DEVIATIONS = {
    "stddev": "stddev_samp",
    "stddev_samp": "stddev_samp",
    "stddev_pop": "stddev_pop",
    "variance": "var_samp",
    "var_samp": "var_samp",
    "var_pop": "var_pop",
}


@function(*_DEVIATIONS, count=(1, 1), aggregate=True)
def _deviation(given: Call) -> Value:
    value = convert(_argument(given), FLOAT8)
    return Value(given.aggregate(_DEVIATIONS[given.name], value.node), FLOAT8)


@function("bool_and", "bool_or", count=(1, 1), aggregate=True)
def _all_or_any(given: Call) -> Value:
    return Value(given.aggregate(given.name, convert(given.value(0), BOOL).node), BOOL)


@function("bit_and", "bit_or", count=(1, 1), aggregate=True)
def _bits(given: Call) -> Value:
    value = given.value(0)
    return Value(given.aggregate(given.name, value.node), value.kind)


@function("approximate count", count=(1, 1), aggregate=True)
def _approximate(given: Call) -> Value:
    given.distinct = False
    return Value(given.aggregate("approx_count_distinct", comparable(given.value(0))), INT8)


@function("approximate percentile_disc", count=(1, 1), aggregate=True)
def _approximate_percentile(given: Call) -> Value:
    return _percentile_disc(given)


@function("median", count=(1, 1), aggregate=True)
def _median(given: Call) -> Value:
    return _continuous(given, given.value(0), "0.5", descending=False)


@function("percentile_cont", count=(1, 1), aggregate=True, constants={0: "0.5"})
def _percentile_cont(given: Call) -> Value:
    value, descending = _ordered(given)
    return _continuous(given, value, _fraction(given), descending)


def _ordered(given: Call) -> tuple[Value, bool]:
    """What WITHIN GROUP sorts by. It is translated already, so that its type is asked for."""
    if given.order is None or len(given.order.expressions) != 1:
        raise StatementFailed(f"ERROR: WITHIN GROUP is required for ordered-set aggregate function {given.name}")
    [ordered] = given.order.expressions
    node = ordered.this
    return Value(node, given.translator.kind_of(node)), bool(ordered.args.get("desc"))


def _fraction(given: Call) -> str:
    node = given.nodes[0]
    if not isinstance(node, exp.Literal) or not 0 <= float(node.this) <= 1:
        raise StatementFailed("ERROR: percentile value must be between 0 and 1")
    return str(node.this)


def _continuous(given: Call, value: Value, fraction: str, descending: bool) -> Value:
    """Between two exact numbers there are more digits than they have: as many more as the fraction has."""
    digits = Decimal(fraction)
    places = max(-int(digits.as_tuple().exponent), 1)
    share = exp.Literal.number(str(1 - digits if descending else digits))
    kind = value.kind
    node = value.node
    if kind is not None and kind.is_exact:
        exact = as_numeric(kind)
        kind = numeric(min(exact.size + places, MAX_PRECISION), min(exact.scale + places, MAX_PRECISION - 1))
        node = cast(node, kind.duckdb)
    elif kind is not None and kind.name == "date":
        kind, node = TIMESTAMP, cast(node, "timestamp")
    return Value(given.aggregate("quantile_cont", node, share), kind)


@function("percentile_disc", count=(1, 1), aggregate=True, constants={0: "0.5"})
def _percentile_disc(given: Call) -> Value:
    value, descending = _ordered(given)
    share = exp.Literal.number(_fraction(given))
    node = value.node
    if descending:
        inner = call("percentile_disc", share)
        order = exp.Order(expressions=[exp.Ordered(this=node, desc=True)])
        return Value(given.over(exp.WithinGroup(this=inner, expression=order)), value.kind)
    return Value(given.aggregate("quantile_disc", node, share), value.kind)


@function("listagg", count=(1, 2), aggregate=True)
def _listagg(given: Call) -> Value:
    """NULL and empty texts are left out; without a separator they are joined with nothing."""
    value = as_text(given.value(0))
    separator = as_text(given.value(1)).node if len(given.nodes) > 1 else text("")
    if isinstance(separator, exp.Null):
        separator = text("")
    node = comparable(value) if given.distinct else value.node
    kept = exp.Where(this=exp.NEQ(this=node.copy(), expression=text("")))
    if given.distinct and given.order is not None:
        texts = exp.Filter(this=call("list", _sorted(given.order, node)), expression=kept)
        return Value(macro("listagg_limit", macro("first_of_each", given.over(texts), separator)), TEXT)
    value_node = exp.Distinct(expressions=[node]) if given.distinct else node
    last = separator if given.order is None else _sorted(given.order, separator)
    joined = exp.Filter(this=call("string_agg", value_node, last), expression=kept)
    return Value(macro("listagg_limit", given.over(joined)), TEXT)


def _sorted(order: exp.Order, last: exp.Expr) -> exp.Order:
    """The last argument with the order behind it."""
    result = order.copy()
    result.set("this", last)
    return result


_RANKS = ("row_number", "rank", "dense_rank")


@function(*_RANKS, count=(0, 0))
def _rank(given: Call) -> Value:
    return Value(given.aggregate(given.name), INT8)


@function("ntile", count=(1, 1))
def _ntile(given: Call) -> Value:
    return Value(given.aggregate("ntile", cast(given.value(0).node, "bigint")), INT8)


@function("percent_rank", "cume_dist", count=(0, 0))
def _share_of_rank(given: Call) -> Value:
    return Value(given.aggregate(given.name), FLOAT8)


@function("first_value", "last_value", count=(1, 1))
def _at_end(given: Call) -> Value:
    value = given.value(0)
    return Value(given.aggregate(given.name, value.node), value.kind)


@function("nth_value", count=(2, 2))
def _nth(given: Call) -> Value:
    value = given.value(0)
    if given.nulls is not None:
        raise unsupported("NTH_VALUE with IGNORE NULLS")
    return Value(given.aggregate("nth_value", value.node, cast(given.value(1).node, "bigint")), value.kind)


@function("lag", "lead", count=(1, 3))
def _neighbour(given: Call) -> Value:
    values = unified([given.value(0), *given.values[2:]])
    step = [cast(convert(given.value(1), INT4).node, "bigint")] if len(given.nodes) > 1 else []
    arguments = [values[0].node, *step, *(one.node for one in values[1:])]
    return Value(given.aggregate(given.name, *arguments), united_type(values))


@function("ratio_to_report", count=(1, 1))
def _ratio(given: Call) -> Value:
    """A value's share of its window's sum."""
    value = convert(_argument(given), FLOAT8)
    whole = call("nullif", given.aggregate("sum", value.node.copy()), number(0))
    return Value(exp.Paren(this=exp.Div(this=value.node, expression=whole)), FLOAT8)


@function("grouping", count=(1, 1000))
def _grouping(given: Call) -> Value:
    return Value(cast(call("grouping", *(value.node for value in given.values)), "integer"), INT4)
