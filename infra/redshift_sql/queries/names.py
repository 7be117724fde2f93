"""Names: Redshift folds identifiers, quoted ones as well, and names a result's unnamed columns in its own way."""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from ..expressions.nodes import replace_each, text

_NAMED_BY_KIND: dict[type[exp.Expr], str] = {
    exp.Extract: "date_part",
    exp.CurrentDate: "date",
    exp.CurrentTime: "timetz",
    exp.Localtime: "time",
    exp.Localtimestamp: "timestamp",
    exp.CurrentUser: "current_user",
    exp.SessionUser: "session_user",
    exp.StrPosition: "position",
    exp.Substring: "substring",
    exp.AtTimeZone: "timezone",
    exp.Boolean: "bool",
}
_NAMED_BY_CALL = {
    "datediff": "date_diff",
    "dateadd": "date_add",
    "date_part": "pgdate_part",
    "decode": "case",
    "nvl2": "case",
    "nvl": "coalesce",
    "isnull": "coalesce",
    "trim": "btrim",
    "pow": "power",
    "log": "dlog10",
}
_NAMED_BY_TYPE = {
    exp.DataType.Type.SMALLINT: "int2",
    exp.DataType.Type.INT: "int4",
    exp.DataType.Type.BIGINT: "int8",
    exp.DataType.Type.FLOAT: "float4",
    exp.DataType.Type.DOUBLE: "float8",
    exp.DataType.Type.DECIMAL: "numeric",
    exp.DataType.Type.BOOLEAN: "bool",
    exp.DataType.Type.CHAR: "bpchar",
    exp.DataType.Type.TEXT: "varchar",
    exp.DataType.Type.NCHAR: "bpchar",
    exp.DataType.Type.NVARCHAR: "varchar",
    exp.DataType.Type.VARBINARY: "varbyte",
}
_TRIMS = {"LEADING": "ltrim", "TRAILING": "rtrim"}
NAMELESS = "?column?"


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


_AROUND = (exp.Window, exp.WithinGroup, exp.Paren, exp.IgnoreNulls, exp.RespectNulls, exp.Filter)


def _label(projection: exp.Expr) -> str:
    """The name PostgreSQL finds: a column's or function's; of a cast its inner name or its type; else none."""
    node = projection
    while isinstance(node, _AROUND):
        node = node.this
    found = _LABELS.get(type(node))
    return found(node) if found is not None else _NAMED_BY_KIND.get(type(node), NAMELESS)


def _cast_label(node: exp.Cast) -> str:
    inner = NAMELESS if isinstance(node.this, exp.Interval) else _label(node.this)
    return _NAMED_BY_TYPE.get(node.to.this, node.to.this.value.lower()) if inner == NAMELESS else inner


def _case_label(node: exp.Case) -> str:
    default = node.args.get("default")
    return default.name if isinstance(default, exp.Column) else "case"


def _call_label(node: exp.Anonymous) -> str:
    name = str(node.this).lower()
    if name == "nullif" and isinstance(node.expressions[0], exp.Column):
        return node.expressions[0].name
    if name == "approximate":
        return str(node.expressions[0].this).lower()
    return _NAMED_BY_CALL.get(name, name)


def _interval_label(node: exp.Interval) -> str:
    qualifier = str(node.args.get("unit") or "").lower()
    if qualifier in ("", "week"):
        return "interval"
    return "intervaly2m" if qualifier.startswith(("year", "month")) else "intervald2s"


_LABELS: dict[type[exp.Expr], Callable[[Any], str]] = {
    exp.Column: lambda node: node.name,
    exp.Dot: lambda node: _label(node.expression),
    exp.Anonymous: _call_label,
    exp.Cast: _cast_label,
    exp.Case: _case_label,
    exp.Interval: _interval_label,
    exp.CurrentTimestamp: lambda node: "timestamp" if node.args.get("sysdate") else "timestamptz",
    exp.Trim: lambda node: _TRIMS.get(str(node.args.get("position") or ""), "btrim"),
}


def current_user(tree: exp.Expr, user: str) -> exp.Expr:
    """CURRENT_USER, USER and SESSION_USER are the statement's database user, whom DuckDB does not know."""
    return replace_each(tree, (exp.CurrentUser, exp.SessionUser), lambda _: text(user))
