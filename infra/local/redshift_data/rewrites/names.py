"""Names: Redshift folds identifiers, quoted ones as well, and names a result's unnamed columns in its own way."""

from sqlglot import exp

from .nodes import replace_each, text

_NAMED_BY_FUNCTION: dict[type[exp.Expr], str] = {
    exp.Count: "count",
    exp.Sum: "sum",
    exp.Avg: "avg",
    exp.Min: "min",
    exp.Max: "max",
    exp.Coalesce: "coalesce",
    exp.Case: "case",
    exp.Round: "round",
    exp.Extract: "date_part",
    exp.CurrentDate: "date",
    exp.CurrentUser: "current_user",
    exp.CurrentVersion: "version",
    exp.ApproxDistinct: "count",
    exp.GroupConcat: "listagg",
    exp.Length: "len",
    exp.LogicalAnd: "bool_and",
    exp.LogicalOr: "bool_or",
    exp.StrPosition: "strpos",
}


def lower_case_identifiers(tree: exp.Expr) -> exp.Expr:
    """Fold every identifier to lower case, as with enable_case_sensitive_identifier off (the default)."""
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", str(identifier.this).lower())
    return tree


def column_labels(tree: exp.Expr) -> exp.Expr:
    """Name the unnamed columns of every query, sub-selects too: after the function, or `?column?`."""
    for select in tree.find_all(exp.Select):
        for projection in select.expressions:
            if not isinstance(projection, exp.Alias | exp.Column | exp.Star):
                label = exp.to_identifier(_label(projection), quoted=True)
                projection.replace(exp.Alias(this=projection.copy(), alias=label))
    return tree


def _label(projection: exp.Expr) -> str:
    inner = projection
    while isinstance(inner, exp.Cast | exp.Window | exp.WithinGroup | exp.Paren):
        inner = inner.this
    if isinstance(inner, exp.Column):
        return inner.name
    if isinstance(inner, exp.Anonymous):
        return str(inner.this).lower()
    if isinstance(inner, exp.Dot) and isinstance(inner.expression, exp.Anonymous):
        return str(inner.expression.this).lower()
    known = _NAMED_BY_FUNCTION.get(type(inner))
    if known is None and isinstance(inner, exp.Func) and not isinstance(inner, exp.Connector):
        return inner.sql_name().lower()
    return known or "?column?"


def current_user(tree: exp.Expr, user: str) -> exp.Expr:
    """CURRENT_USER, USER and SESSION_USER are the statement's database user, whom DuckDB does not know."""
    return replace_each(tree, (exp.CurrentUser, exp.SessionUser), lambda _: text(user))
