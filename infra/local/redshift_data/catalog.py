"""ListDatabases, ListSchemas, ListTables, DescribeTable: what the warehouse holds. Called by `service`.

Answered at once, unlike on AWS, where each runs a statement; the database user must exist just the same.
"""
# ruff: noqa: S608 - the SQL is made of the constants below

import re
from typing import Any

from infra.local.redshift_data.errors import invalid
from infra.local.redshift_data.identity import Caller
from infra.local.redshift_data.paging import page
from infra.local.redshift_data.targets import Targets
from infra.redshift_sql.errors import StatementFailed
from infra.redshift_sql.expressions.nodes import CATALOG
from infra.warehouse.column_metadata import DECLARED, declared_column
from infra.warehouse.engine import Engine
from infra.warehouse.name_resolution import SYSTEM_VIEWS
from infra.warehouse.privileges import Rights

_HIDDEN = f"('main', '{CATALOG}', 'information_schema', 'pg_catalog')"
_SCHEMAS = f"""SELECT DISTINCT schema_name FROM duckdb_schemas() WHERE database_name = current_database()
               AND schema_name NOT IN {_HIDDEN} ORDER BY 1"""
_TABLES = f"""
    SELECT schema_name, table_name, 'TABLE' FROM duckdb_tables()
    WHERE database_name = current_database() AND schema_name NOT IN {_HIDDEN}
    UNION ALL SELECT schema_name, view_name, 'VIEW' FROM duckdb_views()
    WHERE database_name = current_database() AND schema_name NOT IN {_HIDDEN} ORDER BY 1, 2"""
_COLUMNS = f"""
    {DECLARED} columns.database_name = current_database() AND columns.schema_name NOT IN {_HIDDEN}
    ORDER BY columns.schema_name, columns.table_name, columns.column_index"""
Row = tuple[Any, ...]


class Catalog:
    """The four operations, over one engine."""

    def __init__(self, engine: Engine, targets: Targets) -> None:
        self._engine = engine
        self._targets = targets

    def list_databases(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The known databases: those of the limits, or the one asked about."""
        asked = {"Database": "dev"} | request
        self._rows("SELECT 1", asked, caller)
        names = sorted(self._targets.limits.databases or {asked["Database"]})
        shown, more = page(names, request, "databases")
        return {"Databases": shown, **more}

    def list_schemas(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Schemas by pattern, the two system schemas included."""
        names = sorted(
            [*(str(row[0]) for row in self._rows(_SCHEMAS, request, caller)), "information_schema", "pg_catalog"]
        )
        matching = [name for name in names if _matches(request.get("SchemaPattern"), name)]
        shown, more = page(matching, request, f"schemas {request.get('SchemaPattern')}")
        return {"Schemas": shown, **more}

    def list_tables(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """Tables and views by patterns, system views included."""
        rows = [*self._rows(_TABLES, request, caller), *_system_rows()]
        schema, table = request.get("SchemaPattern"), request.get("TablePattern")
        matching = [row for row in rows if _matches(schema, row[0]) and _matches(table, row[1])]
        shown, more = page(matching, request, f"tables {schema} {table}")
        return {"Tables": [{"schema": row[0], "name": row[1], "type": row[2]} for row in shown], **more}

    def describe_table(self, request: dict[str, Any], caller: Caller) -> dict[str, Any]:
        """The columns of one table, or of all tables of a schema, or of all."""
        schema, table = request.get("Schema"), request.get("Table")
        rows = self._rows(_COLUMNS, request, caller)
        wanted = [
            declared_column(row).metadata() for row in rows if schema in (None, row[0]) and table in (None, row[1])
        ]
        shown, more = page(wanted, request, f"columns {schema} {table}")
        return {"TableName": table or "", "ColumnList": shown, **more}

    def _rows(self, query: str, request: dict[str, Any], caller: Caller) -> list[Row]:
        target = self._targets.target_of(request, caller)
        cursor = self._engine.cursor()
        try:
            Rights(cursor, target.folded_user)
            return cursor.execute(query).fetchall()
        except StatementFailed as failed:
            raise invalid(str(failed)) from failed
        finally:
            cursor.close()


def _system_rows() -> list[Row]:
    return [
        (schema, name, "SYSTEM VIEW")
        for schema in ("information_schema", "pg_catalog")
        for name in sorted(SYSTEM_VIEWS[schema])
    ]


def _matches(pattern: str | None, name: str) -> bool:
    """SQL's LIKE, with % and _."""
    if not pattern:
        return True
    parts = [{"%": ".*", "_": "."}.get(character, re.escape(character)) for character in pattern]
    return re.fullmatch("".join(parts), name, re.IGNORECASE | re.DOTALL) is not None
