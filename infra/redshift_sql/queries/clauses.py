"""What WHERE, HAVING and the ORDER BY of a SELECT DISTINCT may name: DuckDB takes more. Used by `translation`.

Sources: "SELECT", WHERE clause and ORDER BY clause, in the Redshift developer guide; PostgreSQL, "SELECT".
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from ..errors import StatementFailed

if TYPE_CHECKING:
    from .translation import Scope

_DISTINCT_ORDER = "ERROR: for SELECT DISTINCT, ORDER BY expressions must appear in select list"


def check(select: exp.Select, scope: "Scope") -> None:
    """Raises StatementFailed for the first name that Redshift would not find there."""
    if all("*" not in columns for columns in scope.sources.values()):
        _check_aliases(select, scope)
    if select.args.get("distinct") is not None and not any(one.is_star for one in select.expressions):
        _check_order(select)


def _check_aliases(select: exp.Select, scope: "Scope") -> None:
    """A name that only the select list gives is no column yet where rows and groups are chosen."""
    aliases = {one.alias for one in select.expressions if isinstance(one, exp.Alias)}
    for column in _columns(select, "where", "having"):
        if not column.table and column.name in aliases and not _is_column(column.name, scope):
            raise StatementFailed(f'ERROR: column "{column.name}" does not exist')


def _columns(select: exp.Select, *parts: str) -> Iterator[exp.Column]:
    """The columns that these clauses name themselves; what a query inside names is its own matter."""
    for part in parts:
        clause = select.args.get(part)
        if clause is not None:
            found = clause.walk(prune=lambda node: isinstance(node, exp.Query))
            yield from (node for node in found if isinstance(node, exp.Column))


def _is_column(name: str, scope: "Scope | None") -> bool:
    return scope is not None and (scope.knows(name) or _is_column(name, scope.outer))


def _check_order(select: exp.Select) -> None:
    order = select.args.get("order")
    shown = [one.unalias() for one in select.expressions]
    names = {one.alias_or_name for one in select.expressions}
    for key in order.expressions if order is not None else []:
        wanted = key.this if isinstance(key, exp.Ordered) else key
        is_named = isinstance(wanted, exp.Column) and wanted.name in names
        if not is_named and not isinstance(wanted, exp.Literal) and wanted not in shown:
            raise StatementFailed(_DISTINCT_ORDER)
