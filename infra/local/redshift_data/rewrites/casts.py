"""Types in casts and table definitions where Redshift's word means something else in DuckDB."""

from sqlglot import exp

from ..errors import unsupported
from .nodes import replace_each

_TEXTS = (exp.DataType.Type.VARCHAR, exp.DataType.Type.CHAR, exp.DataType.Type.NVARCHAR, exp.DataType.Type.NCHAR)
_REFUSED = (
    exp.DataType.Type.SUPER,
    exp.DataType.Type.GEOMETRY,
    exp.DataType.Type.GEOGRAPHY,
    exp.DataType.Type.HLLSKETCH,
)


def varchar_length(tree: exp.Expr) -> exp.Expr:
    """A cast to VARCHAR(n) or CHAR(n) cuts the text to n; DuckDB would ignore n."""
    return replace_each(tree, exp.Cast, _cut)


def _cut(node: exp.Cast) -> exp.Expr:
    if node.to.this not in _TEXTS or not node.to.expressions:
        return node
    length = node.to.expressions[0].this
    uncut = exp.Cast(this=node.this, to=exp.DataType.build("varchar"))
    if not isinstance(length, exp.Literal) or length.is_string:  # VARCHAR(MAX)
        return uncut
    return exp.Left(this=uncut, expression=length.copy())


def plain_numeric(tree: exp.Expr) -> exp.Expr:
    """NUMERIC without numbers is NUMERIC(18,0), and NUMERIC(p) is NUMERIC(p,0)."""
    for kind in tree.find_all(exp.DataType):
        if kind.this == exp.DataType.Type.DECIMAL and len(kind.expressions) < 2:
            precision = kind.expressions or [exp.DataTypeParam(this=exp.Literal.number(18))]
            kind.set("expressions", [*precision, exp.DataTypeParam(this=exp.Literal.number(0))])
    return tree


def refused_types(tree: exp.Expr) -> exp.Expr:
    """Types without a counterpart are refused rather than approximated."""
    for kind in tree.find_all(exp.DataType):
        if kind.this in _REFUSED:
            raise unsupported(f"type {kind.sql('redshift').lower()}")
    return tree
