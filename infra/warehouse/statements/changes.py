"""Statements that change data or tables: INSERT, UPDATE, DELETE, TRUNCATE, CREATE, DROP, ALTER, COMMENT.

Called by `dispatch`.
"""
# ruff: noqa: S608 - names are quoted by sqlglot

from sqlglot import exp

from infra.redshift_sql.errors import StatementFailed, unsupported
from infra.redshift_sql.expressions.nodes import CATALOG, cast
from infra.redshift_sql.grammar import duckdb_sql
from infra.redshift_sql.rewrite import rewritten, translated
from infra.warehouse.column_metadata import TableColumns
from infra.warehouse.name_resolution import Relation
from infra.warehouse.statements.execution_context import ExecutionContext, StatementResult
from infra.warehouse.system_views import keep_definition, rename_definition

_FORGET = "DELETE FROM redshift_catalog.grants WHERE schema_name = $1 AND ($2 = '' OR relation = $2)"


def run_insert(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """INSERT … VALUES or SELECT."""
    return _run_change(work, tree, "INSERT")


def run_update(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """UPDATE, with FROM or without."""
    return _run_change(work, tree, "UPDATE")


def run_delete(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """DELETE [FROM], with USING or without; sqlglot puts the table elsewhere when FROM is missing."""
    if not tree.this:
        [table] = tree.args["tables"]
        tree.set("this", table)
        tree.set("tables", None)
    return _run_change(work, tree, "DELETE")


def _run_change(work: ExecutionContext, tree: exp.Expr, privilege: str) -> StatementResult:
    changed = rewritten(tree, work.user)
    relations, rights = work.relations(), work.rights()
    target = relations.find(_target(changed))
    rights.check(privilege, [_changeable(target)])
    reads = relations.read_by(changed)
    reads.remove(target)
    rights.check("SELECT", reads)
    translated(changed, TableColumns(work.cursor).types)
    return StatementResult(_count(work, changed))


def _target(tree: exp.Expr) -> exp.Table:
    target = tree.this.this if isinstance(tree.this, exp.Schema) else tree.this
    if not isinstance(target, exp.Table):
        raise unsupported(f"this form of {tree.key.upper()}")
    return target


def _changeable(relation: Relation) -> Relation:
    if relation.is_system:
        raise StatementFailed(f"ERROR: permission denied for relation {relation.name}")
    return relation


def run_comment(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """COMMENT ON TABLE, VIEW or COLUMN."""
    changed = rewritten(tree, work.user)
    kind = str(changed.args["kind"]).upper()
    if kind not in ("TABLE", "VIEW", "COLUMN"):
        raise unsupported(f"COMMENT ON {kind}")
    relation = _changeable(work.relations().find(_commented(changed)))
    work.rights().check_owner(relation)
    name = relation.sql() + (f".{_quoted(changed.this.name)}" if kind == "COLUMN" else "")
    work.cursor.execute(f"COMMENT ON {kind} {name} IS {duckdb_sql(changed.expression)}")
    return StatementResult()


def _commented(tree: exp.Expr) -> exp.Table:
    if isinstance(tree.this, exp.Column):
        return exp.table_(tree.this.table, db=tree.this.db or None)
    return _target(tree)


def _quoted(name: str) -> str:
    return exp.to_identifier(name, quoted=True).sql(dialect="duckdb")


def run_truncate(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """TRUNCATE of one's own tables."""
    for table in tree.expressions:
        relation = _changeable(work.relations().find(table))
        work.rights().check_owner(relation)
        work.cursor.execute(f"DELETE FROM {relation.sql()}")
    return StatementResult()


def run_create(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """CREATE SCHEMA, TABLE, TABLE AS and VIEW."""
    create = _CREATES.get(str(tree.args["kind"]).upper())
    if create is None:
        raise unsupported(f"CREATE {tree.args['kind']}")
    return create(work, rewritten(tree, work.user))


def _create_schema(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    work.rights().check_superuser("create a schema")
    name = tree.this.db
    if name in (CATALOG, "main", "temp"):
        raise StatementFailed(f"ERROR: permission denied for schema {name}")
    _count(work, tree)
    return StatementResult()


def _create_relation(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """The new relation's name is placed in its schema; what its query reads is checked as in a SELECT."""
    table = _target(tree)
    relations, rights = work.relations(), work.rights()
    relation = relations.place(table, temporary=tree.find(exp.TemporaryProperty) is not None)
    if relation.is_temporary:
        rights.check_temporary(work.database)
    rights.check_owner(relation)
    if tree.expression is not None:
        rights.check("SELECT", relations.read_by(tree.expression))
    for part, value in relation.node().items():
        table.set(part, value)
    if relation.is_temporary:  # a name with # makes it so without the word
        tree.set("properties", exp.Properties(expressions=[exp.TemporaryProperty()]))
    tree.set("no_schema_binding", None)
    translated(tree, TableColumns(work.cursor).types)
    if tree.expression is not None and tree.expression.find(exp.Null) is not None:
        _type_nulls(work, tree)
    rows = _count(work, tree)
    return StatementResult(rows if tree.expression is not None and tree.args["kind"] == "TABLE" else 0)


def _create_view(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """A view, and its definition for `pg_views`: the query; or the whole statement, where it is bound to no schema."""
    relation = work.relations().place(_target(tree), temporary=False)
    whole = tree if tree.args.get("no_schema_binding") else tree.expression
    definition = f"{whole.sql(dialect='redshift')};"
    result = _create_relation(work, tree)
    keep_definition(work.cursor, relation.schema, relation.name, definition)
    return result


def _type_nulls(work: ExecutionContext, tree: exp.Expr) -> None:
    """A column of nothing but NULL becomes a text; DuckDB would make one of no type, which takes no value."""
    described = work.cursor.execute(f"DESCRIBE {duckdb_sql(tree.expression)}").fetchall()
    if all(kind != '"NULL"' for _, kind, *_ in described):
        return
    names = [exp.to_identifier(f"c{index}", quoted=True) for index in range(len(described))]
    rows = exp.Subquery(
        this=tree.expression.copy(), alias=exp.TableAlias(this=exp.to_identifier("made"), columns=names)
    )
    columns = [
        exp.alias_(
            cast(exp.column(own.copy()), "varchar") if kind == '"NULL"' else exp.column(own.copy()), name, quoted=True
        )
        for own, (name, kind, *_) in zip(names, described, strict=True)
    ]
    tree.set("expression", exp.select(*columns).from_(rows))


_CREATES = {"SCHEMA": _create_schema, "TABLE": _create_relation, "VIEW": _create_view}


def run_drop(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """DROP TABLE and VIEW, several at once, and SCHEMA; grants go with what they were on."""
    kind = str(tree.args["kind"]).upper()
    if kind not in ("TABLE", "VIEW", "SCHEMA"):
        raise unsupported(f"DROP {kind}")
    drop = _drop_schema if kind == "SCHEMA" else _drop_relation
    for table in rewritten(tree, work.user).args["tables"]:
        drop(work, tree, table)
    return StatementResult()


def _drop_relation(work: ExecutionContext, tree: exp.Expr, table: exp.Table) -> None:
    try:
        relation = _changeable(work.relations().find(table))
    except StatementFailed:
        if tree.args.get("exists"):
            return
        raise
    work.rights().check_owner(relation)
    work.cursor.execute(f"DROP {tree.args['kind']} {relation.sql()}")
    work.cursor.execute(_FORGET, [relation.schema, relation.name])


def _drop_schema(work: ExecutionContext, tree: exp.Expr, table: exp.Table) -> None:
    work.rights().check_superuser("drop a schema")
    name = exp.to_identifier(table.db or table.name, quoted=True)
    if name.name in (CATALOG, "main", "temp", "public"):
        raise StatementFailed(f"ERROR: permission denied for schema {name.name}")
    exists, cascade = (
        ("IF EXISTS " if tree.args.get("exists") else ""),
        (" CASCADE" if tree.args.get("cascade") else ""),
    )
    work.cursor.execute(f"DROP SCHEMA {exists}{name.sql(dialect='duckdb')}{cascade}")
    work.cursor.execute(_FORGET, [name.name, ""])


def run_alter(work: ExecutionContext, tree: exp.Expr) -> StatementResult:
    """ALTER TABLE: columns and renaming."""
    changed = rewritten(tree, work.user)
    table = _target(changed)
    relation = _changeable(work.relations().find(table))
    work.rights().check_owner(relation)
    for part, value in relation.node().items():
        table.set(part, value)
    _count(work, changed)
    _rename(work, relation, changed)
    return StatementResult()


def _rename(work: ExecutionContext, relation: Relation, tree: exp.Expr) -> None:
    for rename in tree.find_all(exp.AlterRename):
        work.cursor.execute(
            "UPDATE redshift_catalog.grants SET relation = $1 WHERE schema_name = $2 AND relation = $3",
            [rename.this.name, relation.schema, relation.name],
        )
        rename_definition(work.cursor, relation.schema, relation.name, rename.this.name)


def _count(work: ExecutionContext, tree: exp.Expr) -> int:
    row = work.cursor.execute(duckdb_sql(tree)).fetchone()
    return int(row[0]) if row and isinstance(row[0], int) else 0
