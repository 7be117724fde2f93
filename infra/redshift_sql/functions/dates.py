"""Functions of dates and times. Registered by name in `calls`.

Source: "Date and time functions" and "Date parts for date or timestamp functions" in the Redshift developer guide.
"""

from typing import TYPE_CHECKING

from sqlglot import exp

from ..errors import StatementFailed
from ..expressions import operators
from ..expressions.nodes import call, cast, macro, number, text
from ..expressions.types import DATE, FLOAT8, INT4, INT8, INTERVAL, TEXT, TIME, TIMESTAMP, TIMESTAMPTZ, TIMETZ, UNKNOWN
from ..expressions.values import Value, as_moment, as_text, convert
from . import date_formats
from .calls import Call, function
from .date_parts import interval, part_of, truncated_part

if TYPE_CHECKING:
    from ..queries.translation import Translator

_PLAIN = {"year", "quarter", "month", "week", "day", "hour", "minute", "doy", "dow"}
_LONG = {"decade", "century", "millennium"}
_CLOCKS = {"hour", "minute", "second", "millisecond", "microsecond"}


def _dated(value: Value) -> Value:
    """A value that has date parts: a literal is a timestamp, a date begins at midnight."""
    has_parts = value.kind in (TIMESTAMPTZ, TIME, TIMETZ) or (value.kind is not None and value.kind.is_interval)
    return value if has_parts else as_moment(value)


def _extracted(part: str, value: Value) -> exp.Expr:
    """One part alone, without those above and below it."""
    node = value.node
    if value.kind == TIMETZ and not part.startswith("timezone"):
        node = cast(node, "time")
    if part in _PLAIN:
        return call("date_part", text(part), node)
    if part == "second":
        return call("trunc", call("date_part", text("second"), node))
    if part in ("millisecond", "microsecond"):
        unit = number(1000 if part == "millisecond" else 1_000_000)
        return exp.Paren(this=exp.Mod(this=call("date_part", text(part), node), expression=unit))
    if part == "epoch":
        return call("epoch", node)
    if part.startswith("timezone"):
        return call("date_part", text(part), node) if value.kind == TIMETZ else number(0)
    return macro(f"{part}_of", node)


def extract(translator: "Translator", node: exp.Extract) -> Value:
    """EXTRACT(part FROM value): a whole number."""
    part = part_of(node.this)
    value = _dated(translator.value(node.expression))
    if value.kind in (TIME, TIMETZ) and part not in _CLOCKS and not part.startswith("timezone"):
        raise StatementFailed(f'ERROR: "time" units "{part}" not recognized')
    kind = FLOAT8 if value.kind == TIMESTAMPTZ else INT8 if part == "epoch" else INT4
    return Value(cast(call("trunc", _extracted(part, value)), kind.duckdb), kind)


@function("date_part", "pgdate_part", count=(2, 2), constants={0: "day"})
def _date_part(given: Call) -> Value:
    """The part as DOUBLE PRECISION; of the second, with its decimals."""
    part, value = part_of(given.nodes[0]), _dated(given.value(1))
    if part != "second":
        return Value(cast(_extracted(part, value), "double"), FLOAT8)
    node = cast(value.node, "time") if value.kind == TIMETZ else value.node
    return Value(cast(macro("second_of", node), "double"), FLOAT8)


@function("date_part_year", count=(1, 1))
def _date_part_year(given: Call) -> Value:
    return Value(cast(call("year", convert(given.value(0), DATE).node), "integer"), INT4)


@function("dateadd", "date_add", count=(3, 3))
def _dateadd(given: Call) -> Value:
    value = given.value(2)
    if value.kind not in (TIME, TIMETZ, TIMESTAMPTZ):
        value = as_moment(value)
    part, count = part_of(given.nodes[0]), given.value(1)
    leap = part in ("year", *_LONG) and value.kind in (TIMESTAMP, TIMESTAMPTZ)
    if count.is_literal:
        count = convert(count, INT8)
    if count.kind is not None and not count.kind.is_integer:
        count = Value(cast(call("trunc", count.node), "bigint"), INT8)
    moved = exp.Paren(this=exp.Add(this=value.node, expression=interval(part, count.node)))
    return Value(macro("leap_day_kept", value.node.copy(), moved) if leap else moved, value.kind)


@function("datediff", "date_diff", count=(3, 3), constants={0: "day"})
def _datediff(given: Call) -> Value:
    """The boundaries of the part that lie between the two."""
    part = part_of(given.nodes[0])
    first, second = (_on_a_day(value) for value in _of_one_kind(given.value(1), given.value(2)))
    if part == "week" or part in _LONG:
        return Value(macro(f"{part}s_between", first, second), INT8)
    truncated_part(given.nodes[0])
    return Value(call("date_diff", text(part), first, second), INT8)


def _of_one_kind(first: Value, second: Value) -> tuple[Value, Value]:
    kinds = {first.kind, second.kind}
    for kind in (TIME, TIMETZ):
        if kind in kinds:
            return convert(first, kind), convert(second, kind)
    return as_moment(first), as_moment(second)


def _on_a_day(value: Value) -> exp.Expr:
    if value.kind == TIMETZ:
        return macro("utc_clock", value.node)
    if value.kind == TIME:
        return exp.Paren(this=exp.Add(this=cast(text("2000-01-01"), "date"), expression=value.node))
    return value.node


@function("date_trunc", count=(2, 2), constants={0: "day"})
def _date_trunc(given: Call) -> Value:
    value = given.value(1)
    kind = value.kind if value.kind == TIMESTAMPTZ else TIMESTAMP
    node = value.node if value.kind == TIMESTAMPTZ else as_moment(value).node
    part = truncated_part(given.nodes[0])
    found = macro(f"{part}_start", node) if part in _LONG else call("date_trunc", text(part), node)
    return Value(cast(found, kind.duckdb), kind)


def trunc_of_moment(value: Value) -> Value | None:
    """TRUNC of a timestamp is its date; None for a number."""
    if value.kind is not None and value.kind.is_moment:
        return Value(cast(value.node, "date"), DATE)
    return convert(value, DATE) if value.is_literal else None


@function("last_day", count=(1, 1))
def _last_day(given: Call) -> Value:
    return Value(call("last_day", convert(given.value(0), DATE).node), DATE)


_DAYS = ("su", "mo", "tu", "we", "th", "fr", "sa")


@function("next_day", count=(2, 2))
def _next_day(given: Call) -> Value:
    """The first such weekday after the date."""
    word = given.value(1).constant
    if word is not None:
        if word.strip().lower()[:2] not in _DAYS:
            raise StatementFailed(f'ERROR: Invalid day of week: "{word}"')
        place: exp.Expr = number(_DAYS.index(word.strip().lower()[:2]))
    else:
        place = macro("weekday_number", as_text(given.value(1)).node)
    return Value(macro("next_day", convert(given.value(0), DATE).node, place), DATE)


@function("add_months", count=(2, 2))
def _add_months(given: Call) -> Value:
    return Value(macro("add_months", as_moment(given.value(0)).node, convert(given.value(1), INT4).node), TIMESTAMP)


@function("months_between", count=(2, 2))
def _months_between(given: Call) -> Value:
    return Value(macro("months_between", *(as_moment(value).node for value in given.values)), FLOAT8)


@function("convert_timezone", count=(2, 3))
def _convert_timezone(given: Call) -> Value:
    *zones, moment = given.values
    source = zones[0] if len(zones) == 2 else Value(text("UTC"), UNKNOWN)
    node = operators.shifted(source, as_moment(moment).node, to_utc=True)
    return Value(cast(operators.shifted(zones[-1], node, to_utc=False), "timestamp"), TIMESTAMP)


@function("timezone", count=(2, 2))
def _timezone(given: Call) -> Value:
    node = exp.AtTimeZone(this=given.nodes[1], zone=given.nodes[0])
    return operators.at_time_zone(given.translator, node)


@function("getdate", count=(0, 0))
def _getdate(_given: Call) -> Value:
    return _utc_now()


def _utc_now() -> Value:
    return Value(cast(call("timezone", text("UTC"), call("now")), "timestamp"), TIMESTAMP)


def current_timestamp(_translator: "Translator", node: exp.CurrentTimestamp) -> Value:
    """SYSDATE is the time in UTC, without a zone; CURRENT_TIMESTAMP has one."""
    return _utc_now() if node.args.get("sysdate") else Value(call("now"), TIMESTAMPTZ)


def current_date(_translator: "Translator", _node: exp.CurrentDate) -> Value:
    """CURRENT_DATE, in UTC."""
    return Value(cast(_utc_now().node, "date"), DATE)


def current_time(_translator: "Translator", _node: exp.Expr) -> Value:
    """CURRENT_TIME and LOCALTIME."""
    return Value(cast(_utc_now().node, "time"), TIME)


@function("timeofday", count=(0, 0))
def _timeofday(_given: Call) -> Value:
    return Value(call("strftime", _utc_now().node, text("%a %b %d %H:%M:%S.%f %Y UTC")), TEXT)


_COMPARED = {
    "date_cmp": (DATE, DATE),
    "timestamp_cmp": (TIMESTAMP, TIMESTAMP),
    "timestamptz_cmp": (TIMESTAMPTZ, TIMESTAMPTZ),
    "date_cmp_timestamp": (TIMESTAMP, TIMESTAMP),
    "date_cmp_timestamptz": (TIMESTAMPTZ, TIMESTAMPTZ),
    "timestamp_cmp_date": (TIMESTAMP, TIMESTAMP),
    "timestamp_cmp_timestamptz": (TIMESTAMPTZ, TIMESTAMPTZ),
    "timestamptz_cmp_date": (TIMESTAMPTZ, TIMESTAMPTZ),
    "timestamptz_cmp_timestamp": (TIMESTAMPTZ, TIMESTAMPTZ),
    "interval_cmp": (INTERVAL, INTERVAL),
}


@function(*_COMPARED, count=(2, 2))
def _compared(given: Call) -> Value:
    """-1, 0 or 1."""
    pair = zip(given.values, _COMPARED[given.name], strict=True)
    first, second = (convert(value, kind) for value, kind in pair)
    return Value(macro("comparison", first.node, second.node), INT4)


@function("to_date", count=(2, 3), constants={1: "YYYY-MM-DD"})
def _to_date(given: Call) -> Value:
    strict = given.nodes[2] if len(given.nodes) > 2 else exp.Boolean(this=False)
    pattern = date_formats.constant(given.nodes[1])
    return Value(date_formats.parsed(as_text(given.value(0)).node, pattern, strict, "date"), DATE)


@function("to_timestamp", count=(2, 3), constants={1: "YYYY-MM-DD"})
def _to_timestamp(given: Call) -> Value:
    strict = given.nodes[2] if len(given.nodes) > 2 else exp.Boolean(this=False)
    pattern = date_formats.constant(given.nodes[1])
    found = date_formats.parsed(as_text(given.value(0)).node, pattern, strict, "timestamp")
    return Value(cast(found, "timestamptz"), TIMESTAMPTZ)


def to_char_of_moment(value: Value, pattern: str) -> Value:
    """TO_CHAR of a date, a time, a timestamp or a literal of one."""
    if value.kind is None or value.kind.is_unknown or value.kind.is_text:
        value = as_moment(value)
    if value.kind in (TIME, TIMETZ):
        value = Value(_on_a_day(value), TIMESTAMP)
    if value.kind is not None and value.kind.is_interval:
        value = Value(
            exp.Paren(this=exp.Add(this=cast(text("2000-01-01"), "timestamp"), expression=value.node)), TIMESTAMP
        )
    zone = "UTC" if value.kind != DATE else ""
    return Value(date_formats.to_char(cast(value.node, "timestamp"), pattern, zone), TEXT)


operators.HANDLERS.update(
    {
        exp.Extract: extract,
        exp.CurrentTimestamp: current_timestamp,
        exp.CurrentDate: current_date,
        exp.CurrentTime: current_time,
        exp.Localtime: current_time,
        exp.Localtimestamp: current_timestamp,
    }
)
