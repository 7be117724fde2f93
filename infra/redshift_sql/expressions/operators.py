"""Operators by the types of their operands: arithmetic, comparison, patterns, CASE, IN, casts.

Called by `translation` for each node, innermost first through `translator.value`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from . import decimals, intervals
from .literals import number_type, text_type
from .moments import minutes_behind
from .nodes import call, cast, macro, number, text
from .types import (
    BLANKS,
    BOOL,
    DATE,
    FLOAT4,
    FLOAT8,
    INT4,
    INT8,
    INTERVAL,
    TIMESTAMP,
    TIMESTAMPTZ,
    UNKNOWN,
    YEAR_TO_MONTH,
    SqlType,
    common,
    of_node,
    varchar,
)
from .values import Value, as_text, comparable, convert, explicit, unsupported_operands

if TYPE_CHECKING:
    from ..queries.translation import Translator


def literal(_translator: "Translator", node: exp.Literal) -> Value:
    """A number has its type; a text has none yet."""
    if node.is_string:
        return Value(node, BLANKS if node.name.endswith(" ") else UNKNOWN)
    return Value(node, number_type(str(node.this)))


def null(_translator: "Translator", node: exp.Null) -> Value:
    """NULL takes any type."""
    return Value(node, UNKNOWN)


def boolean(_translator: "Translator", node: exp.Boolean) -> Value:
    """TRUE and FALSE."""
    return Value(node, BOOL)


def paren(translator: "Translator", node: exp.Paren) -> Value:
    """Parentheses keep the type; around a literal they go."""
    inner = translator.value(node.this)
    return inner if isinstance(inner.node, exp.Literal) else Value(exp.Paren(this=inner.node), inner.kind)


def negative(translator: "Translator", node: exp.Neg) -> Value:
    """A minus sign. The smallest BIGINT is one number, not a minus before one too large."""
    if isinstance(node.this, exp.Literal) and not node.this.is_string:
        return Value(node, number_type("-" + str(node.this.this)) if node.this.is_int else number_type(node.this.name))
    inner = translator.value(node.this)
    if inner.is_literal:
        inner = convert(inner, FLOAT8)
    return Value(exp.Neg(this=inner.node), inner.kind)


_SYMBOLS = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Mod: "%"}


def arithmetic(translator: "Translator", node: exp.Binary) -> Value:
    """`+ - * / %`: of numbers by the table of the guide, of dates, times and intervals as in PostgreSQL."""
    first, second = _typed_pair(node, translator.value(node.this), translator.value(node.expression))
    one, other = first.kind, second.kind
    if one is None or other is None:
        return Value(type(node)(this=first.node, expression=second.node), None)
    if one.is_number and other.is_number:
        return _numbers(node, first, second)
    moved = _moments(node, first, second)
    if moved is None:
        raise unsupported_operands(_SYMBOLS[type(node)], one, other)
    return moved


def _typed_pair(node: exp.Binary, first: Value, second: Value) -> tuple[Value, Value]:
    """A quoted literal takes the type it is beside; with a date or timestamp, minus takes one, plus an interval."""
    if _is_open(first) and not _is_open(second) and second.kind is not None:
        return convert(first, _beside(node, second)), second
    if _is_open(second) and not _is_open(first) and first.kind is not None:
        return first, convert(second, _beside(node, first))
    return first, second


def _is_open(value: Value) -> bool:
    return value.kind is not None and value.kind.is_unknown


def _beside(node: exp.Binary, other: Value) -> SqlType:
    if other.known.is_text:
        raise unsupported_operands(_SYMBOLS[type(node)], other.known, UNKNOWN)
    return INTERVAL if other.known.is_moment and isinstance(node, exp.Add) else other.known


def _numbers(node: exp.Binary, first: Value, second: Value) -> Value:
    if first.known.is_float or second.known.is_float:
        kind = FLOAT4 if first.kind == second.kind == FLOAT4 else FLOAT8
        return _binary(node, convert(first, kind), convert(second, kind), kind)
    if first.known.is_integer and second.known.is_integer:
        kind = common([first.kind, second.kind]) or INT8
        operator = exp.IntDiv if isinstance(node, exp.Div) else type(node)
        return _binary(operator(), _sized(first, kind), _sized(second, kind), kind)
    return decimals.arithmetic(node, first, second)


def _sized(value: Value, kind: SqlType) -> Value:
    """DuckDB would give a literal the type of the other operand, and overflow a SMALLINT."""
    return Value(cast(value.node, kind.duckdb), kind) if value.kind != kind else value


def _binary(node: exp.Binary, first: Value, second: Value, kind: SqlType) -> Value:
    return Value(exp.Paren(this=type(node)(this=first.node, expression=second.node)), kind)


def _moments(node: exp.Binary, first: Value, second: Value) -> Value | None:
    """Sums and differences of dates, times and intervals; None where the types have none."""
    names = (first.known.name, second.known.name)
    if isinstance(node, exp.Mul | exp.Div):
        return _scaled_interval(node, first, second)
    if not isinstance(node, exp.Add | exp.Sub):
        return None
    if names == ("interval", "interval"):
        total = _binary(node, first, second, common([first.kind, second.kind]) or INTERVAL)
        return Value(macro("whole_days", total.node), total.kind)
    if isinstance(node, exp.Add):
        swapped = _rank(first) > _rank(second)
        return _moved(node, second, first) if swapped else _moved(node, first, second)
    if first.known.is_moment and second.known.is_moment:
        return _difference(node, first, second)
    if names == ("time", "time"):
        return Value(macro("time_difference", first.node, second.node), INTERVAL)
    return _moved(node, first, second)


def _rank(value: Value) -> int:
    """A sum begins with its date or timestamp, else with its time."""
    return 0 if value.known.is_moment else 1 if value.known.name in ("time", "timetz") else 2


def _moved(node: exp.Binary, first: Value, second: Value) -> Value | None:
    """A date or time, moved by an interval, a number of days or a time of day."""
    one, other = first.known, second.known
    if other.is_interval and one == DATE:
        moved = _binary(node, first, second, TIMESTAMP)
        return Value(cast(moved.node, "date"), DATE) if other == YEAR_TO_MONTH else moved
    if other.is_interval and (one.is_moment or one.name in ("time", "timetz")):
        return _binary(node, first, second, one)
    if one != DATE:
        return None
    if other.is_integer:
        return _binary(node, first, convert(second, INT4), DATE)
    if isinstance(node, exp.Add) and other.name in ("time", "timetz"):
        return _binary(node, first, second, TIMESTAMP if other.name == "time" else TIMESTAMPTZ)
    return None


def _scaled_interval(node: exp.Binary, first: Value, second: Value) -> Value | None:
    """An interval times or by a number, a number times an interval."""
    if first.known.is_interval and second.known.is_number:
        factor = _factor(second, inverse=isinstance(node, exp.Div))
        return Value(macro("scaled_interval", first.node, factor), first.kind)
    if first.known.is_number and second.known.is_interval and isinstance(node, exp.Mul):
        return Value(macro("scaled_interval", second.node, _factor(first)), second.kind)
    return None


def _factor(value: Value, inverse: bool = False) -> exp.Expr:
    factor = cast(value.node, "double")
    return exp.Paren(this=exp.Div(this=cast(number(1), "double"), expression=factor)) if inverse else factor


def _difference(node: exp.Binary, first: Value, second: Value) -> Value:
    if first.kind == second.kind == DATE:
        return Value(cast(exp.Paren(this=exp.Sub(this=first.node, expression=second.node)), "integer"), INT4)
    kind = TIMESTAMPTZ if TIMESTAMPTZ in (first.kind, second.kind) else TIMESTAMP
    return _binary(node, convert(first, kind), convert(second, kind), INTERVAL)


def comparison(translator: "Translator", node: exp.Binary) -> Value:
    """`= <> < <= > >=` and IS DISTINCT FROM."""
    if isinstance(node.expression, exp.Any | exp.All):
        return translator.default(node, BOOL)
    first, second = matched([translator.value(node.this), translator.value(node.expression)])
    return Value(type(node)(this=comparable(first), expression=comparable(second)), BOOL)


def matched(values: list[Value]) -> list[Value]:
    """Values that are compared with each other: quoted literals take the type of the others."""
    known = [value.kind for value in values if not _is_open(value)]
    if not known:
        return [as_text(value) for value in values]
    kind = common(known)
    if kind is None:
        return values
    return [convert(value, kind) if _needs(value, kind) else value for value in values]


def _needs(value: Value, kind: SqlType) -> bool:
    return value.is_literal or (value.kind is not None and value.kind.is_moment and value.kind != kind)


def between(translator: "Translator", node: exp.Between) -> Value:
    """BETWEEN, as two comparisons in one."""
    values = [translator.value(node.args[part]) for part in ("this", "low", "high")]
    value, low, high = (comparable(one) for one in matched(values))
    return Value(exp.Between(this=value, low=low, high=high, symmetric=node.args.get("symmetric")), BOOL)


def membership(translator: "Translator", node: exp.In) -> Value:
    """IN of a list or of a query."""
    value = translator.value(node.this)
    query = node.args.get("query")
    if query is not None:
        [(_, kind), *_] = translator.query(query.this if isinstance(query, exp.Subquery) else query) or [("", None)]
        if value.is_literal and kind is not None:
            value = convert(value, kind)
        _comparable_column(query, kind)
        return Value(exp.In(this=comparable(value), query=query), BOOL)
    found = matched([value, *(translator.value(item) for item in node.expressions)])
    first, *rest = (comparable(one) for one in found)
    return Value(exp.In(this=first, expressions=rest), BOOL)


def _comparable_column(query: exp.Expr, kind: SqlType | None) -> None:
    select = query.this if isinstance(query, exp.Subquery) else query
    if kind is None or not kind.has_blanks or not isinstance(select, exp.Select):
        return
    [projection] = select.expressions[:1]
    inner = projection.unalias()
    if not isinstance(inner, exp.Star):
        trimmed = call("rtrim", inner.copy(), text(" "))
        select.set("expressions", [exp.alias_(trimmed, projection.alias_or_name or "c", quoted=True)])


def condition(translator: "Translator", node: exp.Expr) -> Value:
    """AND, OR, NOT, EXISTS, IS: booleans of what stands inside."""
    return translator.default(node, BOOL)


def like(translator: "Translator", node: exp.Binary, escaped: bool = False) -> Value:
    """LIKE and ILIKE, computed patterns as well: the backslash escapes unless another character is named."""
    value, pattern = as_text(translator.value(node.this)), as_text(translator.value(node.expression))
    result = node
    result.set("this", value.node)
    result.set("expression", pattern.node)
    plain = pattern.constant is not None and "\\" not in pattern.constant
    if plain or escaped:
        return Value(result, BOOL)
    return Value(exp.Escape(this=result.copy(), expression=text("\\")), BOOL)


def escape(translator: "Translator", node: exp.Escape) -> Value:
    """LIKE … ESCAPE."""
    if isinstance(node.this, exp.Like | exp.ILike):
        node.set("this", like(translator, node.this, escaped=True).node)
        return Value(node, BOOL)
    return translator.default(node, BOOL)


def matches(translator: "Translator", node: exp.Binary) -> Value:
    """`~` and `~*`: a regular expression found anywhere in the text."""
    value, pattern = as_text(translator.value(node.this)), as_text(translator.value(node.expression))
    options = [text("i")] if isinstance(node, exp.RegexpILike) else []
    return Value(call("regexp_matches", value.node, pattern.node, *options), BOOL)


_SIGNS = {"%": ".*", "_": ".", ".": r"\.", "^": r"\^", "$": r"\$"}


def similar(translator: "Translator", node: exp.SimilarTo) -> Value:
    """SIMILAR TO: % and _ as in LIKE, the rest of a regular expression's signs, over the whole text."""
    value, pattern = as_text(translator.value(node.this)), translator.value(node.expression)
    if isinstance(pattern.node, exp.Null):
        return Value(cast(exp.Null(), BOOL.duckdb), BOOL)
    if pattern.constant is None:
        raise unsupported("SIMILAR TO with a pattern that is not a constant text")
    expression = "".join(_SIGNS.get(character, character) for character in pattern.constant)
    return Value(call("regexp_full_match", value.node, text(expression), text("s")), BOOL)


def concatenation(translator: "Translator", node: exp.DPipe) -> Value:
    """`||` of texts, and of what is written as one."""
    return joined([as_text(translator.value(node.this)), as_text(translator.value(node.expression))])


def joined(values: list[Value]) -> Value:
    """Texts one after the other; constants, such as a bound value and what is put behind it, become one."""
    constants = [value.constant for value in values]
    if all(constant is not None for constant in constants):
        whole = "".join(constant or "" for constant in constants)
        return Value(text(whole), text_type(whole))
    node = values[0].node
    for value in values[1:]:
        node = exp.DPipe(this=node, expression=value.node)
    sizes = [value.kind.size if value.kind else 0 for value in values]
    last = values[-1].kind
    known = [value.constant for value in values]
    trimmed = bool(last and last.trimmed and (known[-1] != "" or len(values) == 1) and known[-1] is not None)
    return Value(exp.Paren(this=node), varchar(sum(sizes), trimmed))


def cast_value(translator: "Translator", node: exp.Cast) -> Value:
    """CAST, `::` and a type before a literal."""
    kind = of_node(node.to)
    value = translator.value(node.this)
    if kind is None:
        return Value(exp.Cast(this=value.node, to=node.to), None)
    return explicit(value, kind)


def case(translator: "Translator", node: exp.Case) -> Value:
    """CASE of both forms: the first as comparisons with its operand."""
    operand = node.args.get("this")
    branches = node.args["ifs"]
    tests = [
        translator.value(exp.EQ(this=operand.copy(), expression=branch.this) if operand is not None else branch.this)
        for branch in branches
    ]
    default = node.args.get("default")
    results = [translator.value(branch.args["true"]) for branch in branches]
    results += [translator.value(default)] if default is not None else []
    united = unified(results)
    ifs = [exp.If(this=test.node, true=one.node) for test, one in zip(tests, united, strict=False)]
    last = united[-1].node if default is not None else None
    return Value(exp.Case(ifs=ifs, default=last), united_type(united))


def unified(values: list[Value]) -> list[Value]:
    """Values of which one will be the result: each as the type they have in common."""
    kind = common(value.kind for value in values)
    if kind is None:
        return values
    if kind.is_unknown:
        return [as_text(value) for value in values]
    return [_as_result(value, kind) for value in values]


def _as_result(value: Value, kind: SqlType) -> Value:
    if kind.is_text or isinstance(value.node, exp.Null):
        return convert(value, kind)
    changed = convert(value, kind)
    return changed if changed.kind == kind else Value(cast(changed.node, kind.duckdb), kind)


def united_type(values: list[Value]) -> SqlType | None:
    """The type of a result that is one of these `unified` values."""
    return common(value.kind for value in values)


def interval(_translator: "Translator", node: exp.Interval) -> Value:
    """INTERVAL '…', with or without a qualifier behind it."""
    if not isinstance(node.this, exp.Literal):
        raise StatementFailed('ERROR: syntax error at or near "interval"')
    qualifier, _, precision = str(node.args.get("unit") or "").lower().partition("(")
    kind = intervals.kind_of(qualifier.strip())
    read = intervals.read_interval(str(node.this.this), qualifier.strip(), int(precision.strip(") ") or 6))
    return Value(read, kind)


def at_time_zone(translator: "Translator", node: exp.AtTimeZone) -> Value:
    """AT TIME ZONE: a timestamp in that zone becomes a moment, a moment its timestamp there."""
    value, zone = translator.value(node.this), translator.value(node.args["zone"])
    if value.kind == TIMESTAMPTZ:
        return Value(cast(shifted(zone, value.node, to_utc=False), "timestamp"), TIMESTAMP)
    found = shifted(zone, convert(value, TIMESTAMP).node, to_utc=True)
    return Value(cast(found, "timestamptz"), TIMESTAMPTZ)


def shifted(zone: Value, moment: exp.Expr, to_utc: bool) -> exp.Expr:
    """A time in a zone as UTC, or the other way: by the zone's name, or by its offset where that is fixed."""
    minutes = minutes_behind(zone.constant) if zone.constant is not None else None
    if minutes is None:
        return macro("at_zone", as_text(zone).node, cast(moment, "timestamp" if to_utc else "timestamptz"))
    distance = call("to_minutes", number(minutes if to_utc else -minutes))
    return exp.Paren(this=exp.Add(this=cast(moment, "timestamp"), expression=distance))


Handler = Callable[["Translator", Any], Value]
HANDLERS: dict[type[exp.Expr], Handler] = {
    exp.Literal: literal,
    exp.Null: null,
    exp.Boolean: boolean,
    exp.Paren: paren,
    exp.Neg: negative,
    **dict.fromkeys((exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Mod), arithmetic),
    **dict.fromkeys((exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE), comparison),
    **dict.fromkeys((exp.NullSafeEQ, exp.NullSafeNEQ), comparison),
    **dict.fromkeys((exp.And, exp.Or, exp.Not, exp.Exists, exp.Is), condition),
    exp.Between: between,
    exp.In: membership,
    **dict.fromkeys((exp.Like, exp.ILike), like),
    exp.Escape: escape,
    **dict.fromkeys((exp.RegexpLike, exp.RegexpILike), matches),
    exp.SimilarTo: similar,
    exp.DPipe: concatenation,
    exp.Cast: cast_value,
    exp.Case: case,
    exp.Interval: interval,
    exp.AtTimeZone: at_time_zone,
}
