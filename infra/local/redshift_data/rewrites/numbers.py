"""Arithmetic. Integer division itself is a setting of the engine; a decimal quotient needs types, see `quotients`."""

from sqlglot import exp

from .nodes import call, replace_each


def average(tree: exp.Expr) -> exp.Expr:
    """AVG keeps its argument's family: BIGINT (cut) for integers, NUMERIC for decimals, DOUBLE for floats.

    DuckDB always answers DOUBLE. The sum carries the wanted type, and integers divide as integers.
    """
    return replace_each(tree, exp.Avg, _average)


def _average(node: exp.Avg) -> exp.Expr:
    window = node.parent if isinstance(node.parent, exp.Window) else None
    total, rows = _over(exp.Sum(this=node.this.copy()), window), _over(exp.Count(this=node.this.copy()), window)
    mean = exp.Div(this=total, expression=exp.Nullif(this=rows, expression=exp.Literal.number(0)))
    quotient = call("cast_to_type", mean, total.copy())
    if window is None:
        return quotient
    window.replace(quotient)
    return node


def _over(aggregate: exp.Expr, window: exp.Window | None) -> exp.Expr:
    if window is None:
        return aggregate
    over = window.copy()
    over.set("this", aggregate)
    return over
