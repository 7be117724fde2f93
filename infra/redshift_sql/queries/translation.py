"""Redshift's queries as DuckDB's: one walk that types every expression and writes what means the same.

Called by `rewrite.translated` with a tree whose tables are resolved. A select is walked in the order of its evaluation:
WITH, FROM, then everything that sees their columns. The result's columns come back with their types.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlglot import exp

from ..errors import StatementFailed, unsupported
from ..expressions.operators import HANDLERS
from ..expressions.types import TEXT, SqlType, common
from ..expressions.values import Value, assigned, comparable
from ..functions import aggregates, dates, general, json_texts, mathematics, regexps, texts  # noqa: F401
from ..functions.calls import Call, find
from . import clauses, grouping, joins

Columns = list[tuple[str, SqlType | None]]
ColumnsOf = Callable[[exp.Table], Columns]


@dataclass
class Scope:
    """What names mean inside one select: its sources' columns, its aliases, and the scope around it."""

    outer: "Scope | None" = None
    queries: dict[str, Columns] = field(default_factory=dict)
    sources: dict[str, dict[str, SqlType | None]] = field(default_factory=dict)
    shown: dict[str, Columns] = field(default_factory=dict)  # what `*` is of a source that has a name twice
    aliases: dict[str, SqlType | None] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)  # columns of USING, and the source each is read from

    def column(self, table: str, name: str) -> SqlType | None:
        """A column's type, None when it is not known here."""
        if table:
            if table in self.sources:
                return self.sources[table].get(name)
        else:
            for columns in self.sources.values():
                if name in columns:
                    return columns[name]
            if name in self.aliases:
                return self.aliases[name]
        return self.outer.column(table, name) if self.outer else None

    def knows(self, name: str) -> bool:
        """Whether a bare name is a column of one of this select's sources."""
        return any(name in columns for columns in self.sources.values())

    def is_ambiguous(self, table: str, name: str) -> bool:
        """Whether one source has several columns of this name; of several sources, DuckDB tells.

        A bare name may be the select's own alias, which comes first in ORDER BY.
        """
        if not table and name in self.aliases:
            return False
        asked = [self.shown.get(table, [])] if table else self.shown.values()
        return any([one for one, _ in columns].count(name) > 1 for columns in asked)

    def query(self, name: str) -> Columns | None:
        """The columns of a WITH query in scope."""
        if name in self.queries:
            return self.queries[name]
        return self.outer.query(name) if self.outer else None


class Translator:
    """Translates one statement. `columns_of` tells the columns of a resolved table."""

    def __init__(self, columns_of: ColumnsOf) -> None:
        self._columns_of = columns_of
        self.scope = Scope()
        self._kinds: dict[int, Value] = {}  # by identity; each keeps its node alive

    def value(self, node: exp.Expr) -> Value:
        """An expression, translated and typed. The node given may be changed and must not be used again."""
        handler = HANDLERS.get(type(node))
        result = self.default(node) if handler is None else handler(self, node)
        self._kinds[id(result.node)] = result
        return result

    def kind_of(self, node: exp.Expr) -> SqlType | None:
        """The type of a node that `value` has returned."""
        known = self._kinds.get(id(node))
        return None if known is None else known.kind

    def default(self, node: exp.Expr, kind: SqlType | None = None) -> Value:
        """A node that stays what it is, around translated parts."""
        for name, child in list(node.args.items()):
            if isinstance(child, exp.Expr):
                node.set(name, self._part(child))
            elif isinstance(child, list):
                node.set(name, [self._part(one) if isinstance(one, exp.Expr) else one for one in child])
        return Value(node, kind)

    def _part(self, child: exp.Expr) -> exp.Expr:
        if isinstance(child, exp.Query) and not isinstance(child, exp.Subquery):
            self.query(child)
            return child
        return self.value(child).node

    def result(self, node: exp.Expr) -> Columns:
        """A whole query whose columns are shown: what nothing has typed is text."""
        columns = self.query(node)
        return [(name, TEXT if kind is not None and kind.is_unknown else kind) for name, kind in columns]

    def change(self, node: exp.Expr) -> Columns:
        """INSERT, UPDATE, DELETE, CREATE: the query inside, and values as the types of their columns."""
        if isinstance(node, exp.Insert):
            self._insert(node)
        elif isinstance(node, exp.Create):
            return self._create(node)
        else:
            self._update_or_delete(node)
        return []

    def _create(self, node: exp.Create) -> Columns:
        for column in node.find_all(exp.DefaultColumnConstraint):
            column.set("this", self.value(column.this).node)
        if node.expression is None:
            return []
        columns = self.query(node.expression)
        if not isinstance(node.this, exp.Schema):
            _check_names([name for name, _ in columns])
        return columns

    def _insert(self, node: exp.Insert) -> None:
        self._with(node)
        target = node.this
        table = target.this if isinstance(target, exp.Schema) else target
        known = dict(self._columns_of(table))
        names = [one.name for one in target.expressions] if isinstance(target, exp.Schema) else list(known)
        kinds = [known.get(name) for name in names]
        source = node.expression
        if isinstance(source, exp.Values):
            for row in source.expressions:
                values = row.expressions if isinstance(row, exp.Tuple) else [row]
                row.set("expressions", [self._assigned(one, kind) for one, kind in zip(values, kinds, strict=False)])
                if len(values) != len(kinds[: len(values)]):
                    raise StatementFailed("ERROR: INSERT has more expressions than target columns")
        elif source is not None:
            columns = self.query(source)
            pairs = zip(columns, kinds, strict=False)
            wanted = [kind if own is not None and own.is_unknown else own for (_, own), kind in pairs]
            grouping.unite(source, [kind for _, kind in columns], wanted, trim=False)
            node.set("expression", grouping.stored(source, columns, kinds))

    def _assigned(self, node: exp.Expr, kind: SqlType | None) -> exp.Expr:
        if isinstance(node, exp.Var | exp.Column) and node.name.lower() == "default":
            return node
        value = self.value(node)
        return value.node if kind is None else assigned(value, kind).node

    def _update_or_delete(self, node: exp.Expr) -> None:
        self._with(node)
        for source in node.find_all(exp.Table, exp.Subquery):
            if source.find_ancestor(exp.Query) is None and source.parent is not node.args.get("where"):
                self._source(source)
        target = dict(self._columns_of(node.this)) if isinstance(node.this, exp.Table) else {}
        for assignment in node.expressions:
            assignment.set("expression", self._assigned(assignment.expression, target.get(assignment.this.name)))
        if node.args.get("where") is not None:
            self.default(node.args["where"])

    def query(self, node: exp.Expr) -> Columns:
        """A whole query, changed in place, in a scope of its own."""
        self.scope = Scope(self.scope)
        try:
            self._with(node)
            if isinstance(node, exp.SetOperation):
                return self._set_operation(node)
            if isinstance(node, exp.Subquery):
                columns = self.query(node.this)
                self._modifiers(node, columns)
                return columns
            if isinstance(node, exp.Select):
                return self._select(node)
            raise unsupported(f"this form of query ({node.key.upper()})")
        finally:
            self.scope = self.scope.outer or Scope()

    def _with(self, node: exp.Expr) -> None:
        clause = node.args.get("with_")
        if clause is None:
            return
        for named in clause.expressions:
            query, names = named.this, [column.name for column in named.args["alias"].columns]
            if clause.args.get("recursive") and isinstance(query, exp.SetOperation):
                self.scope.queries[named.alias] = self._anchor(query.this, names)
            if not isinstance(query, exp.Query):
                raise unsupported("WITH around anything but a query")
            self.scope.queries[named.alias] = _renamed(self.query(query), names)

    def _anchor(self, query: exp.Expr, names: list[str]) -> Columns:
        """The columns a recursive query has, by its first part."""
        return _renamed(self.query(query.copy()), names)

    def _set_operation(self, node: exp.SetOperation) -> Columns:
        sides = [self.query(node.this), self.query(node.expression)]
        first, second = sides
        if len(first) != len(second):
            raise StatementFailed(f"ERROR: each {node.key.upper()} query must have the same number of columns")
        kinds = [common([one, other]) for (_, one), (_, other) in zip(first, second, strict=True)]
        for side, columns in zip((node.this, node.expression), sides, strict=True):
            grouping.unite(side, [kind for _, kind in columns], kinds, trim=bool(node.args.get("distinct")))
        columns = [(name, kind) for (name, _), kind in zip(first, kinds, strict=True)]
        self._modifiers(node, columns)
        return columns

    def _modifiers(self, node: exp.Expr, columns: Columns) -> None:
        """ORDER BY and LIMIT behind a set operation see its columns only."""
        self.scope.sources[""] = dict(columns)
        for part in ("order", "limit", "offset"):
            child = node.args.get(part)
            if child is not None:
                self.default(child)

    def _select(self, node: exp.Select) -> Columns:
        self._from(node)
        clauses.check(node, self.scope)
        columns: Columns = []
        for projection in node.expressions:
            columns += self._projection(projection)
        for part in ("where", "group", "having", "qualify", "order", "limit", "offset", "distinct", "windows"):
            child = node.args.get(part)
            for one in child if isinstance(child, list) else [child]:
                if one is not None:
                    self.default(one)
        grouping.trim_groups(node, self)
        if node.args.get("distinct") is not None:
            grouping.trim_projections(node, columns)
        return columns

    def _projection(self, projection: exp.Expr) -> Columns:
        if projection.is_star:
            return self._star(projection)
        if not isinstance(projection, exp.Alias):
            before = projection.alias_or_name
            value = self.value(projection)
            projection.replace(value.node)
            return [(before, value.kind)]
        value = self.value(projection.this)
        projection.set("this", value.node)
        self.scope.aliases.setdefault(projection.alias, value.kind)
        return [(projection.alias, value.kind)]

    def _star(self, projection: exp.Expr) -> Columns:
        table = projection.table if isinstance(projection, exp.Column) else ""
        wanted = [table] if table else list(self.scope.sources)
        found: Columns = []
        for name in wanted:
            found += self.scope.shown.get(name) or list(self.scope.sources.get(name, {"*": None}).items())
        merged = [] if table else self._merged
        return [(name, kind) for index, (name, kind) in enumerate(found) if not _repeated(found, index, merged)]

    def _from(self, node: exp.Select) -> None:
        self._merged: list[str] = []
        merged: list[str] = []
        clause = node.args.get("from_")
        sources = [clause.this] if clause is not None else []
        joined = node.args.get("joins") or []
        for source in [*sources, *(join.this for join in joined)]:
            for extra in [source, *(inner.this for inner in source.args.get("joins") or [])]:
                self._source(extra)
        for join in joined:
            self._check_merged(join)
            joins.spell_natural(join, self.scope.sources)
        joins.spell_star(node, self.scope.sources)
        for join in [*joined, *(inner for source in sources for inner in source.args.get("joins") or [])]:
            condition = join.args.get("on")
            if condition is not None:
                join.set("on", self.value(condition).node)
            merged += [column.name for column in join.args.get("using") or []]
            if join.args.get("using") and not any(isinstance(one, exp.Star) for one in node.expressions):
                self.scope.merged.update(joins.trim_using(join, self.scope.sources))
        self._merged = merged

    def _check_merged(self, join: exp.Join) -> None:
        """Raises StatementFailed when a column that a join merges is there twice in one of its sources."""
        is_natural = join.args.get("method") == "NATURAL"
        named = [column.name for column in join.args.get("using") or []]
        for name in [one for columns in self.scope.shown.values() for one, _ in columns] if is_natural else named:
            if self.scope.is_ambiguous("", name):
                raise StatementFailed(f'ERROR: common column name "{name}" appears more than once in left table')

    def _source(self, source: exp.Expr) -> None:
        alias = source.args.get("alias")
        names = [column.name for column in alias.columns] if alias is not None else []
        if isinstance(source, exp.Table):
            known = self.scope.query(source.name) if not source.db else None
            columns = self._columns_of(source) if known is None else known
        elif isinstance(source, exp.Subquery):
            if isinstance(source.this, exp.Table):
                self._source(source.this)
                return
            inner, self.scope = self.scope, self.scope.outer or Scope()
            inner_queries = Scope(self.scope, queries=inner.queries)
            self.scope = inner_queries
            try:
                columns = self.query(source.this)
            finally:
                self.scope = inner
        else:
            raise unsupported(f"{source.key.upper()} in FROM")
        if source.args.get("pivots"):
            _check_pivots(source)
            columns = [("*", None)]  # only DuckDB knows what a PIVOT makes
        columns = _renamed(columns, names)
        known_columns = dict(columns)
        is_clear = len(known_columns) == len(columns)  # else `*` is more than the names that can be asked for
        self.scope.sources[source.alias_or_name] = known_columns if is_clear else {"*": None}
        if not is_clear:
            self.scope.shown[source.alias_or_name] = columns


def _check_pivots(source: exp.Expr) -> None:
    """DuckDB computes what a PIVOT shows, and an average as a double."""
    for pivot in source.args["pivots"]:
        if any(str(one.this).lower() == "avg" for one in pivot.find_all(exp.Anonymous)):
            raise unsupported("AVG in a PIVOT")


def _check_names(names: list[str]) -> None:
    """A table's or view's columns have different names."""
    repeated = next((name for index, name in enumerate(names) if name != "*" and name in names[:index]), None)
    if repeated is not None:
        raise StatementFailed(f'ERROR: column name "{repeated}" is duplicated')


def _renamed(columns: Columns, names: list[str]) -> Columns:
    return [(names[index] if index < len(names) else name, kind) for index, (name, kind) in enumerate(columns)]


def _repeated(found: Columns, index: int, merged: list[str]) -> bool:
    """Whether `*` leaves a column out since USING has merged it with an earlier one."""
    name = found[index][0]
    return name in merged and any(name == earlier for earlier, _ in found[:index])


def _column(translator: Translator, node: exp.Column) -> Value:
    if translator.scope.is_ambiguous(node.table, node.name):
        raise StatementFailed(f'ERROR: column reference "{node.name}" is ambiguous')
    if not node.table and node.name in translator.scope.merged:
        node.set("table", exp.to_identifier(translator.scope.merged[node.name], quoted=True))
    return Value(node, translator.scope.column(node.table, node.name))


def _subquery(translator: Translator, node: exp.Subquery) -> Value:
    columns = translator.query(node)
    return Value(node, columns[0][1] if columns else None)


def _call(translator: Translator, node: exp.Anonymous, **around: object) -> Value:
    name, nodes = str(node.this).lower(), list(node.expressions)
    if name == "approximate":
        [inner] = nodes
        return _call(
            translator,
            exp.Anonymous(this=f"approximate {str(inner.this).lower()}", expressions=inner.expressions),
            **around,
        )
    distinct = len(nodes) >= 1 and isinstance(nodes[0], exp.Distinct)
    if distinct:
        nodes = [*nodes[0].expressions, *nodes[1:]]
    found = find(name, nodes, lambda: [translator.value(argument.copy()).kind for argument in nodes])
    return found.built(Call(translator, name, nodes, distinct=distinct, **around))  # type: ignore[arg-type]


def _dot(translator: Translator, node: exp.Dot) -> Value:
    inner = node.expression
    if node.this.name.lower() == "pg_catalog" and isinstance(inner, exp.Anonymous):
        return _call(translator, inner)
    if isinstance(inner, exp.Anonymous):
        raise StatementFailed(f"ERROR: function {node.this.name}.{inner.this} does not exist")
    return translator.default(node)


def _window(translator: Translator, node: exp.Window) -> Value:
    function, order, nulls = node.this, None, None
    if isinstance(function, exp.IgnoreNulls | exp.RespectNulls):
        nulls, function = type(function), function.this
    if isinstance(function, exp.WithinGroup):
        order, function = function.expression, function.this
        translator.default(order)
    if not isinstance(function, exp.Anonymous):
        raise unsupported("a window of this form")
    function = function.copy()
    frame = node.copy()
    frame.set("this", exp.Null())
    frame.set("partition_by", [comparable(translator.value(one)) for one in frame.args.get("partition_by") or []])
    if frame.args.get("order") is not None:
        for ordered in frame.args["order"].expressions:
            ordered.set("this", comparable(translator.value(ordered.this)))
    argument = function.expressions[0] if function.expressions else None
    if isinstance(argument, exp.IgnoreNulls | exp.RespectNulls):
        nulls = type(argument)
        function.set("expressions", [argument.this, *function.expressions[1:]])
    return _call(translator, function, window=frame, order=order, nulls=nulls)


def _within_group(translator: Translator, node: exp.WithinGroup) -> Value:
    translator.default(node.expression)
    return _call(translator, node.this, order=node.expression)


def _filter(_translator: Translator, _node: exp.Filter) -> Value:
    raise StatementFailed('ERROR: syntax error at or near "("\n  Redshift has no FILTER (WHERE …).')


def _ordered(translator: Translator, node: exp.Ordered) -> Value:
    """A number in ORDER BY is a column's place, a text has no meaning."""
    if not isinstance(node.this, exp.Literal):
        value = translator.value(node.this)
        node.set("this", value.node)
    return Value(node, None)


HANDLERS.update(
    {
        exp.Column: _column,
        exp.Subquery: _subquery,
        exp.Anonymous: _call,
        exp.Dot: _dot,
        exp.Window: _window,
        exp.WithinGroup: _within_group,
        exp.Filter: _filter,
        exp.Ordered: _ordered,
    }
)
