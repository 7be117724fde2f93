"""`SELECT *` over USING: its columns come first, then what else the sources have. Used by `translation`.

DuckDB leaves a merged column where its first source has it. Source: PostgreSQL, "Table Expressions", Joined Tables.
"""

from sqlglot import exp

from .types import SqlType

Sources = dict[str, dict[str, SqlType | None]]


def spell(select: exp.Select, sources: Sources) -> None:
    """Puts all columns in the place of a `*`, where it stands for columns that USING has merged."""
    joins = select.args.get("joins") or []
    is_plain = [isinstance(one, exp.Star) and not any(one.args.values()) for one in select.expressions]
    if not any(is_plain) or not any(join.args.get("using") for join in joins) or not _are_known(select, sources):
        return
    columns = _columns(select, sources)
    spelled: list[exp.Expr] = []
    for projection, is_star in zip(select.expressions, is_plain, strict=True):
        shown = [exp.alias_(one.copy(), name, quoted=True) for name, one in columns]
        spelled += shown if is_star else [projection]
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
