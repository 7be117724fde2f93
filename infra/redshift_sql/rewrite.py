"""Redshift SQL to DuckDB SQL. Called by `queries` and `changes` with a tree whose parameters are bound.

`rewritten` settles the names and table definitions; then `name_resolution` finds the tables, and `translation` walks
the tree by types. Next: the text goes to DuckDB.
"""

from sqlglot import exp

from .expressions.types import SqlType
from .queries import tables
from .queries.names import column_labels, current_user, lower_case_identifiers
from .queries.translation import ColumnsOf, Translator

Columns = list[tuple[str, SqlType | None]]


def rewritten(tree: exp.Expr, user: str) -> exp.Expr:
    """A copy of the tree with Redshift's names, for this database user, and without what tables do not enforce."""
    result = lower_case_identifiers(current_user(column_labels(tree.copy()), user))
    return tables.defined(result) if isinstance(result, exp.Create) else result


def translated(tree: exp.Expr, columns_of: ColumnsOf) -> Columns:
    """Translate a query or change in place, its tables being resolved; a query's columns come back with their types."""
    translator = Translator(columns_of)
    if isinstance(tree, exp.Query):
        return translator.result(tree)
    return translator.change(tree)


__all__ = ["Columns", "ColumnsOf", "rewritten", "translated"]
