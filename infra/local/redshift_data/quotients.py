"""Decimal division: NUMERIC / NUMERIC is a NUMERIC of a certain scale in Redshift, where DuckDB answers DOUBLE.

Called by `queries` and `changes` on a rewritten tree. Types decide, so DuckDB is asked for the operands' types, without
running anything. Source: "Computations with numeric values" in the Redshift developer guide, its rules for division.
"""

import re
from collections.abc import Callable, Iterator

import duckdb
from sqlglot import exp

from .dialect import duckdb_sql

Describe = Callable[[str], list[str]]
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
_INTEGERS = {"TINYINT": 5, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "HUGEINT": 19}
_LATER = ("order", "limit", "offset", "distinct", "qualify", "having", "with_")
Numeric = tuple[int, int]


def decimal_quotients(tree: exp.Expr, describe: Describe) -> exp.Expr:
    """Cast each quotient of decimals to its NUMERIC, innermost query first.

    What DuckDB cannot type by itself (a sub-select that refers to its outer query) stays DOUBLE.
    """
    for select in reversed(list(tree.find_all(exp.Select))):
        pending = [division for division in select.find_all(exp.Div) if division.find_ancestor(exp.Select) is select]
        while pending:
            ready = [division for division in pending if not _contains(division, pending)]
            _cast(select, ready, describe)
            pending = [division for division in pending if not any(division is one for one in ready)]
    return tree


def _contains(division: exp.Expr, others: list[exp.Div]) -> bool:
    return any(other is not division and _is_within(other, division) for other in others)


def _is_within(node: exp.Expr, outer: exp.Expr) -> bool:
    parent = node.parent
    while parent is not None and parent is not outer:
        parent = parent.parent
    return parent is outer


def _cast(select: exp.Select, divisions: list[exp.Div], describe: Describe) -> None:
    try:
        types = describe(_probe(select, divisions))
    except duckdb.Error:  # a query that refers to its outer one, or is wrong anyway and fails when run
        return
    operands = iter(types[-2 * len(divisions) :])
    for division, first, second in [(one, next(operands), next(operands)) for one in divisions]:
        numeric = quotient_type(first, second)
        if numeric is not None:
            kind = exp.DataType.build(f"DECIMAL({numeric[0]}, {numeric[1]})", dialect="duckdb")
            division.replace(exp.Cast(this=division.copy(), to=kind))


def _probe(select: exp.Select, divisions: list[exp.Div]) -> str:
    """The select with the operands as further columns, and with the WITH queries it can see."""
    probe = select.copy()
    for part in _LATER:
        probe.set(part, None)
    for division in divisions:
        for operand in (division.this, division.expression):
            probe.append("expressions", operand.copy())
    named = [common.copy() for common in _visible(select)]
    if named:
        probe.set("with_", exp.With(expressions=named, recursive=_is_recursive(select)))
    return duckdb_sql(probe)


def _visible(select: exp.Select) -> list[exp.CTE]:
    """WITH queries in scope, outermost first; those that come after the one the select stands in are not."""
    found: list[exp.CTE] = []
    node: exp.Expr | None = select
    inside: exp.Expr | None = None
    while node is not None:
        clause = node.args.get("with_")
        if clause is not None:
            found = [*_before(clause.expressions, inside), *found]
        inside = node if isinstance(node, exp.CTE) else inside
        node = node.parent
    return found


def _before(named: list[exp.CTE], inside: exp.Expr | None) -> Iterator[exp.CTE]:
    for common in named:
        if common is inside:
            return
        yield common


def _is_recursive(select: exp.Select) -> bool:
    clause = select.root().args.get("with_")
    return bool(clause is not None and clause.args.get("recursive"))


def quotient_type(first: str, second: str) -> Numeric | None:
    """Precision and scale of a quotient, from DuckDB's names of the operands' types; None unless it is NUMERIC."""
    if not (_DECIMAL.fullmatch(first) or _DECIMAL.fullmatch(second)):
        return None
    dividend, divisor = _numeric(first), _numeric(second)
    if dividend is None or divisor is None:
        return None
    (p1, s1), (p2, s2) = dividend, divisor
    scale = max(4, s1 + p2 - s2 + 1)
    precision = p1 - s1 + s2 + scale
    if precision <= 38:
        return precision, scale
    return 38, max(38 + scale - precision, min(4, max(s1, s2)))


def _numeric(kind: str) -> Numeric | None:
    decimal = _DECIMAL.fullmatch(kind)
    if decimal:
        return int(decimal[1]), int(decimal[2])
    return (_INTEGERS[kind], 0) if kind in _INTEGERS else None
