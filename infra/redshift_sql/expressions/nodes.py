"""Building and replacing tree nodes. Used by every rewrite."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from sqlglot import exp

CATALOG = "redshift_catalog"
"""The schema of the warehouse file that holds our macros, system views, users and grants."""


def replace_each(tree: exp.Expr, kind: Any, change: Callable[[Any], exp.Expr]) -> exp.Expr:
    """Replace every node of a kind, innermost first, so that a change sees its arguments already changed."""
    for node in reversed(list(tree.find_all(kind))):
        changed = change(node)
        if changed is node:
            continue
        if node is tree:
            tree = changed
        else:
            node.replace(changed)
    return tree


def macro(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A call of one of our macros (see `macros`)."""
    return exp.Dot(this=exp.to_identifier(CATALOG), expression=call(name, *arguments))


def call(name: str, *arguments: exp.Expr) -> exp.Expr:
    """A call of a DuckDB function that sqlglot shall write as it is."""
    return exp.Anonymous(this=name, expressions=list(arguments))


def cast(value: exp.Expr, to: str) -> exp.Expr:
    """`CAST(value AS to)`, `to` in DuckDB's words."""
    return exp.Cast(this=value, to=_type(to).copy())


@lru_cache(maxsize=512)
def _type(name: str) -> exp.DataType:
    return exp.DataType.build(name, dialect="duckdb")


def text(value: str) -> exp.Expr:
    """A string literal."""
    return exp.Literal.string(value)


def number(value: int) -> exp.Expr:
    """A number literal."""
    return exp.Literal.number(value)
