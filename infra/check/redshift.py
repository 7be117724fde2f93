"""What a report's SQL has and Redshift, or the laptop, has not. Used by `checking`, before the report is run.

`infra.redshift_sql.fence` knows what Redshift has; the types of arguments come from the tables that are read.
"""

from collections.abc import Mapping

from sqlglot import exp

from infra.redshift_sql.expressions.types import UNKNOWN, SqlType, of_node
from infra.redshift_sql.fence.checks import differences
from infra.redshift_sql.fence.functions import unavailable
from infra.redshift_sql.fence.tokens import Difference
from infra.redshift_sql.parameters import marked

Tables = Mapping[str, Mapping[str, str]]
"""Table to column to the name of its type."""

ELSEWHERE = unavailable("")
"""How an error ends that only the laptop gives."""


def differences_of(sql: str, tree: exp.Expr, tables: Tables) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """What Redshift would refuse, and what only the laptop cannot run: each with its line in `sql`."""
    text, _ = marked(sql)  # keeps the lines
    read = [tables.get(table.name.lower(), {}) for table in tree.find_all(exp.Table)]
    found = differences(tree, text, lambda node: _words(node, read))
    errors = [_located(one, text) for one in found if one.is_error]
    return errors, [_located(one, text) for one in found if not one.is_error]


def _located(difference: Difference, text: str) -> tuple[int, str]:
    return text.count("\n", 0, difference.start) + 1, difference.reason


def _words(node: exp.Expr, read: list[Mapping[str, str]]) -> str:
    """The type of an argument in the words of Redshift's errors."""
    if isinstance(node, exp.Literal):
        return UNKNOWN.words if node.is_string else "integer" if node.is_int else "numeric"
    if isinstance(node, exp.Boolean | exp.Predicate | exp.Connector | exp.Not):
        return "boolean"
    if isinstance(node, exp.Cast):
        kind = of_node(node.to)
        return kind.words if kind is not None else node.to.sql("redshift").lower()
    if isinstance(node, exp.Column):
        name = next((columns[node.name.lower()] for columns in read if node.name.lower() in columns), "")
        return SqlType("char" if name == "bpchar" else name).words if name else UNKNOWN.words
    if isinstance(node, exp.Paren | exp.Neg):
        return _words(node.this, read)
    return UNKNOWN.words
