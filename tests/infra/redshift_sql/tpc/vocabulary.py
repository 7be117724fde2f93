"""The constants that queries compare columns with, so that generated rows are found by them. Used by `values`."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

import sqlglot
from sqlglot import exp
from sqlglot.optimizer.simplify import simplify

from infra.redshift_sql.grammar import Warehouse

_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.In, exp.Between, exp.Like)


class Vocabulary:
    """The constants of each column, as texts; those of one meaning (`ca_state`, `s_state`) also together."""

    def __init__(self, queries: Iterable[str]) -> None:
        self.constants: dict[str, list[str]] = defaultdict(list)
        self.meanings: dict[str, list[str]] = defaultdict(list)
        self.intervals: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for sql in queries:
            self._read(sqlglot.parse_one(sql, read=Warehouse))

    def related(self, column: str) -> list[str]:
        """The constants of all columns whose names end like this one's."""
        return self.meanings[_meaning(column)]

    def _read(self, tree: exp.Expr) -> None:
        for node in tree.find_all(*_COMPARISONS):
            column = _column(node.this)
            if column is None:
                continue
            found = list(_constants(node))
            for known in (self.constants[column], self.meanings[_meaning(column)]):
                known += [one for one in found if one not in known]
            if isinstance(node, exp.Between) and len(found) == 2:
                self.intervals[column].append((found[0], found[1]))


def _meaning(column: str) -> str:
    return column.partition("_")[2]


def _column(node: exp.Expr) -> str | None:
    """The column on the left side, also where only its beginning is compared."""
    while isinstance(node, exp.Paren | exp.Substring):
        node = node.this
    return node.name.lower() if isinstance(node, exp.Column) else None


def _constants(node: exp.Expr) -> Iterator[str]:
    """What stands on the right side; an expected year is as good as a given one, so sums are computed."""
    sides = [*node.expressions, *(node.args.get(name) for name in ("expression", "low", "high"))]
    for side in sides:
        if side is None or side.find(exp.Query, exp.Column) is not None:
            continue
        found = simplify(side.copy())
        negative = isinstance(found, exp.Neg)
        inner = found.this if negative else found
        while isinstance(inner, exp.Cast):
            inner = inner.this
        if isinstance(inner, exp.Literal):
            yield ("-" if negative else "") + str(inner.this)
