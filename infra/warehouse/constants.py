"""Constants of a query that our macros compute, such as TO_DATE of a text: computed once, and written as literals.

Used by `queries`. DuckDB expands and plans each call of a macro anew, wherever the query names the constant, and may
compute it for each row. What raises an error is left as it is: the query raises it, if it gets there at all.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache

import duckdb
from sqlglot import exp

from infra.redshift_sql.expressions.nodes import CATALOG, cast, text
from infra.redshift_sql.grammar import duckdb_sql

_KEPT = 256
_EXACT = {"DATE": "date", "TIMESTAMP": "timestamp"}
"""Types whose values DuckDB writes as a text that it reads as the same value; any other type stays as it is."""
_MOMENTS = {"DATE", "TIMESTAMP", "TIMESTAMPNTZ"}
_VALUE_AND_TYPE = "WITH t AS MATERIALIZED (SELECT {} AS c) SELECT CAST(c AS VARCHAR), typeof(c) FROM t"
_LEAVES = {exp.Literal, exp.Boolean, exp.Null}
_OPERATORS = {exp.Case, exp.And, exp.Paren, exp.Neg, exp.Add, exp.Sub, exp.Mul, exp.Array}
_TYPES = {*_MOMENTS, "INT", "BIGINT", "VARCHAR", "TEXT"}
_FUNCTIONS = {
    "coalesce",
    "date_trunc",
    "last_day",
    "make_timestamp",
    "nullif",
    "regexp_extract",
    "struct_extract",
    "to_days",
    "to_hours",
    "to_minutes",
    "to_months",
    "to_seconds",
    "to_weeks",
}
_MACROS = {
    "add_months",
    "checked_fields",
    "checked_text",
    "fraction_of_second",
    "hour_of_half",
    "julian_day",
    "leap_day_kept",
    "month_of_name",
    "year_of_two",
}
"""What depends on its arguments alone. Nothing else is called in a constant: not the time, the session, the user."""


class Constants:
    """The last constants computed on one engine, by their SQL. `connect` opens a connection of their own.

    A statement's own connection may be in a transaction, which an error would abort.
    """

    def __init__(self, connect: Callable[[], duckdb.DuckDBPyConnection]) -> None:
        self._connect = connect
        self._literal = lru_cache(maxsize=_KEPT)(self._computed)

    def write_literals(self, tree: exp.Expr) -> None:
        """Replace every constant of a translated query that calls a macro, in place.

        Casts inside it come first: a date that several calls are made of is computed once, and they have less to do.
        """
        for node in _constants(tree):
            inner = [part for part in node.find_all(exp.Cast) if part is not node and part.to.this.name in _MOMENTS]
            for part in (*reversed(inner), node):
                self._write_literal(part)

    def _write_literal(self, node: exp.Expr) -> None:
        literal = self._literal(duckdb_sql(node)) if _calls_macro(node) else None
        if literal is not None:
            node.replace(literal.copy())

    def _computed(self, sql: str) -> exp.Expr | None:
        """A constant's value as a literal with its type; None when it must stay as it is."""
        cursor = self._connect()
        try:
            row = cursor.execute(_VALUE_AND_TYPE.format(sql)).fetchone()
        except duckdb.Error:  # the query's own error, which it raises when it computes the constant
            return None
        finally:
            cursor.close()
        if row is None or row[1] not in _EXACT:
            return None
        return cast(exp.Null() if row[0] is None else text(row[0]), _EXACT[row[1]])


def _constants(tree: exp.Expr) -> list[exp.Expr]:
    """The largest constant parts that call a macro."""
    found: list[exp.Expr] = []
    _is_constant(tree, found)
    return found


def _is_constant(node: exp.Expr, found: list[exp.Expr]) -> bool:
    """Whether all of a node is constant; if not, its largest constant parts that call a macro join `found`."""
    operands = list(_operands(node))
    constant = [operand for operand in operands if _is_constant(operand, found)]
    if len(constant) == len(operands) and _is_known(node):
        return True
    found += [operand for operand in constant if _calls_macro(operand)]
    return False


def _operands(node: exp.Expr) -> Iterator[exp.Expr]:
    """The values a node is made of. A branch of CASE is none by itself: its condition and its result are."""
    call = node.expression if _is_macro(node) else node
    for operand in call.iter_expressions():
        if isinstance(operand, exp.If):
            yield from _operands(operand)
        elif not isinstance(operand, exp.DataType):
            yield operand


def _calls_macro(node: exp.Expr) -> bool:
    return any(_is_macro(part) for part in node.walk())


def _is_macro(node: exp.Expr) -> bool:
    return isinstance(node, exp.Dot) and isinstance(node.this, exp.Identifier) and node.this.name == CATALOG


def _is_known(node: exp.Expr) -> bool:
    """Whether the node depends on its operands alone."""
    if _is_macro(node):
        return node.expression.name.lower() in _MACROS
    if type(node) is exp.Anonymous:
        return node.name.lower() in _FUNCTIONS
    if type(node) is exp.Cast:
        return {name for name, value in node.args.items() if value} == {"this", "to"} and node.to.this.name in _TYPES
    return type(node) in _LEAVES | _OPERATORS
