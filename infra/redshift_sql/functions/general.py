"""Functions of any type: NVL and its kin, hashes, what the session knows. Registered by name in `calls`."""

from typing import TYPE_CHECKING

from sqlglot import exp

from ..expressions import operators
from ..expressions.nodes import call, cast, number, text
from ..expressions.operators import matched, unified, united_type
from ..expressions.types import INT4, INT8, varchar
from ..expressions.values import Value, comparable
from .calls import ANY_NUMBER, Call, function

if TYPE_CHECKING:
    from ..queries.translation import Translator

VERSION = "PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0 (local warehouse on DuckDB)"
NAME = varchar(128)
"""A name of the catalog."""


@function("coalesce", "nvl", count=(1, ANY_NUMBER))
def _first_known(given: Call) -> Value:
    values = unified(given.values)
    return Value(call("coalesce", *(value.node for value in values)), united_type(values))


@function("isnull", count=(2, 2))
def _isnull(given: Call) -> Value:
    return _first_known(given)


@function("bool", "date", "float4", "float8", "int2", "int4", "int8", "text", count=(1, 1))
def _cast_by_name(given: Call) -> Value:
    """The name of a type, called as a function, casts. Source: PostgreSQL, "Value Expressions", Type Casts."""
    return operators.cast_value(given.translator, exp.cast(given.nodes[0], given.name, dialect="redshift"))


@function("nvl2", count=(3, 3))
def _nvl2(given: Call) -> Value:
    known = exp.Not(this=exp.Is(this=given.value(0).node, expression=exp.Null()))
    values = unified(given.values[1:])
    result = exp.Case(ifs=[exp.If(this=known, true=values[0].node)], default=values[1].node)
    return Value(result, united_type(values))


@function("nullif", count=(2, 2))
def _nullif(given: Call) -> Value:
    first, second = matched(given.values)
    equal = exp.EQ(this=comparable(first).copy(), expression=comparable(second))
    return Value(exp.Case(ifs=[exp.If(this=equal, true=exp.Null())], default=first.node), first.kind)


@function("decode", count=(3, ANY_NUMBER))
def _decode(given: Call) -> Value:
    """NULL finds NULL here, unlike in CASE."""
    value, rest = given.value(0), given.values[1:]
    searches, results = rest[0 : len(rest) - 1 : 2], rest[1::2]
    default = [rest[-1]] if len(rest) % 2 else []
    found = matched([value, *searches])
    united = unified([*results, *default])
    ifs = [
        exp.If(this=exp.NullSafeEQ(this=comparable(found[0]).copy(), expression=comparable(search)), true=result.node)
        for search, result in zip(found[1:], united, strict=False)
    ]
    return Value(exp.Case(ifs=ifs, default=united[-1].node if default else None), united_type(united))


@function("greatest", "least", count=(1, ANY_NUMBER))
def _extreme(given: Call) -> Value:
    values = unified(given.values)
    return Value(call(given.name, *(value.node for value in values)), united_type(values))


@function("version", count=(0, 0))
def _version(_given: Call) -> Value:
    return Value(text(VERSION), varchar(len(VERSION), trimmed=True))


@function("current_database", count=(0, 0))
def _current_database(_given: Call) -> Value:
    """DuckDB names the database after its file, which is named after the template's."""
    return Value(call("current_database"), NAME)


@function("current_schema", count=(0, 0))
def _current_schema(_given: Call) -> Value:
    """The first schema of the search path, which nothing changes here."""
    return Value(text("public"), NAME)


@function("pg_last_unload_count", count=(0, 0))
def _last_unload_count(_given: Call) -> Value:
    """`unload` notes it in the session."""
    rows = call("coalesce", call("getvariable", text("unloaded_rows")), number(0))
    return Value(cast(rows, "bigint"), INT8)


@function("pg_backend_pid", count=(0, 0))
def _backend(_given: Call) -> Value:
    return Value(cast(number(1), "integer"), INT4)


def current_version(_translator: "Translator", _node: exp.CurrentVersion) -> Value:
    """VERSION() names Redshift, as clients look for it."""
    return Value(text(VERSION), varchar(len(VERSION), trimmed=True))


operators.HANDLERS[exp.CurrentVersion] = current_version
