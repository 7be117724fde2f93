"""No SQL reaches the laptop's files, settings or Python, whoever sends it."""

import pytest


@pytest.fixture
def secret(shared):
    """A file beside the warehouse that no statement may read."""
    path = shared.folder / "secret.csv"
    path.write_text("a\nhidden\n")
    return path


@pytest.mark.parametrize(
    "sql",
    [
        "select * from read_csv('{path}')",
        "select * from read_text('{path}')",
        "select * from read_blob('{path}')",
        "select * from '{path}'",
        'select * from "{path}"',
        "select * from public.read_csv('{path}')",
        "select read_text('{path}')",
        "select '{path}'.read_text()",
        "select * from glob('{path}')",
        "select * from sniff_csv('{path}')",
        "select * from query('select 1')",
        "select * from query_table('{path}')",
        "select * from duckdb_settings()",
        "select * from duckdb_secrets()",
        "select * from range(5)",
        "select * from generate_series(1, 2)",
        "select * from information_schema.schemata",
        "select * from sqlite_master",
        "select * from redshift_catalog.users",
        "select * from main.users",
        "select getenv('HOME')",
        "select current_setting('memory_limit')",
        "select getvariable('x')",
        "create table x as select * from '{path}'",
        "create view x as select * from '{path}'",
        "insert into t select * from '{path}'",
        "with x as (select * from '{path}') select * from x",
        "copy t from '{path}' iam_role default csv",
        "copy t to '{path}'",
        "copy (select 1) to '{path}'",
        "attach '{path}' as x",
        "detach dev",
        "install httpfs",
        "load httpfs",
        "pragma database_list",
        "set memory_limit = '10GB'",
        "set enable_external_access = true",
        "reset memory_limit",
        "use main",
        "call pragma_version()",
        "export database '{path}'",
        "import database '{path}'",
        "checkpoint",
        "create macro f(x) as x",
        "create function f(x) as x",
        "create secret x (type s3)",
        "create type x as enum ('a')",
        "create sequence x",
        "drop schema redshift_catalog cascade",
        "drop schema main cascade",
        "create table redshift_catalog.x (a int)",
        "create table main.x (a int)",
        "create schema main",
        "alter table redshift_catalog.users add column x int",
        "truncate pg_user",
        "drop view pg_user",
        "describe t",
        "summarize t",
        "prepare x as select 1",
        "execute x",
        "vacuum; select 1",
        "select * from t; drop table t",
    ],
)
def test_refused(shared, secret, sql):
    shared.ok("create table if not exists t (a varchar(100))")
    try:
        described = shared.run(sql.format(path=secret))
    except Exception as refused:
        assert getattr(refused, "code", None) == "ValidationException"  # noqa: PT017  either way of refusing will do
    else:
        assert described["Status"] == "FAILED", described
        assert described["Error"].startswith("ERROR: ")
        assert "internal error" not in described["Error"]
    assert shared.rows("select count(*) from t") == [[0]]


def test_a_python_variable_is_not_a_table(shared):
    frame = [1, 2, 3]
    assert 'relation "frame" does not exist' in shared.error("select * from frame"), frame


def test_a_file_named_like_a_table_is_not_read(shared, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "trips.csv").write_text("a\n1\n")
    assert "does not exist" in shared.error('select * from "trips.csv"')
