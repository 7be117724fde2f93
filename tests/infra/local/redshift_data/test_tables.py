"""Definitions and changes of tables, with Redshift's words and without its storage."""

import pytest


@pytest.fixture
def warehouse(reused):
    return reused


def test_a_table_with_all_of_redshifts_storage_words(warehouse):
    warehouse.ok(
        """create table if not exists public.trips (
               a integer encode az64 not null, b varchar(20) encode lzo distkey, c timestamp default getdate() sortkey,
               "encode" varchar(10) encode zstd, primary key (a), foreign key (b) references x (y))
           backup no diststyle key distkey (b) compound sortkey (a, c)"""
    )
    warehouse.ok("insert into trips (a, b) values (1, 'distkey'), (1, 'sortkey')")
    assert warehouse.rows("select a, b, c is not null from trips order by b") == [
        [1, "distkey", True],
        [1, "sortkey", True],
    ]


def test_a_table_is_made_of_a_query(warehouse):
    described = warehouse.ok("create table x diststyle even sortkey (a) as select 1 as a, 'sortkey' as b")
    assert described["ResultRows"] == 1
    assert warehouse.rows("select a, b from x") == [[1, "sortkey"]]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("select 1 as a, 2 as a", "a"),
        ("select * from (select 1 as a, 2 as A) q", "a"),
        ("select count(*), count(*) from (select 1) q", "count"),
        ("select 1 + 1, 2 + 2", "?column?"),
    ],
)
@pytest.mark.parametrize("kind", ["table", "temp table", "view"])
def test_a_table_takes_a_name_once(warehouse, kind, query, name):
    assert warehouse.error(f"create {kind} t as {query}") == f'ERROR: column name "{name}" is duplicated'


def test_a_table_of_a_query_may_name_its_columns(warehouse):
    warehouse.ok("create table t (a, b) as select 1 as x, 2 as x")
    assert warehouse.rows("select b, a from t") == [[2, 1]]


def test_a_primary_key_is_not_enforced_but_not_null_is(warehouse):
    warehouse.ok("create table x (a int primary key, b int unique)")
    warehouse.ok("insert into x values (1, 1), (1, 1)")
    assert "Cannot insert a NULL value into column a" in warehouse.error("insert into x values (null, 1)")


def test_a_text_longer_than_its_column_is_refused(warehouse):
    warehouse.ok("create table x (a varchar(3))")
    assert warehouse.error("insert into x values ('abcd')") == "ERROR: value too long for type character varying(3)"
    warehouse.ok("insert into x values ('abc')")


@pytest.mark.parametrize(
    "sql",
    [
        "create table x (a int identity(1, 1))",
        "create table x (a super)",
        "create table x (a int check (a > 0))",
        "create table x (like t)",
        "create external table x (a int)",
        "create procedure x() as $$ begin end $$ language plpgsql",
        "select 1 as a into x",
        "merge into t using t as u on t.a = u.a when matched then delete",
        "alter table t append from t",
        "show tables",
    ],
)
def test_what_has_no_counterpart_fails_aloud(warehouse, sql):
    warehouse.ok("create table t (a int)")
    assert warehouse.error(sql).startswith("ERROR: ")


def test_changes(warehouse):
    warehouse.ok("create table x (a int, b varchar(5))")
    assert warehouse.ok("insert into x (a) select 1 union all select 2 union all select 3")["ResultRows"] == 3
    assert warehouse.ok("update x set b = 'y' where a > 1")["ResultRows"] == 2
    assert warehouse.ok("delete from x where a = 3")["ResultRows"] == 1
    assert warehouse.ok("delete x where a = 2")["ResultRows"] == 1
    assert warehouse.rows("select a, b from x") == [[1, None]]
    warehouse.ok("truncate table x")
    assert warehouse.rows("select count(*) from x") == [[0]]


def test_changes_with_other_tables(warehouse):
    warehouse.ok("create table x as select 1 as a, 0 as b")
    warehouse.ok("create table y as select 1 as a, 7 as b")
    warehouse.ok("update x set b = y.b from y where x.a = y.a")
    assert warehouse.rows("select b from x") == [[7]]
    assert warehouse.ok("delete from x using y where x.a = y.a")["ResultRows"] == 1


def test_altering(warehouse):
    warehouse.ok("create table x (a int)")
    warehouse.ok("alter table x add column b varchar(5) default 'n'")
    warehouse.ok("alter table x rename column a to c")
    warehouse.ok("insert into x (c) values (1)")
    warehouse.ok("alter table x rename to y")
    assert warehouse.rows("select c, b from y") == [[1, "n"]]
    warehouse.ok("alter table y drop column b")
    assert warehouse.rows("select * from y") == [[1]]


def test_dropping_several(warehouse):
    warehouse.ok("create table x (a int)")
    warehouse.ok("create table y (a int)")
    warehouse.ok("drop table if exists x, nowhere, y cascade")
    assert "does not exist" in warehouse.error("select * from y")


def test_schemas(warehouse):
    warehouse.ok("create schema if not exists s")
    warehouse.ok("create table s.x as select 1 as a")
    assert warehouse.rows("select a from s.x") == [[1]]
    assert "does not exist" in warehouse.error("select a from x")
    warehouse.ok("drop schema s cascade")
    assert "does not exist" in warehouse.error("create table s.x (a int)")


def test_views(warehouse):
    warehouse.ok("create table x as select 7 as a")
    warehouse.ok("create or replace view v as select a, getdate() as now from x with no schema binding")
    assert warehouse.rows("select a from v") == [[7]]
    warehouse.ok("drop view v")


@pytest.mark.parametrize(
    "sql",
    ["analyze", "analyze t", "vacuum", "vacuum full t", "comment on table t is 'x'", "comment on column t.a is 'y'"],
)
def test_upkeep(warehouse, sql):
    warehouse.ok("create table t (a int)")
    warehouse.ok(sql)


def test_names_are_folded_even_in_quotes(warehouse):
    warehouse.ok('create table "Trips" ("PickUp" int)')
    assert warehouse.rows("select PICKUP from TRIPS") == []


def test_a_word_reserved_by_duckdb_only_can_be_a_name(warehouse):
    warehouse.ok("create table x (at int, summarize int, describe int)")
    assert warehouse.rows("select at, summarize, describe from x") == []


def test_explain_gives_a_plan(warehouse):
    warehouse.ok("create table t (a int)")
    identifier = warehouse.ok("explain select * from t")["Id"]
    page = warehouse.page(identifier)
    assert page["ColumnMetadata"][0]["name"] == "QUERY PLAN"
    assert page["TotalNumRows"] > 0


@pytest.mark.parametrize(
    "change",
    [
        "insert into x values ('ab  ', '')",
        "insert into x (b, a) values ('', 'ab   ')",
        "insert into x select b || '  ', '' from (select 'ab' as b) y",
        "insert into x select * from (select 'ab  ' as b, '' as c union all select 'ab ', '' limit 1) y",
        "insert into x values ('?', 'ab  '); update x set a = b",
    ],
)
def test_blanks_at_the_end_of_a_char_are_no_part_of_it(warehouse, change):
    """They fill the column anyway, and are not in its text."""
    warehouse.ok("create table x (a char(5), b varchar(5))")
    for statement in change.split("; "):
        warehouse.ok(statement)
    assert warehouse.rows("select a || ':', len(a) from x") == [["ab:", 2]]
