"""What tools ask of a warehouse before anything else: SHOW, the catalog's views, SET, a transaction that only reads."""

import pytest

from tests.infra.local.redshift_data.conftest import Warehouse


@pytest.fixture(scope="module")
def filled(reusable: Warehouse) -> Warehouse:
    """A warehouse with tables and a view, for all tests, as they change nothing."""
    reusable.ok("create schema sales")
    reusable.ok("create table sales.trips (id int not null, fare decimal(10, 2), town varchar(20) default 'x')")
    reusable.ok("create view sales.towns as select town from sales.trips")
    reusable.ok("create table cars (id int)")
    return reusable


def shown(warehouse: Warehouse, sql: str) -> list[dict[str, object]]:
    described = warehouse.ok(sql)
    page = warehouse.page(described["Id"])
    names = [column["name"] for column in page["ColumnMetadata"]]
    return [
        {
            name: None if "isNull" in field else next(iter(field.values()))
            for name, field in zip(names, row, strict=True)
        }
        for row in page["Records"]
    ]


def test_databases(filled: Warehouse) -> None:
    [database] = shown(filled, "SHOW DATABASES;")
    assert (database["database_name"], database["database_type"]) == ("dev", "local")
    assert list(database)[-1] == "database_isolation_level"


def test_schemas_of_the_database(filled: Warehouse) -> None:
    rows = shown(filled, 'show schemas from database "dev"')
    assert [row["schema_name"] for row in rows] == ["information_schema", "pg_catalog", "public", "sales"]
    assert {row["database_name"] for row in rows} == {"dev"}
    assert [row["schema_name"] for row in shown(filled, "show schemas from database dev like 'sal%'")] == ["sales"]
    assert len(shown(filled, "show schemas from database dev limit 2")) == 2


def test_tables_of_a_schema(filled: Warehouse) -> None:
    rows = shown(filled, 'show tables from schema "dev"."sales"')
    assert [(row["table_name"], row["table_type"]) for row in rows] == [("towns", "VIEW"), ("trips", "TABLE")]
    assert [row["table_name"] for row in shown(filled, "show tables from schema public")] == ["cars"]


def test_columns_of_a_table(filled: Warehouse) -> None:
    rows = shown(filled, "show columns from table dev.sales.trips")
    assert [
        (row["column_name"], row["ordinal_position"], row["is_nullable"], row["data_type"], row["numeric_scale"])
        for row in rows
    ] == [
        ("id", 1, "NO", "integer", 0),
        ("fare", 2, "YES", "numeric(10,2)", 2),
        ("town", 3, "YES", "character varying", None),
    ]
    assert [row["character_maximum_length"] for row in rows] == [None, None, 20]


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("show schemas from database other", 'database "other" does not exist'),
        ("show tables from schema dev.nowhere", 'schema "nowhere" does not exist'),
        ("show columns from table sales.nothing", 'relation "sales.nothing" does not exist'),
        ("show tables from schema dev.sales.more", 'syntax error at or near "dev.sales.more"'),
        ("show tables from schema sales like 3", 'syntax error at or near "3"'),
        ("show tables from schema sales limit all", 'syntax error at or near "all"'),
        ("show tables", 'syntax error at or near "end of input"'),
        ("show datestyle", "the laptop cannot run it"),
        ("set search_path to sales", "the laptop cannot run it"),
        ("set", "the laptop cannot run it"),
    ],
)
def test_what_is_not_there_is_said(filled: Warehouse, sql: str, error: str) -> None:
    assert error in filled.error(sql)


@pytest.mark.parametrize("sql", ["set application_name to 'a tool'", "set query_group to 'x'", "reset query_group"])
def test_names_for_logs_and_queues_may_be_set(filled: Warehouse, sql: str) -> None:
    assert not filled.ok(sql)["HasResultSet"]


@pytest.mark.parametrize(
    ("sql", "names"),
    [
        ("select database_name from svv_redshift_databases", ["dev"]),
        ("select schema_name from svv_redshift_schemas where schema_name like 's%'", ["sales"]),
        ("select table_name from svv_redshift_tables where schema_name = 'sales' order by 1", ["towns", "trips"]),
        ("select column_name from svv_redshift_columns where table_name = 'cars'", ["id"]),
        ("select schema_name from svv_all_schemas where schema_name = 'public'", ["public"]),
        ("select table_name from svv_all_tables where table_type = 'VIEW'", ["towns"]),
        ("select column_name from svv_all_columns where table_name = 'trips' and ordinal_position = 2", ["fare"]),
        ("select viewname from pg_catalog.pg_views where schemaname = 'sales'", ["towns"]),
        ("select definition from pg_views", ["SELECT town FROM sales.trips;"]),
        ("select constraint_name from information_schema.table_constraints", []),
        ("select column_name from information_schema.key_column_usage", []),
        ("select column_name from pg_catalog.svv_all_columns where table_name = 'cars'", ["id"]),
    ],
)
def test_views_of_the_catalog(filled: Warehouse, sql: str, names: list[str]) -> None:
    assert [row[0] for row in filled.rows(sql)] == names


def test_a_batch_in_a_transaction_that_only_reads_changes_nothing(filled: Warehouse) -> None:
    described = filled.batch(
        "set application_name to 'a tool'",
        "begin read only",
        "insert into cars values (1)",
        "rollback",
        ExecutionMode="AUTO_COMMIT",
    )
    assert [part["Status"] for part in described["SubStatements"]] == ["FINISHED", "FINISHED", "FAILED", "FINISHED"]
    assert "transaction is read-only" in described["SubStatements"][2]["Error"]
    described = filled.batch("begin read only", "select count(*) from cars", "rollback", ExecutionMode="AUTO_COMMIT")
    assert described["Status"] == "FINISHED"
    page = filled.page(described["SubStatements"][1]["Id"])
    assert page["Records"] == [[{"longValue": 0}]]


def test_the_catalog_tells_of_what_a_view_was_made_and_made_again(warehouse: Warehouse) -> None:
    told = "select schemaname, viewname, definition from pg_views order by 2"
    for sql in (
        "create table t (a int, b int)",
        "create view v as select a from t",
        "create or replace view V as select a + 1 as a from t",
        "create view late as select NVL(b, 1) as b from t with no schema binding",
    ):
        warehouse.ok(sql)
    late = "CREATE VIEW late AS SELECT NVL(b, 1) AS b FROM t WITH NO SCHEMA BINDING;"
    assert warehouse.rows(told) == [["public", "late", late], ["public", "v", "SELECT a + 1 AS a FROM t;"]]
    warehouse.ok("alter table v rename to w")
    warehouse.ok("drop view late")
    assert warehouse.rows(told) == [["public", "w", "SELECT a + 1 AS a FROM t;"]]
    warehouse.ok("drop view w")
    warehouse.ok("create table w (a int)")
    assert warehouse.rows(told) == []
