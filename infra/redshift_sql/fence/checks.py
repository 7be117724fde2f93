"""Compares a statement with what Redshift has. `parse` refuses the first difference; the check of reports tells all.

A difference is an error in Redshift's own words, or something that exists on Redshift and cannot be run here.
"""

from collections.abc import Callable, Iterator

from sqlglot import exp

from ..functions.calls import FUNCTIONS
from . import nodes
from .functions import EXISTING, exists, unavailable
from .tokens import Difference, Text, start_of
from .words import COLUMNS_ELSEWHERE, ELSEWHERE, RESERVED, words

Kind = Callable[[exp.Expr], str]
_FRAMED = words(
    "avg count first_value last_value max min nth_value stddev stddev_pop stddev_samp sum var_pop var_samp variance"
)


_NO_ARGUMENTS = (exp.Alias, exp.Order, exp.Ordered, exp.Kwarg, exp.Lambda)  # told as what they are


def differences(tree: exp.Expr, sql: str, kind: Kind | None = None) -> list[Difference]:
    """All differences of a tree and the text it was read from, in the order of the text.

    Functions that Redshift does not have are among them only with `kind`, which tells the types of their arguments.
    """
    text = Text(sql)
    found = [*text.differences(), *_of_nodes(tree, text), *_of_columns(tree), *_of_functions(tree, kind)]
    return sorted(set(found))


def _of_nodes(tree: exp.Expr, text: Text) -> Iterator[Difference]:
    """Of queries alone: what other statements may have is the matter of the modules that run them."""
    for query in tree.find_all(exp.Select, exp.SetOperation):
        if query.find_ancestor(exp.Select, exp.SetOperation) is None:
            for node in query.walk():
                yield from _of_node(node, text)


def _of_columns(tree: exp.Expr) -> Iterator[Difference]:
    """The types of the columns of a new table."""
    for column in tree.find_all(exp.ColumnDef):
        kind = column.args.get("kind")
        word = kind.sql("redshift").split("(")[0].lower() if kind is not None else ""
        if word in ELSEWHERE:
            yield Difference(start_of(column), unavailable(f"type {word}"), is_error=False)


def _of_node(node: exp.Expr, text: Text) -> Iterator[Difference]:
    kind = type(node)
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(node, text)
    if kind in nodes.ELSEWHERE:
        start = start_of(node)
        yield Difference(start, unavailable(nodes.ELSEWHERE[kind]), is_error=False)
    elif kind not in nodes.ALLOWED and not isinstance(node, nodes.TOLD_BY_TOKENS) and not _told(node, text):
        yield text.near(node, nodes.REFUSED.get(kind, kind.__name__.lower()))


def _told(node: exp.Expr, text: Text) -> bool:
    """Whether `<=>` stands for IS NOT DISTINCT FROM, or FETCH for a limit's options."""
    if isinstance(node, exp.LimitOptions):
        return isinstance(node.parent, exp.Fetch)
    return isinstance(node, exp.NullSafeEQ) and text.has("<=>")


def _select(node: exp.Select, text: Text) -> Iterator[Difference]:
    distinct = node.args.get("distinct")
    if distinct is not None and distinct.args.get("on") is not None:
        yield Difference(text.near(distinct, "on").start, "SELECT DISTINCT ON is not supported")
    for part, word in nodes.SELECT_PARTS.items():
        if node.args.get(part):
            yield text.near(node, word)


def _group(node: exp.Group, text: Text) -> Iterator[Difference]:
    if node.args.get("all") is not None:
        yield text.near(node.parent or node, "all")
    if node.args.get("totals") or any(not part.expressions for part in node.args.get("rollup") or []):
        yield text.near(node, "with")


def _set_operation(node: exp.SetOperation, text: Text) -> Iterator[Difference]:
    name = node.key.upper()
    if not isinstance(node, exp.Union) and not node.args.get("distinct"):
        yield Difference(text.near(node, "all").start, f"{name} ALL is not supported")
    if node.args.get("by_name"):
        yield text.near(node, "by")


def _join(node: exp.Join, text: Text) -> Iterator[Difference]:
    kind, method = str(node.args.get("kind") or "").lower(), str(node.args.get("method") or "").lower()
    for word in (kind, method):
        if word not in ("", "inner", "outer", "cross", "natural"):
            yield text.near(node, word)
    has_condition = bool(node.args.get("on") or node.args.get("using"))
    wants_none = kind == "cross" or "natural" in (kind, method)
    if has_condition and wants_none:
        yield text.near(node.args.get("on") or node, "on using")
    elif not has_condition and not wants_none and text.is_joined(node.this):
        yield text.after(node.this)


def _star(node: exp.Star, text: Text) -> Iterator[Difference]:
    """`* EXCLUDE` is Redshift's; `* EXCEPT` and `* REPLACE` are not."""
    for part, word in (("except_", "except"), ("replace", "replace"), ("rename", "rename")):
        if node.args.get(part) and text.has(word):
            yield text.near(node, word)


def _column(node: exp.Column, text: Text) -> Iterator[Difference]:
    if node.args.get("join_mark"):
        start = start_of(node)
        yield Difference(start, unavailable("the outer join operator (+)"), is_error=False)
    name = node.this
    if node.table or not isinstance(name, exp.Identifier) or name.args.get("quoted"):
        return
    if name.name.lower() in COLUMNS_ELSEWHERE:
        yield Difference(start_of(node), unavailable(name.name.lower()), is_error=False)
    yield from _reserved(name, text)


def _table_alias(node: exp.TableAlias, text: Text) -> Iterator[Difference]:
    if isinstance(node.this, exp.Identifier):
        yield from _reserved(node.this, text)


def _table(node: exp.Table, text: Text) -> Iterator[Difference]:
    if isinstance(node.this, exp.Identifier) and not node.db:
        yield from _reserved(node.this, text)
    if node.args.get("only"):
        yield text.near(node, "only")


def _reserved(name: exp.Identifier, text: Text) -> Iterator[Difference]:
    if not name.args.get("quoted") and name.name.lower() in RESERVED:
        yield text.near(name, name.name.lower())


def _window(node: exp.Window, text: Text) -> Iterator[Difference]:
    function = node.this
    while isinstance(function, exp.IgnoreNulls | exp.RespectNulls | exp.WithinGroup):
        function = function.this
    name = str(function.this).lower() if isinstance(function, exp.Anonymous) else ""
    frame = node.args.get("spec")
    if name in _FRAMED and node.args.get("order") is not None and frame is None:
        reason = "Aggregate window functions with an ORDER BY clause require a frame clause"
        yield Difference(start_of(node), reason)
    kind = str(frame.args.get("kind") or "ROWS") if frame is not None else "ROWS"
    if kind.upper() != "ROWS":
        yield text.near(node, kind.lower())
    if frame is not None and frame.args.get("exclude"):
        yield text.near(node, "exclude")


def _common_table(node: exp.CTE, text: Text) -> Iterator[Difference]:
    if node.args.get("materialized") is not None:
        yield text.near(node, "materialized")


def _between(node: exp.Between, text: Text) -> Iterator[Difference]:
    if node.args.get("symmetric") is not None:
        yield text.near(node, "symmetric" if node.args["symmetric"] else "asymmetric")


def _any(node: exp.Any, text: Text) -> Iterator[Difference]:
    """LIKE ANY (…)."""
    if isinstance(node.parent, exp.Like | exp.ILike):
        yield text.near(node, "any")


def _call(node: exp.Anonymous, text: Text) -> Iterator[Difference]:
    for argument in node.expressions:
        if isinstance(argument, exp.Alias):
            yield text.near(argument, "as")
        elif isinstance(argument, exp.Order):
            yield text.near(argument.expressions[0], "order")


_CHECKS: dict[type[exp.Expr], Callable[..., Iterator[Difference]]] = {
    exp.Select: _select,
    exp.Group: _group,
    exp.Union: _set_operation,
    exp.Except: _set_operation,
    exp.Intersect: _set_operation,
    exp.Join: _join,
    exp.Star: _star,
    exp.Column: _column,
    exp.Table: _table,
    exp.TableAlias: _table_alias,
    exp.Window: _window,
    exp.CTE: _common_table,
    exp.Between: _between,
    exp.Any: _any,
    exp.Anonymous: _call,
}


def _of_functions(tree: exp.Expr, kind: Kind | None) -> Iterator[Difference]:
    for call in tree.find_all(exp.Anonymous, exp.Substring):
        if any(isinstance(argument, _NO_ARGUMENTS) for argument in call.expressions) or _is_approximate(call):
            continue
        name, arguments = _signature(call)
        start = start_of(call)
        if exists(name, len(arguments)):
            if name not in FUNCTIONS:
                yield Difference(start, unavailable(f"function {name}"), is_error=False)
        elif name in FUNCTIONS and name not in EXISTING:
            continue
        elif kind is not None:
            kinds = ", ".join(kind(argument) for argument in arguments)
            yield Difference(start, f"function {name}({kinds}) does not exist")


def _is_approximate(call: exp.Expr) -> bool:
    """Whether it is the word before a call that is told by itself."""
    return isinstance(call, exp.Anonymous) and str(call.this).lower() == "approximate"


def _signature(call: exp.Expr) -> tuple[str, list[exp.Expr]]:
    """The name and the arguments of a call, those of `DISTINCT a, b` each by itself."""
    if isinstance(call, exp.Substring):
        parts = (call.args.get(part) for part in ("this", "start", "length"))
        return "substring", [part for part in parts if part is not None]
    found: list[exp.Expr] = []
    for argument in call.expressions:
        found += argument.expressions if isinstance(argument, exp.Distinct) else [argument]
    return str(call.this).lower(), found
