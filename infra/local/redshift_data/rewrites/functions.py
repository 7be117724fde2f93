"""Functions by name: which of Redshift's functions exist here, and what each means to DuckDB.

A function that neither sqlglot knows nor `FUNCTIONS` names does not exist: this is also the fence between a user's SQL
and what DuckDB could do beyond Redshift (reading files, environment variables, settings).
"""

from collections.abc import Callable

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from . import formats
from .dateparts import interval, part_of, truncated_part
from .nodes import call, cast, macro, number, replace_each, text

Arguments = list[exp.Expr]


def calls(tree: exp.Expr) -> exp.Expr:
    """Replace each call sqlglot left unread. Raises StatementFailed for a function Redshift or we do not have."""
    return replace_each(tree, exp.Anonymous, _call)


def _call(node: exp.Anonymous) -> exp.Expr:
    name = str(node.this).lower()
    if name not in FUNCTIONS or isinstance(node.parent, exp.Dot):
        raise StatementFailed(f"ERROR: function {name} does not exist")
    build, fewest, most = FUNCTIONS[name]
    if not fewest <= len(node.expressions) <= most:
        raise StatementFailed(f"ERROR: function {name} with {len(node.expressions)} arguments does not exist")
    return build(list(node.expressions))


def pg_catalog_functions(tree: exp.Expr) -> exp.Expr:
    """`pg_catalog.f()` is `f()`; in any other schema there are no functions, so the call is refused later."""
    return replace_each(tree, exp.Dot, lambda dot: dot.expression if dot.this.name == "pg_catalog" else dot)


def ratio_to_report(tree: exp.Expr) -> exp.Expr:
    """A value's share of its window's sum, as DOUBLE."""
    return replace_each(tree, exp.Window, _ratio)


def _ratio(window: exp.Window) -> exp.Expr:
    function = window.this
    if not isinstance(function, exp.Anonymous) or str(function.this).lower() != "ratio_to_report":
        return window
    total = window.copy()
    total.set("this", exp.Sum(this=function.expressions[0].copy()))
    whole = exp.Nullif(this=total, expression=number(0))
    return exp.Paren(this=exp.Div(this=cast(function.expressions[0], "double"), expression=whole))


def similar_to(tree: exp.Expr) -> exp.Expr:
    """SIMILAR TO: % and _ as in LIKE, the rest of a regular expression's signs, over the whole text."""
    return replace_each(tree, exp.SimilarTo, _similar)


def _similar(node: exp.SimilarTo) -> exp.Expr:
    pattern = node.expression
    if not isinstance(pattern, exp.Literal) or not pattern.is_string:
        raise unsupported("SIMILAR TO with a pattern that is not a constant text")
    signs = {"%": ".*", "_": ".", ".": r"\.", "^": r"\^", "$": r"\$"}
    expression = "".join(signs.get(character, character) for character in str(pattern.this))
    return call("regexp_full_match", node.this, text(expression))


def like_escape(tree: exp.Expr) -> exp.Expr:
    """LIKE's escape character is the backslash unless another is named; DuckDB has none unless it is named."""
    return replace_each(tree, (exp.Like, exp.ILike), _escaped)


def _escaped(node: exp.Expr) -> exp.Expr:
    if isinstance(node.parent, exp.Escape) or not isinstance(node.expression, exp.Literal):
        return node
    return exp.Escape(this=node.copy(), expression=text("\\")) if "\\" in str(node.expression.this) else node


def listagg(tree: exp.Expr) -> exp.Expr:
    """LISTAGG without a separator joins with nothing; DuckDB would put commas. DISTINCT concerns the value only."""
    for node in tree.find_all(exp.GroupConcat):
        if isinstance(node.this, exp.Distinct) and len(node.this.expressions) == 2:
            node.set("separator", node.this.expressions.pop())
        if node.args.get("separator") is None:
            node.set("separator", text(""))
    return tree


def sysdate(tree: exp.Expr) -> exp.Expr:
    """SYSDATE is the time in UTC, without a zone."""
    return replace_each(tree, exp.CurrentTimestamp, lambda node: _now([]) if node.args.get("sysdate") else node)


def version(tree: exp.Expr) -> exp.Expr:
    """VERSION() names Redshift, as clients look for it."""
    return replace_each(tree, exp.CurrentVersion, lambda _: _version([]))


def extracted_parts(tree: exp.Expr) -> exp.Expr:
    """EXTRACT answers an integer, also for EPOCH."""
    return replace_each(tree, exp.Extract, lambda node: _extract([text(node.name), node.expression]))


def _extract(arguments: Arguments) -> exp.Expr:
    part = part_of(arguments[0])
    return cast(call("trunc", call("date_part", text(part), arguments[1])), "bigint" if part == "epoch" else "integer")


def _date_part(arguments: Arguments) -> exp.Expr:
    value = _moment(arguments[1])
    return cast(call("date_part", text(part_of(arguments[0])), value), "double")


def _moment(value: exp.Expr) -> exp.Expr:
    """A text where a moment is meant becomes one; anything typed is left as it is."""
    return cast(value, "timestamp") if isinstance(value, exp.Literal) else value


def _now(_arguments: Arguments) -> exp.Expr:
    return cast(call("timezone", text("UTC"), call("now")), "timestamp")


def _dateadd(arguments: Arguments) -> exp.Expr:
    moment = cast(arguments[2], "timestamp")
    return exp.Paren(this=exp.Add(this=moment, expression=interval(part_of(arguments[0]), arguments[1])))


def _datediff(arguments: Arguments) -> exp.Expr:
    first, second = cast(arguments[1], "timestamp"), cast(arguments[2], "timestamp")
    return call("date_diff", text(part_of(arguments[0])), first, second)


def _date_trunc(arguments: Arguments) -> exp.Expr:
    return cast(call("date_trunc", text(truncated_part(arguments[0])), cast(arguments[1], "timestamp")), "timestamp")


def _last_day(arguments: Arguments) -> exp.Expr:
    return call("last_day", cast(arguments[0], "date"))


def _add_months(arguments: Arguments) -> exp.Expr:
    return macro("add_months", cast(arguments[0], "timestamp"), arguments[1])


def _months_between(arguments: Arguments) -> exp.Expr:
    return macro("months_between", cast(arguments[0], "timestamp"), cast(arguments[1], "timestamp"))


def _convert_timezone(arguments: Arguments) -> exp.Expr:
    source = arguments[0] if len(arguments) == 3 else text("UTC")
    return macro("convert_timezone", source, arguments[-2], cast(arguments[-1], "timestamp"))


def _trunc(arguments: Arguments) -> exp.Expr:
    return call("trunc", *arguments) if len(arguments) == 2 else macro("trunc", _moment_text(arguments[0]))


def _moment_text(value: exp.Expr) -> exp.Expr:
    return cast(value, "timestamp") if isinstance(value, exp.Literal) and value.is_string else value


def _to_char(arguments: Arguments) -> exp.Expr:
    return formats.to_char(arguments[0], formats.constant(arguments[1]))


def _to_date(arguments: Arguments) -> exp.Expr:
    return cast(_parsed(arguments), "date")


def _to_timestamp(arguments: Arguments) -> exp.Expr:
    return cast(_parsed(arguments), "timestamptz")


def _parsed(arguments: Arguments) -> exp.Expr:
    pattern = formats.strptime_pattern(formats.constant(arguments[1]))
    return call("strptime", cast(arguments[0], "varchar"), text(pattern))


def _concat(arguments: Arguments) -> exp.Expr:
    first, second = cast(arguments[0], "varchar"), cast(arguments[1], "varchar")
    return exp.Paren(this=exp.DPipe(this=first, expression=second))


def _regexp_replace(arguments: Arguments) -> exp.Expr:
    replacement = arguments[2] if len(arguments) > 2 else text("")
    return call("regexp_replace", arguments[0], arguments[1], replacement, text("g"))


def _regexp_substr(arguments: Arguments) -> exp.Expr:
    return call("regexp_extract", arguments[0], arguments[1])


def _nvl(arguments: Arguments) -> exp.Expr:
    return exp.Coalesce(this=arguments[0], expressions=arguments[1:])


def _trim(arguments: Arguments) -> exp.Expr:
    return call("trim", *arguments)


def _date_cmp(arguments: Arguments) -> exp.Expr:
    difference = call("date_diff", text("microsecond"), *(cast(value, "timestamp") for value in reversed(arguments)))
    return cast(call("sign", difference), "integer")


def _date_part_year(arguments: Arguments) -> exp.Expr:
    return _extract([text("year"), cast(arguments[0], "date")])


def _replicate(arguments: Arguments) -> exp.Expr:
    return call("repeat", arguments[0], arguments[1])


def _json_array_length(arguments: Arguments) -> exp.Expr:
    return call("json_array_length", arguments[0])


def _octet_length(arguments: Arguments) -> exp.Expr:
    return call("strlen", arguments[0])


def _version(_arguments: Arguments) -> exp.Expr:
    return text("PostgreSQL 8.0.2 on i686-pc-linux-gnu, Redshift 1.0 (local warehouse on DuckDB)")


def _last_unload_count(_arguments: Arguments) -> exp.Expr:
    """`unload` notes it in the session."""
    return cast(exp.Coalesce(this=call("getvariable", text("unloaded_rows")), expressions=[number(0)]), "bigint")


FUNCTIONS: dict[str, tuple[Callable[[Arguments], exp.Expr], int, int]] = {
    "add_months": (_add_months, 2, 2),
    "btrim": (_trim, 1, 2),
    "concat": (_concat, 2, 2),
    "convert_timezone": (_convert_timezone, 2, 3),
    "date_add": (_dateadd, 3, 3),
    "date_cmp": (_date_cmp, 2, 2),
    "date_diff": (_datediff, 3, 3),
    "date_part": (_date_part, 2, 2),
    "date_part_year": (_date_part_year, 1, 1),
    "date_trunc": (_date_trunc, 2, 2),
    "dateadd": (_dateadd, 3, 3),
    "datediff": (_datediff, 3, 3),
    "getdate": (_now, 0, 0),
    "isnull": (_nvl, 2, 2),
    "json_array_length": (_json_array_length, 1, 1),
    "last_day": (_last_day, 1, 1),
    "months_between": (_months_between, 2, 2),
    "octet_length": (_octet_length, 1, 1),
    "pg_last_unload_count": (_last_unload_count, 0, 0),
    "regexp_replace": (_regexp_replace, 2, 3),
    "regexp_substr": (_regexp_substr, 2, 2),
    "replicate": (_replicate, 2, 2),
    "timestamp_cmp": (_date_cmp, 2, 2),
    "to_char": (_to_char, 2, 2),
    "to_date": (_to_date, 2, 2),
    "to_timestamp": (_to_timestamp, 2, 2),
    "trunc": (_trunc, 1, 2),
    "version": (_version, 0, 0),
}
