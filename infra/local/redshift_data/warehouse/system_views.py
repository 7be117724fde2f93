"""Redshift's system views that scripts and tools ask for, over DuckDB's catalog. Installed by `engine`."""
# ruff: noqa: S608 - the SQL is made of the constants below

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
_COLUMNS = f"""
    SELECT database_name AS table_catalog, schema_name AS table_schema, table_name, column_name,
           column_index AS ordinal_position, column_default, if(is_nullable, 'YES', 'NO') AS is_nullable,
           {_TYPE} AS data_type, numeric_precision, numeric_scale
    FROM duckdb_columns() WHERE {_USER_SCHEMAS} AND database_name <> 'temp'"""
_VIEWS = {
    "pg_user": """SELECT usename, usesysid, usecreatedb, usesuper, false AS usecatupd, '********' AS passwd,
                          NULL::TIMESTAMP AS valuntil, NULL::VARCHAR AS useconfig FROM redshift_catalog.users""",
    "pg_group": """SELECT groname, grosysid, (SELECT '{' || string_agg(usesysid::VARCHAR, ',') || '}'
                        FROM redshift_catalog.users JOIN redshift_catalog.members USING (usename)
                        WHERE members.groname = groups.groname) AS grolist FROM redshift_catalog.groups""",
    "pg_tables": f"""SELECT schema_name AS schemaname, table_name AS tablename, 'awsuser' AS tableowner
                     FROM duckdb_tables() WHERE {_USER_SCHEMAS} AND NOT temporary""",
    "pg_table_def": f"""SELECT table_schema AS schemaname, table_name AS tablename, column_name AS "column",
                               data_type AS type, 'none' AS encoding, false AS distkey, 0 AS sortkey,
                               is_nullable = 'NO' AS "notnull" FROM ({_COLUMNS})""",
    "svv_tables": f"""SELECT database_name AS table_catalog, schema_name AS table_schema, table_name, table_type,
                             NULL::VARCHAR AS remarks FROM ({_RELATIONS})""",
    "svv_columns": _COLUMNS,
    "information_schema_tables": f"""SELECT database_name AS table_catalog, schema_name AS table_schema, table_name,
                                            table_type FROM ({_RELATIONS})""",
    "information_schema_columns": _COLUMNS,
    "stl_load_errors": "SELECT * FROM redshift_catalog.load_errors",
}
_LOAD_ERRORS = """CREATE TABLE IF NOT EXISTS redshift_catalog.load_errors (
    query BIGINT, starttime TIMESTAMP, tablename VARCHAR, filename VARCHAR, line_number BIGINT, colname VARCHAR,
    raw_line VARCHAR, err_reason VARCHAR)"""

STATEMENTS = (
    _LOAD_ERRORS,
    *(f"CREATE OR REPLACE VIEW redshift_catalog.{name} AS {query}" for name, query in _VIEWS.items()),
)
