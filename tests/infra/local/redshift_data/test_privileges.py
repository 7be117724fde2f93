"""Who may do what: the report user reads what it was granted, and nothing else."""

import shutil

import pytest

from infra.local.endpoint.awsjson import ServiceError
from tests.infra.local.redshift_data.conftest import Warehouse

REPORTER = {"DbUser": "reporter"}
SETUP = (
    "create table trips (a int)",
    "create table wages (a int)",
    "insert into trips values (1)",
    "insert into wages values (2)",
    "create user reporter password disable",
    "grant usage on schema public to reporter",
    "grant select on trips to reporter",
)


@pytest.fixture(scope="module")
def granted_file(tmp_path_factory, empty):
    """The file of a warehouse whose user `reporter` may read `trips` but not `wages`."""
    folder = tmp_path_factory.mktemp("granted")
    shutil.copy(empty, folder)
    warehouse = Warehouse(folder)
    for sql in SETUP:
        warehouse.ok(sql)
    warehouse.service.close()
    return folder / empty.name


@pytest.fixture
def granted(tmp_path, granted_file):
    """That warehouse, for a test that changes it."""
    shutil.copy(granted_file, tmp_path)
    warehouse = Warehouse(tmp_path)
    yield warehouse
    warehouse.service.close()


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory, granted_file):
    """That warehouse, for all tests whose statements are refused or only read."""
    folder = tmp_path_factory.mktemp("unchanged")
    shutil.copy(granted_file, folder)
    warehouse = Warehouse(folder)
    yield warehouse
    warehouse.service.close()


def test_what_was_granted_can_be_read(unchanged):
    assert unchanged.rows("select a from trips", **REPORTER) == [[1]]


@pytest.mark.parametrize(
    "sql",
    [
        "select * from wages",
        "select * from public.wages",
        'select * from "WAGES"',
        "select * from dev.public.wages",
        "select (select max(a) from wages) from trips",
        "with x as (select * from wages) select * from x",
        "with wages as (select * from wages) select * from wages",
        "select * from trips where a in (select a from wages)",
        "select 1 from trips union all select a from wages",
        "select * from trips join wages on true",
        "select * from (select * from wages) as x",
        "select exists (select 1 from wages)",
        "explain select * from wages",
        "create temp table x as select * from wages",
        "select * from trips, (with y as (select a from wages) select a from y) as z",
    ],
)
def test_what_was_not_granted_cannot_be_read_in_any_way(unchanged, sql):
    assert unchanged.error(sql, **REPORTER) == "ERROR: permission denied for relation wages"


def test_a_with_name_hides_a_table_only_where_it_is_in_scope(unchanged):
    sql = "select (with wages as (select 7 as a) select a from wages) as a, (select max(a) from wages) as b"
    assert unchanged.error(sql, **REPORTER) == "ERROR: permission denied for relation wages"
    assert unchanged.rows("with wages as (select 7 as a) select a from wages", **REPORTER) == [[7]]


@pytest.mark.parametrize(
    "sql",
    [
        "insert into trips values (1)",
        "update trips set a = 2",
        "delete from trips",
        "delete trips",
        "copy trips from 's3://b/x' iam_role default csv",
    ],
)
def test_reading_does_not_include_changing(unchanged, sql):
    assert unchanged.error(sql, **REPORTER) == "ERROR: permission denied for relation trips"
    assert unchanged.rows("select count(*), max(a) from trips") == [[1, 1]]


@pytest.mark.parametrize(
    "sql",
    [
        "create table x (a int)",
        "create table x as select 1 as a",
        "create view x as select 1 as a",
        "drop table trips",
        "drop table if exists trips",
        "truncate trips",
        "alter table trips add column b int",
        "alter table trips rename to x",
        "comment on table trips is 'x'",
        "create schema x",
        "drop schema public",
        "create user x password disable",
        "alter user reporter createuser",
        "drop user reporter",
        "create group x",
        "grant select on wages to reporter",
        "revoke select on trips from reporter",
        "insert into pg_user values ('x')",
        "delete from pg_catalog.pg_user",
    ],
)
def test_reading_does_not_include_administration(unchanged, sql):
    error = unchanged.error(sql, **REPORTER)
    assert error.startswith(("ERROR: permission denied", "ERROR: must be superuser")), error


def test_a_reader_may_have_temporary_tables_of_its_own(unchanged):
    session = unchanged.ok("create temp table mine as select a from trips", SessionKeepAliveSeconds=60, **REPORTER)[
        "SessionId"
    ]
    unchanged.ok("insert into mine values (5)", SessionId=session)
    assert unchanged.rows("select sum(a) from mine", SessionId=session) == [[6]]


@pytest.mark.parametrize("word", ["temp", "TEMPORARY"])
def test_temporary_tables_need_the_right_to_make_them(granted, word):
    denied = "ERROR: permission denied to create temporary tables in database dev"
    granted.ok("revoke temp on database dev from public")
    assert granted.error("create temp table x as select a from trips", **REPORTER) == denied
    assert granted.error("create table #x (a int)", **REPORTER) == denied
    granted.ok(f"grant {word} on database dev to reporter")
    granted.ok("create temp table x as select a from trips", **REPORTER)


def test_what_was_taken_from_everyone_stays_taken_after_a_restart(granted):
    granted.ok("revoke temp on database dev from public")
    granted.service.close()
    granted.__post_init__()
    assert "create temporary tables" in granted.error("create temp table x as select 1 as a", **REPORTER)


@pytest.mark.parametrize("what", ["temp on database other", "create on database dev", "select on database dev"])
def test_no_other_right_on_a_database(unchanged, what):
    error = unchanged.error(f"grant {what} to reporter")
    assert error.startswith(("ERROR: database", "ERROR: invalid privilege type")), error


def test_an_unknown_user_cannot_do_anything(unchanged):
    assert unchanged.error("select 1", DbUser="nobody") == 'FATAL: user "nobody" does not exist'


def test_a_role_without_grants_reads_nothing(granted):
    role = "arn:aws:sts::000000000000:assumed-role/ReportRole/function"
    assert granted.error("select * from trips", role) == "ERROR: permission denied for relation trips"
    granted.ok('grant select on trips to "IAMR:ReportRole"')
    assert granted.rows("select current_user, a from trips", role) == [["iamr:reportrole", 1]]


def test_names_of_users_are_in_lower_case(granted):
    """In quotes or not, those that IAM derives as well: `CREATE USER` of another spelling is one that is there."""
    granted.ok('create user "IAMR:ReportRole" password disable')
    assert granted.rows("select usename from pg_user where usename ilike 'iamr:%'") == [["iamr:reportrole"]]
    assert granted.rows("select usename from pg_user where usename = 'IAMR:ReportRole'") == []
    for spelling in ('"IAMR:ReportRole"', '"iamr:reportrole"'):
        assert granted.error(f"create user {spelling} password disable") == (
            'ERROR: user "iamr:reportrole" already exists'
        )


@pytest.mark.parametrize("spelling", ['"IAMR:ReportRole"', '"iamr:reportrole"'])
def test_a_right_is_of_its_user_however_that_is_spelled(granted, spelling):
    role = "arn:aws:sts::000000000000:assumed-role/ReportRole/function"
    granted.ok('create user "IAMR:ReportRole" password disable')
    granted.ok(f"grant select on trips to {spelling}")
    assert granted.rows("select a from trips", role) == [[1]]
    granted.ok(f"alter user {spelling} createuser")
    granted.ok("select * from wages", role)
    granted.ok(f"create group readers with user {spelling}")
    granted.ok(f"revoke select on trips from {spelling}")
    granted.ok(f"drop user {spelling}")


@pytest.mark.parametrize("name", ["Reporter", "1st", "_reporter", "IAMR:ReportRole", "re porter", "r" * 128])
def test_nobody_signs_in_under_a_name_that_is_not_in_lower_case(unchanged, name):
    with pytest.raises(ServiceError, match="DbUser parameter must be lowercase, begin with a letter") as refused:
        unchanged.submit("select 1", DbUser=name)
    assert refused.value.code == "ValidationException"


def test_the_administrator_does_everything(granted):
    granted.ok("drop table wages", DbUser="awsuser")


def test_all_tables_of_a_schema_are_those_of_the_moment(granted):
    granted.ok("grant select on all tables in schema public to reporter")
    granted.ok("select * from wages", **REPORTER)
    granted.ok("create table later (a int)")
    assert granted.error("select * from later", **REPORTER) == "ERROR: permission denied for relation later"


def test_a_revoked_privilege_is_gone(granted):
    granted.ok("revoke all on table trips from reporter")
    assert granted.error("select * from trips", **REPORTER) == "ERROR: permission denied for relation trips"


def test_a_dropped_table_takes_its_grants_along(granted):
    granted.ok("drop table trips")
    granted.ok("create table trips (a int)")
    assert granted.error("select * from trips", **REPORTER) == "ERROR: permission denied for relation trips"


def test_a_renamed_table_keeps_its_grants(granted):
    granted.ok("alter table trips rename to rides")
    assert granted.rows("select a from rides", **REPORTER) == [[1]]


def test_a_group_and_public_hold_privileges(granted):
    granted.ok("create group readers with user reporter")
    granted.ok("grant select on wages to group readers")
    assert granted.rows("select a from wages", **REPORTER) == [[2]]
    granted.ok("alter group readers drop user reporter")
    assert granted.error("select a from wages", **REPORTER) == "ERROR: permission denied for relation wages"
    granted.ok("grant select on wages to public")
    assert granted.rows("select a from wages", **REPORTER) == [[2]]


def test_a_schema_needs_usage(granted):
    granted.ok("create schema private")
    granted.ok("create table private.x as select 1 as a")
    granted.ok("grant select on private.x to reporter")
    assert granted.error("select * from private.x", **REPORTER) == "ERROR: permission denied for schema private"
    granted.ok("grant usage on schema private to reporter")
    assert granted.rows("select a from private.x", **REPORTER) == [[1]]


def test_a_view_is_read_with_its_owners_rights(granted):
    granted.ok("create view totals as select sum(a) as total from wages")
    assert granted.error("select * from totals", **REPORTER) == "ERROR: permission denied for relation totals"
    granted.ok("grant select on totals to reporter")
    assert granted.rows("select total from totals", **REPORTER) == [[2]]


def test_insert_can_be_granted(granted):
    granted.ok("grant insert on trips to reporter")
    granted.ok("insert into trips values (9)", **REPORTER)
    assert granted.error("insert into trips select a from wages", **REPORTER).endswith("relation wages")


def test_users_are_listed(unchanged):
    found = unchanged.rows("select usename, usesuper from pg_user where usename in ('awsuser', 'reporter') order by 1")
    assert found == [["awsuser", True], ["reporter", False]]


def test_users_and_grants_survive_a_restart(tmp_path, granted):
    granted.service.close()
    again = type(granted)(tmp_path)
    assert again.rows("select a from trips", **REPORTER) == [[1]]
    assert again.error("select a from wages", **REPORTER).endswith("relation wages")
    again.service.close()


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("create user reporter password disable", 'ERROR: user "reporter" already exists'),
        ("drop user nobody", 'ERROR: user "nobody" does not exist'),
        ("drop user reporter", 'ERROR: user "reporter" cannot be dropped because some objects depend on it'),
        ("grant select on trips to nobody", 'ERROR: user "nobody" does not exist'),
        ("grant select on trips to group nobody", 'ERROR: group "nobody" does not exist'),
        ("grant select on nowhere to reporter", 'ERROR: relation "nowhere" does not exist'),
        ("grant usage on trips to reporter", "ERROR: invalid privilege type USAGE for this object"),
        ("grant select on trips to", 'ERROR: syntax error at or near "end of input"'),
        ("grant select on trips to role x", "ERROR: a grant to a role exists on Redshift; the laptop cannot run it"),
        ("create user x nonsense", 'ERROR: syntax error at or near "nonsense"'),
    ],
)
def test_errors_of_administration(unchanged, sql, error):
    assert unchanged.error(sql) == error


@pytest.mark.parametrize(
    "sql",
    [
        "create user x with password 'Secret1' createdb nocreateuser valid until '2030-01-01' connection limit 5",
        "drop user if exists nobody",
        "alter user reporter password disable",
        "revoke create on schema public from public",
    ],
)
def test_what_else_is_understood(granted, sql):
    granted.ok(sql)
