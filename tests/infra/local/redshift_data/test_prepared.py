"""A query that was translated before: what it says of tables holds only as long as they stay as they are."""

import pytest


def test_a_query_run_again_sees_the_tables_as_they_are(warehouse):
    warehouse.ok("create table t as select 1 as a")
    assert warehouse.rows("select * from t") == [[1]]
    warehouse.ok("drop table t")
    warehouse.ok("create table t as select 'x' as b, 2 as a")
    assert warehouse.rows("select * from t") == [["x", 2]]
    warehouse.ok("drop table t")
    assert 'relation "t" does not exist' in warehouse.error("select * from t")


def test_a_query_run_again_asks_for_its_users_rights_again(warehouse):
    warehouse.ok("create table t as select 1 as a")
    warehouse.ok("create user ana password disable")
    warehouse.ok("grant select on t to ana")
    assert warehouse.rows("select * from t", DbUser="ana") == [[1]]
    warehouse.ok("revoke select on t from ana")
    assert "permission denied" in warehouse.error("select * from t", DbUser="ana")


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
