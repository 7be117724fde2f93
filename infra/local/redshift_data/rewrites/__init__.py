"""Redshift SQL to DuckDB SQL: a flat chain of small pure rewrites, each named after the SQL feature it makes right.

Called by `queries` and `changes` with a tree whose parameters are bound. sqlglot has read the text as Redshift and will
write it for DuckDB; these steps settle where both translate too freely or types decide. Next: the text goes to DuckDB.
"""

from collections.abc import Callable

from sqlglot import exp

from . import casts, functions, numbers, tables
from .names import column_labels, current_user, lower_case_identifiers

Rewrite = Callable[[exp.Expr], exp.Expr]

CHAIN: tuple[Rewrite, ...] = (
    lower_case_identifiers,
    casts.varchar_length,
    casts.plain_numeric,
    casts.refused_types,
    tables.informational_constraints,
    tables.identity_refused,
    tables.check_refused,
    functions.pg_catalog_functions,
    functions.listagg,
    functions.like_escape,
    functions.ratio_to_report,
    functions.calls,
    functions.extracted_parts,
    functions.similar_to,
    functions.sysdate,
    functions.version,
    numbers.average,
    tables.text_length,
)


def rewritten(tree: exp.Expr, user: str) -> exp.Expr:
    """The tree after the whole chain, run by this database user; the given tree is left as it was."""
    result = column_labels(tree.copy())
    result = current_user(result, user)
    for rewrite in CHAIN:
        result = rewrite(result)
    return result


__all__ = ["CHAIN", "rewritten"]
