"""Redshift's system views that scripts and tools ask for, over DuckDB's catalog. Installed by `engine`."""
# ruff: noqa: S608 - the SQL is made of the constants below

import duckdb

_USER_SCHEMAS = "schema_name NOT IN ('main', 'redshift_catalog', 'information_schema', 'pg_catalog') AND NOT internal"
_TYPE = """CASE WHEN data_type LIKE 'DECIMAL%' THEN replace(lower(data_type), 'decimal', 'numeric')
                WHEN data_type = 'VARCHAR' THEN 'character varying' WHEN data_type = 'DOUBLE' THEN 'double precision'
                WHEN data_type = 'FLOAT' THEN 'real' WHEN data_type = 'TIMESTAMP' THEN 'timestamp without time zone'
                ELSE lower(data_type) END"""
_RELATIONS = f"""
    SELECT database_name, schema_name, table_name, 'BASE TABLE' AS table_type FROM duckdb_tables()
    WHERE {_USER_SCHEMAS} AND NOT temporary
    UNION ALL
    SELECT database_name, schema_name, view_name, 'VIEW' FROM duckdb_views() WHERE {_USER_SCHEMAS} AND NOT temporary"""
_LENGTH = """CASE WHEN data_type = 'VARCHAR' THEN coalesce((
                    SELECT try_cast(regexp_extract(expression, '<= ([0-9]+)', 1) AS INTEGER)
                    FROM duckdb_constraints() AS checks
                    WHERE checks.table_oid = columns.table_oid AND checks.database_name = columns.database_name
                      AND constraint_type = 'CHECK' AND constraint_column_names = [columns.column_name]), 65535) END"""
_COLUMNS = f"""
    SELECT database_name AS table_catalog, schema_name AS table_schema, table_name, column_name,
           column_index AS ordinal_position, column_default, if(is_nullable, 'YES', 'NO') AS is_nullable,
           {_TYPE} AS data_type, {_LENGTH} AS character_maximum_length, numeric_precision, numeric_scale,
           NULL::VARCHAR AS remarks
    FROM duckdb_columns() AS columns WHERE {_USER_SCHEMAS} AND database_name <> 'temp'"""
# What SHOW and the views of all databases tell: every object is the administrator's, and access lists are left out.
_DATABASES = """SELECT current_database() AS database_name, 100 AS database_owner, 'local' AS database_type,
                       NULL::VARCHAR AS database_acl, NULL::VARCHAR AS parameters,
                       'Snapshot Isolation' AS database_isolation_level"""
_SCHEMAS = """SELECT current_database() AS database_name, schema_name,
                     if(schema_name IN ('public', 'information_schema', 'pg_catalog'), 1, 100) AS schema_owner,
                     'local' AS schema_type,
                     NULL::VARCHAR AS schema_acl, NULL::VARCHAR AS source_database, NULL::VARCHAR AS schema_option
              FROM (SELECT DISTINCT schema_name FROM duckdb_schemas()
                    WHERE database_name = current_database() AND schema_name NOT IN ('main', 'redshift_catalog')
                    UNION SELECT unnest(['information_schema', 'pg_catalog']))"""
_TABLES = f"""SELECT database_name, schema_name, table_name, NULL::VARCHAR AS table_acl,
                     replace(table_type, 'BASE ', '') AS table_type, NULL::VARCHAR AS remarks, 'awsuser' AS table_owner
              FROM ({_RELATIONS})"""
_ALL_COLUMNS = f"""SELECT table_catalog AS database_name, table_schema AS schema_name, table_name, column_name,
                          ordinal_position, column_default, is_nullable, data_type, character_maximum_length,
                          numeric_precision, numeric_scale, remarks FROM ({_COLUMNS})"""


def _no_rows(columns: str) -> str:
    """A view of keys, which are not kept here."""
    return f"SELECT {', '.join(f'NULL::VARCHAR AS {column}' for column in columns.split())} WHERE false"


_VIEWS = {
    "pg_user": """SELECT usename, usesysid, usecreatedb, usesuper, false AS usecatupd, '********' AS passwd,
                          NULL::TIMESTAMP AS valuntil,
                          (SELECT '{' || string_agg(name || '=' || setting, ',' ORDER BY name) || '}'
                           FROM redshift_catalog.user_settings WHERE user_settings.usename = users.usename) AS useconfig
                   FROM redshift_catalog.users""",
    "pg_group": """SELECT groname, grosysid, (SELECT '{' || string_agg(usesysid::VARCHAR, ',') || '}'
                        FROM redshift_catalog.users JOIN redshift_catalog.members USING (usename)
                        WHERE members.groname = groups.groname) AS grolist FROM redshift_catalog.groups""",
    "pg_tables": f"""SELECT schema_name AS schemaname, table_name AS tablename, 'awsuser' AS tableowner
                     FROM duckdb_tables() WHERE {_USER_SCHEMAS} AND NOT temporary""",
    "pg_views": f"""SELECT schema_name AS schemaname, view_name AS viewname, 'awsuser' AS viewowner, definition
                    FROM duckdb_views() JOIN redshift_catalog.view_definitions USING (schema_name, view_name)
                    WHERE {_USER_SCHEMAS} AND NOT temporary""",
    "pg_table_def": f"""SELECT table_schema AS schemaname, table_name AS tablename, column_name AS "column",
                               data_type AS type, 'none' AS encoding, false AS distkey, 0 AS sortkey,
                               is_nullable = 'NO' AS "notnull" FROM ({_COLUMNS})""",
    "svv_tables": f"""SELECT database_name AS table_catalog, schema_name AS table_schema, table_name, table_type,
                             NULL::VARCHAR AS remarks FROM ({_RELATIONS})""",
    "svv_columns": _COLUMNS,
    "svv_redshift_databases": _DATABASES.replace("parameters", "database_options"),
    "svv_redshift_schemas": f"SELECT * EXCLUDE source_database FROM ({_SCHEMAS})",
    "svv_redshift_tables": _TABLES,
    "svv_redshift_columns": f"""SELECT database_name, schema_name, table_name, column_name, ordinal_position, data_type,
                                       column_default, is_nullable, 'none' AS encoding, false AS distkey, 0 AS sortkey,
                                       NULL::VARCHAR AS column_acl, remarks FROM ({_ALL_COLUMNS})""",
    "svv_all_schemas": _SCHEMAS,
    "svv_all_tables": _TABLES,
    "svv_all_columns": _ALL_COLUMNS,
    "information_schema_tables": f"""SELECT database_name AS table_catalog, schema_name AS table_schema, table_name,
                                            table_type FROM ({_RELATIONS})""",
    "information_schema_columns": _COLUMNS,
    "information_schema_table_constraints": _no_rows(
        "constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name constraint_type"
        " is_deferrable initially_deferred"
    ),
    "information_schema_key_column_usage": _no_rows(
        "constraint_catalog constraint_schema constraint_name table_catalog table_schema table_name column_name"
        " ordinal_position"
    ),
    "stl_load_errors": "SELECT * FROM redshift_catalog.load_errors",
}
_LOAD_ERRORS = """CREATE TABLE IF NOT EXISTS redshift_catalog.load_errors (
    query BIGINT, starttime TIMESTAMP, tablename VARCHAR, filename VARCHAR, line_number BIGINT, colname VARCHAR,
    raw_line VARCHAR, err_reason VARCHAR)"""
_VIEW_DEFINITIONS = """CREATE TABLE IF NOT EXISTS redshift_catalog.view_definitions (
    schema_name VARCHAR, view_name VARCHAR, definition VARCHAR)"""
_FORGET_DEFINITION = "DELETE FROM redshift_catalog.view_definitions WHERE schema_name = $1 AND view_name = $2"
_RENAME_DEFINITION = (
    "UPDATE redshift_catalog.view_definitions SET view_name = $3 WHERE schema_name = $1 AND view_name = $2"
)
_KEEP_DEFINITION = "INSERT INTO redshift_catalog.view_definitions VALUES ($1, $2, $3)"

SHOWN = {"DATABASES": _DATABASES, "SCHEMAS": _SCHEMAS, "TABLES": _TABLES, "COLUMNS": _ALL_COLUMNS}
"""What SHOW DATABASES, SCHEMAS, TABLES and COLUMNS list, as queries."""
NAMES = {
    "": frozenset(name for name in _VIEWS if not name.startswith("information_schema_")),
    "information_schema": frozenset(
        name.removeprefix("information_schema_") for name in _VIEWS if name.startswith("information_schema_")
    ),
}
"""The views by the schema that they are found in; those of `pg_catalog` are found without one as well."""
STATEMENTS = (
    _LOAD_ERRORS,
    _VIEW_DEFINITIONS,
    *(f"CREATE OR REPLACE VIEW redshift_catalog.{name} AS {query}" for name, query in _VIEWS.items()),
)


def keep_definition(cursor: duckdb.DuckDBPyConnection, schema: str, view: str, definition: str) -> None:
    """Keeps what a view was made of, in Redshift's SQL, for `pg_views`; the last that was made of this name counts."""
    cursor.execute(_FORGET_DEFINITION, [schema, view])
    cursor.execute(_KEEP_DEFINITION, [schema, view, definition])


def rename_definition(cursor: duckdb.DuckDBPyConnection, schema: str, view: str, name: str) -> None:
    """Gives a view's definition to its new name."""
    cursor.execute(_FORGET_DEFINITION, [schema, name])
    cursor.execute(_RENAME_DEFINITION, [schema, view, name])
