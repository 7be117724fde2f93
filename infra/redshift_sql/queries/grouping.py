"""GROUP BY, DISTINCT and set operations where blanks at a text's end do not count. Used by `translation`.

Texts that are equal but for such blanks are one group; which of them stands for it is open, here it is the one without.
Source: "Significance of trailing blanks" in the Redshift developer guide.
"""

from typing import TYPE_CHECKING

from sqlglot import exp

from ..expressions.nodes import call, cast, text
from ..expressions.types import SqlType
from ..functions.calls import FUNCTIONS

if TYPE_CHECKING:
    from .translation import Translator


def has_blanks(kind: SqlType | None) -> bool:
    """Whether texts of this type may end with blanks."""
    return kind is not None and kind.has_blanks


def trimmed(node: exp.Expr) -> exp.Expr:
    """The text without blanks at its end."""
    return call("rtrim", node, text(" "))


def trim_groups(select: exp.Select, translator: "Translator") -> None:
    """Group texts without their last blanks, and show them so wherever the select names a group."""
    group = select.args.get("group")
    if group is None:
        return
    for key in _keys(group):
        found = _meant(select, key, translator)
        if has_blanks(translator.kind_of(found)):
            _replace_everywhere(select, found, trimmed(found.copy()))


def _keys(group: exp.Group) -> list[exp.Expr]:
    nested = [
        inner
        for clause in ("rollup", "cube", "grouping_sets")
        for sets in group.args.get(clause) or []
        for inner in sets.expressions
    ]
    keys = [*group.expressions, *nested]
    flat = [
        part
        for key in keys
        for part in (key.expressions if isinstance(key, exp.Tuple | exp.Rollup | exp.Cube) else [key])
    ]
    return [part.this if isinstance(part, exp.Paren) else part for part in flat]


def _meant(select: exp.Select, key: exp.Expr, translator: "Translator") -> exp.Expr:
    """The expression a key stands for: a projection's place or alias, or itself."""
    if isinstance(key, exp.Literal) and key.is_int and 1 <= int(key.this) <= len(select.expressions):
        return select.expressions[int(key.this) - 1].unalias()
    if isinstance(key, exp.Column) and not key.table and not translator.scope.knows(key.name):
        return next(
            (one.this for one in select.expressions if isinstance(one, exp.Alias) and one.alias == key.name), key
        )
    return key


def _replace_everywhere(select: exp.Select, found: exp.Expr, new: exp.Expr) -> None:
    """Put `new` in place of each equal expression outside aggregates."""
    for part in ("expressions", "group", "having", "qualify", "order"):
        child = select.args.get(part)
        for one in child if isinstance(child, list) else [child]:
            if isinstance(one, exp.Expr):
                _replace(one, found, new)


def _replace(node: exp.Expr, found: exp.Expr, new: exp.Expr) -> None:
    if node == found and node.parent is not None:
        shown = isinstance(node.parent, exp.Select) and node.arg_key == "expressions"
        node.replace(exp.alias_(new.copy(), node.alias_or_name, quoted=True) if shown else new.copy())
        return
    if isinstance(node, exp.Query) or _is_aggregate(node):
        return
    for child in list(node.iter_expressions()):
        _replace(child, found, new)


_AGGREGATES = frozenset(
    {"string_agg", "quantile_cont", "quantile_disc", "stddev_samp", "any_value", "approx_count_distinct"}
)


def _is_aggregate(node: exp.Expr) -> bool:
    if not isinstance(node, exp.Anonymous) or isinstance(node.parent, exp.Window):
        return False
    name = str(node.this).lower()
    known = FUNCTIONS.get(name)
    return name in _AGGREGATES or bool(known and known.is_aggregate)


def trim_projections(select: exp.Select, columns: list[tuple[str, SqlType | None]]) -> None:
    """SELECT DISTINCT tells texts apart without their last blanks."""
    if any(projection.is_star for projection in select.expressions):
        _trim_star(select, columns)
        return
    for projection, (_, kind) in zip(select.expressions, columns, strict=True):
        if has_blanks(kind):
            _trim_projection(projection)


def _trim_projection(projection: exp.Expr) -> None:
    if isinstance(projection, exp.Alias):
        projection.set("this", trimmed(projection.this))
    else:
        projection.replace(exp.alias_(trimmed(projection.copy()), projection.alias_or_name, quoted=True))


def _trim_star(select: exp.Select, columns: list[tuple[str, SqlType | None]]) -> None:
    """What `*` stands for, where it is all that is selected and no name stands twice."""
    names = [name for name, _ in columns]
    blank = [name for name, kind in columns if has_blanks(kind) and names.count(name) == 1]
    if len(select.expressions) == 1 and blank:
        [star] = select.expressions
        table = star.table if isinstance(star, exp.Column) else None
        texts = [trimmed(exp.column(name, table, quoted=True)) for name in blank]
        shown = [exp.alias_(one, name, quoted=True) for one, name in zip(texts, blank, strict=True)]
        (star.this if isinstance(star, exp.Column) else star).set("replace", shown)


def stored(query: exp.Expr, columns: list[tuple[str, SqlType | None]], targets: list[SqlType | None]) -> exp.Expr:
    """A query whose rows are inserted: what a CHAR column takes loses its last blanks, which fill the column anyway."""
    pairs = list(zip(columns, targets, strict=False))
    is_cut = [to is not None and to.name == "char" and has_blanks(kind) for (_, kind), to in pairs]
    if not any(is_cut):
        return query
    names = [exp.to_identifier(f"c{index}", quoted=True) for index in range(len(columns))]
    rows = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier("rows", quoted=True), columns=names))
    values = [exp.column(name.copy()) for name in names]
    shown = [trimmed(value) if cut else value for value, cut in zip(values, is_cut, strict=False)]
    return exp.select(*shown, *values[len(shown) :]).from_(rows)


def unite(side: exp.Expr, kinds: list[SqlType | None], wanted: list[SqlType | None], trim: bool) -> None:
    """Give a side of a set operation the types both have in common."""
    select = side
    while isinstance(select, exp.Subquery):
        select = select.this
    if isinstance(select, exp.SetOperation):
        unite(select.this, kinds, wanted, trim)
        unite(select.expression, kinds, wanted, trim)
        return
    if not isinstance(select, exp.Select) or any(one.is_star for one in select.expressions):
        return
    for projection, kind, to in zip(list(select.expressions), kinds, wanted, strict=True):
        _unite_one(projection, kind, to, trim)


def _unite_one(projection: exp.Expr, kind: SqlType | None, to: SqlType | None, trim: bool) -> None:
    from ..expressions.values import Value, convert

    node = projection.unalias()
    name = projection.alias_or_name
    changed = node
    if to is not None and kind != to and not to.is_unknown and not to.is_text:
        value = convert(Value(node.copy(), kind), to)
        changed = value.node if value.kind == to else cast(value.node, to.duckdb)
    if trim and has_blanks(kind) and (to is None or to.is_text or to.is_unknown):
        changed = trimmed(node.copy())
    if changed is not node:
        projection.replace(exp.alias_(changed, name, quoted=True) if name else changed)
