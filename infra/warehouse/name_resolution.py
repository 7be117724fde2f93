"""Which tables a tree names: each is found in the catalog, fenced, and written with its schema.

Used by `queries`, `changes`, `grants` and `copy_from`. A name that is neither in scope (WITH) nor in the catalog does
not exist. So DuckDB never sees a bare name, and cannot take one for a file; and what a user reads is known before it is
read, inside sub-selects and WITH alike.
"""

from dataclasses import dataclass

import duckdb
from sqlglot import exp

from infra.redshift_sql.errors import StatementFailed, function_missing, relation_missing, unsupported
from infra.redshift_sql.expressions.nodes import CATALOG
from infra.redshift_sql.fence.functions import EXISTING
from infra.warehouse import system_views

DEFAULT_SCHEMA = "public"
_SYSTEM_SCHEMAS = {"", "pg_catalog", "information_schema"}
_KNOWN = """
    SELECT CASE WHEN database_name = 'temp' THEN 'temp' ELSE schema_name END, table_name
    FROM duckdb_tables() WHERE NOT internal
    UNION ALL
    SELECT CASE WHEN database_name = 'temp' THEN 'temp' ELSE schema_name END, view_name
    FROM duckdb_views() WHERE NOT internal
"""
SYSTEM_VIEWS = {**system_views.NAMES, "pg_catalog": system_views.NAMES[""]}


@dataclass(frozen=True)
class Relation:
    """A table or view. Schema `temp` is a session's own."""

    schema: str
    name: str

    @property
    def is_temporary(self) -> bool:
        """Whether only this session sees it."""
        return self.schema == "temp"

    @property
    def is_system(self) -> bool:
        """Whether it is one of the catalog's views, which everyone may read."""
        return self.schema == CATALOG

    def node(self) -> dict[str, exp.Expr | None]:
        """The parts of a table node that name it for DuckDB."""
        schema, catalog = ("main", exp.to_identifier("temp")) if self.is_temporary else (self.schema, None)
        return {
            "this": exp.to_identifier(self.name, quoted=True),
            "db": exp.to_identifier(schema, quoted=True),
            "catalog": catalog,
        }

    def sql(self) -> str:
        """The name in DuckDB's SQL."""
        return exp.Table(**self.node()).sql(dialect="duckdb")


class Relations:
    """The catalog as one statement sees it: the warehouse's tables and its session's temporary ones."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, database: str) -> None:
        self._database = database
        self._known = {(str(schema), str(name).lower()) for schema, name in cursor.execute(_KNOWN).fetchall()}

    def read_by(self, tree: exp.Expr) -> list[Relation]:
        """Every relation the tree names, its nodes rewritten to the full name.

        Raises StatementFailed for one that does not exist.
        """
        found: list[Relation] = []
        self._walk(tree, frozenset(), found)
        return found

    def find(self, table: exp.Table) -> Relation:
        """The relation a table node names. Raises StatementFailed when there is none."""
        name, schema = _name(table), table.db.lower()
        self._check_database(table)
        candidates = [schema] if schema else ["temp", DEFAULT_SCHEMA]
        for candidate in candidates:
            if (candidate, name) in self._known and candidate not in ("main", CATALOG):
                return Relation(candidate, name)
        if schema in _SYSTEM_SCHEMAS and name in SYSTEM_VIEWS[schema]:
            return Relation(CATALOG, f"information_schema_{name}" if schema == "information_schema" else name)
        raise relation_missing(f"{schema}.{name}" if schema else name)

    def place(self, table: exp.Table, temporary: bool) -> Relation:
        """Where a new relation will stand."""
        name, schema = _name(table), table.db.lower()
        self._check_database(table)
        if temporary or name.startswith("#"):
            if schema:
                raise StatementFailed("ERROR: temporary tables cannot specify a schema name")
            return Relation("temp", name)
        if schema in (CATALOG, "main", "temp", "pg_catalog", "information_schema"):
            raise StatementFailed(f"ERROR: permission denied for schema {schema}")
        return Relation(schema or DEFAULT_SCHEMA, name)

    def all_in(self, schema: str) -> list[Relation]:
        """The relations of one schema."""
        return [Relation(schema, name) for known, name in sorted(self._known) if known == schema]

    def _check_database(self, table: exp.Table) -> None:
        if table.catalog and table.catalog.lower() != self._database.lower():
            raise unsupported(f"a query across databases ({table.catalog})")

    def _walk(self, node: exp.Expr, visible: frozenset[str], found: list[Relation]) -> None:
        """Depth first, `visible` being the WITH names in scope: a name hides a table only where it is in scope."""
        clause = node.args.get("with_")
        if clause is not None:
            for named in clause.expressions:
                own = {named.alias.lower()} if clause.args.get("recursive") else set()
                self._walk(named.this, visible | own, found)
                visible = visible | {named.alias.lower()}
        if isinstance(node, exp.Table):
            self._take(node, visible, found)
        for child in node.iter_expressions():
            if child is not clause:
                self._walk(child, visible, found)

    def _take(self, table: exp.Table, visible: frozenset[str], found: list[Relation]) -> None:
        if not isinstance(table.this, exp.Identifier):
            raise _table_function(table.this)
        if not table.db and table.name.lower() in visible:
            return
        relation = self.find(table)
        found.append(relation)
        if not table.alias and relation.is_system:
            table.set("alias", exp.TableAlias(this=exp.to_identifier(_name(table))))
        for part, value in relation.node().items():
            table.set(part, value)


def _table_function(call: exp.Expr) -> StatementFailed:
    """Redshift's leader node has some; no other function stands in FROM."""
    name = str(call.this).lower() if isinstance(call, exp.Anonymous) else call.key
    return unsupported(f"function {name}") if name in EXISTING else function_missing(name)


def _name(table: exp.Table) -> str:
    return table.name.lower()
