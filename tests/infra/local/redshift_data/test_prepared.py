"""A query that was translated before: what it says of tables holds only as long as they stay as they are."""

import pytest

from infra.warehouse.statements.execution_context import ExecutionContext
from tests.infra.local.redshift_data.conftest import SLOW, TARGET


def test_a_query_run_again_sees_the_tables_as_they_are(warehouse):
    warehouse.ok("create table t as select 1 as a")
    assert warehouse.rows("select * from t") == [[1]]
    warehouse.ok("drop table t")
    warehouse.ok("create table t as select 'x' as b, 2 as a")
    assert warehouse.rows("select * from t") == [["x", 2]]
    warehouse.ok("drop table t")
    assert 'relation "t" does not exist' in warehouse.error("select * from t")


@pytest.fixture
def readable(warehouse):
    """A table that `ana` may read by a grant of her own, and `ben` by one of his group; both have read it."""
    for sql in (
        "create table t as select 1 as a",
        "create user ana password disable",
        "create user ben password disable",
        "create group readers with user ben",
        "grant select on t to ana",
        "grant select on t to group readers",
    ):
        warehouse.ok(sql)
    for user in ("ana", "ben"):
        assert warehouse.rows("select * from t", DbUser=user) == [[1]]
    return warehouse


def test_a_query_run_again_reads_no_rights(readable, monkeypatch):
    monkeypatch.delattr(ExecutionContext, "rights")
    assert readable.rows("select * from t", DbUser="ana") == [[1]]


@pytest.mark.parametrize(
    ("user", "change"),
    [
        ("ana", "revoke select on t from ana"),
        ("ben", "revoke select on t from group readers"),
        ("ben", "alter group readers drop user ben"),
        ("ben", "drop group readers"),
        ("ana", "revoke usage on schema public from public"),
    ],
)
def test_rights_taken_away_are_missing_to_a_query_run_before(readable, user, change):
    readable.ok(change)
    assert "permission denied" in readable.error("select * from t", DbUser=user)


def test_a_dropped_user_cannot_run_again_what_he_ran_before(readable):
    readable.ok("drop user ben")
    assert 'user "ben" does not exist' in readable.error("select * from t", DbUser="ben")


def test_grants_on_a_dropped_table_are_none_on_the_next_of_its_name(readable):
    readable.ok("drop table t")
    readable.ok("create table t as select 2 as a")
    assert "permission denied" in readable.error("select * from t", DbUser="ana")


def test_a_batch_that_makes_a_table_anew_takes_its_grants(readable):
    assert readable.batch("drop table t", "create table t as select 2 as a")["Status"] == "FINISHED"
    assert "permission denied" in readable.error("select * from t", DbUser="ana")


def test_a_batch_rolled_back_takes_no_rights(readable):
    assert readable.batch("revoke select on t from ana", "select nope")["Status"] == "FAILED"
    assert readable.rows("select * from t", DbUser="ana") == [[1]]


def test_what_a_statement_of_a_running_batch_took_away_is_missing_at_once(readable):
    request = {"Sqls": ["revoke select on t from ana", SLOW], "ExecutionMode": "AUTO_COMMIT", **TARGET}
    identifier = readable.call("BatchExecuteStatement", **request)["Id"]
    readable.started(f"{identifier}:2")
    assert "permission denied" in readable.error("select * from t", DbUser="ana")
    readable.call("CancelStatement", Id=identifier)


def test_what_a_session_revokes_holds_from_its_commit_on(readable):
    identifier = readable.submit("begin", SessionKeepAliveSeconds=60)
    session = readable.described(identifier)["SessionId"]
    readable.ok("revoke select on t from ana", SessionId=session)
    assert readable.rows("select * from t", DbUser="ana") == [[1]]
    readable.ok("commit", SessionId=session)
    assert "permission denied" in readable.error("select * from t", DbUser="ana")


def test_what_a_session_commits_is_seen_by_a_query_run_before(warehouse):
    warehouse.ok("create table t as select 1 as a")
    identifier = warehouse.submit("begin", SessionKeepAliveSeconds=60)
    session = warehouse.described(identifier)["SessionId"]
    warehouse.ok("alter table t add column b varchar(5) default 'n'", SessionId=session)
    assert warehouse.rows("select * from t") == [[1]]
    warehouse.ok("commit", SessionId=session)
    assert warehouse.rows("select * from t") == [[1, "n"]]


@pytest.mark.parametrize("value", ["1", "2"])
def test_each_value_has_a_query_of_its_own(shared, value):
    for _ in range(2):
        found = shared.rows("select :n + 1", Parameters=[{"name": "n", "value": value}])
        assert found == [[int(value) + 1]]


def test_a_sessions_own_table_hides_another_of_its_name(warehouse):
    warehouse.ok("create table t as select 1 as a")
    assert warehouse.rows("select a from t") == [[1]]
    identifier = warehouse.submit("create temp table t as select 2 as a", SessionKeepAliveSeconds=60)
    session = warehouse.described(identifier)["SessionId"]
    assert warehouse.rows("select a from t", SessionId=session) == [[2]]
    assert warehouse.rows("select a from t") == [[1]]
