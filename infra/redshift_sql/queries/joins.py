"""USING and NATURAL: texts are compared without their last blanks, and `*` names the merged columns first.

DuckDB compares the blanks too, and leaves a merged column where its first source has it. Used by `translation`.
Sources: "Significance of trailing blanks" in the Redshift developer guide; PostgreSQL, "Table Expressions".
"""

from sqlglot import exp

from ..expressions.types import SqlType
from .grouping import has_blanks, trimmed

Sources = dict[str, dict[str, SqlType | None]]


def trim_using(join: exp.Join, sources: Sources) -> dict[str, str]:
    """USING of texts compares them without their last blanks: it becomes ON.

    Returns the source that each such column is read from when it is named alone. A full join keeps its USING, since
    neither side has all of the values; so does one whose columns are no texts.
    """
    right, columns = join.this.alias_or_name, [column.name for column in join.args["using"]]
    lefts = {name: _left(name, right, sources) for name in columns}
    kinds = [
        _blanker(sources.get(left, {}).get(name), sources.get(right, {}).get(name)) for name, left in lefts.items()
    ]
    if join.args.get("side") == "FULL" or not any(has_blanks(kind) for kind in kinds):
        return {}
    tests = [
        _equal(exp.column(name, lefts[name]), exp.column(name, right), kind)
        for name, kind in zip(columns, kinds, strict=True)
    ]
    join.set("using", None)
    join.set("on", exp.and_(*tests))
    kept = right if join.args.get("side") == "RIGHT" else None
    return {name: kept or left for name, left in lefts.items()}


def spell_natural(join: exp.Join, sources: Sources) -> None:
    """NATURAL of two sources as the USING that it stands for."""
    right = join.this.alias_or_name
    own, others = sources.get(right, {}), [known for name, known in sources.items() if name != right]
    is_natural = str(join.args.get("method") or "").upper() == "NATURAL"
    if not is_natural or len(others) != 1 or any("*" in known for known in (own, *others)):
        return
    shared = [name for name in others[0] if name in own]
    if shared:
        join.set("method", None)
        join.set("using", [exp.to_identifier(name, quoted=True) for name in shared])


def _blanker(first: SqlType | None, second: SqlType | None) -> SqlType | None:
    """Of two types the one whose texts may end with blanks."""
    return second if has_blanks(second) else first


def _left(column: str, right: str, sources: Sources) -> str:
    return next((name for name, known in sources.items() if name != right and column in known), right)


def _equal(first: exp.Expr, second: exp.Expr, kind: SqlType | None) -> exp.Expr:
    return (
        exp.EQ(this=trimmed(first), expression=trimmed(second))
        if has_blanks(kind)
        else exp.EQ(this=first, expression=second)
    )


def spell_star(select: exp.Select, sources: Sources) -> None:
    """Puts all columns in the place of a `*`, where it stands for columns that USING has merged."""
    joins = select.args.get("joins") or []
    is_plain = [isinstance(one, exp.Star) and not any(one.args.values()) for one in select.expressions]
    if not any(is_plain) or not any(join.args.get("using") for join in joins) or not _are_known(select, sources):
        return
    columns = _columns(select, sources)
    spelled: list[exp.Expr] = []
    for projection, is_star in zip(select.expressions, is_plain, strict=True):
        spelled += [exp.alias_(one.copy(), name, quoted=True) for name, one in columns] if is_star else [projection]
    select.set("expressions", spelled)


def _are_known(select: exp.Select, sources: Sources) -> bool:
    """Whether each source is one table or query, and its columns are known."""
    clause, joins = select.args.get("from_"), select.args.get("joins") or []
    tables = [one.this for one in [clause, *joins] if one is not None]
    names = [table.alias_or_name for table in tables]
    return (
        len({name for name in names if name}) == len(names)
        and not any(table.args.get("joins") for table in tables)
        and all(name in sources and "*" not in sources[name] for name in names)
    )


def _columns(select: exp.Select, sources: Sources) -> list[tuple[str, exp.Expr]]:
    """What `*` stands for, in PostgreSQL's order."""
    found = _of(select.args["from_"].this.alias_or_name, sources)
    for join in select.args.get("joins") or []:
        right = _of(join.this.alias_or_name, sources)
        names = [column.name for column in join.args.get("using") or []]
        merged = [(name, _merged(dict(found)[name], dict(right)[name], join)) for name in names]
        found = [*merged, *(one for one in [*found, *right] if one[0] not in names)]
    return found


def _of(source: str, sources: Sources) -> list[tuple[str, exp.Expr]]:
    return [(name, exp.column(name, source, quoted=True)) for name in sources[source]]


def _merged(left: exp.Expr, right: exp.Expr, join: exp.Join) -> exp.Expr:
    """The value of a merged column: a full join takes it from the side that has one."""
    side = str(join.args.get("side") or "").upper()
    if side == "FULL":
        return exp.Anonymous(this="coalesce", expressions=[left.copy(), right.copy()])
    return right if side == "RIGHT" else left
