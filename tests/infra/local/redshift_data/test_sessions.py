"""Sessions: temporary tables that stay, one statement at a time, and an end."""

import pytest

from infra.local.endpoint.awsjson import ServiceError

SLOW = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r"
OTHER = "arn:aws:iam::000000000000:user/other"


def opened(warehouse, sql="select 1", seconds=600, **members):
    return warehouse.ok(sql, SessionKeepAliveSeconds=seconds, **members)["SessionId"]


def refused(call, *arguments, **members):
    with pytest.raises(ServiceError) as error:
        call(*arguments, **members)
    return error.value.code


def test_a_temporary_table_stays_in_its_session(warehouse):
    session = opened(warehouse, "create temp table x as select 1 as a")
    assert warehouse.rows("select a from x", SessionId=session) == [[1]]
    assert 'relation "x" does not exist' in warehouse.error("select a from x")


def test_a_hash_makes_a_temporary_table(warehouse):
    session = opened(warehouse, "create table #x (a int)")
    warehouse.ok("insert into #x values (3)", SessionId=session)
    assert warehouse.rows("select a from #x", SessionId=session) == [[3]]


def test_a_transaction_spans_statements_of_a_session(warehouse):
    warehouse.ok("create table t (a int)")
    session = opened(warehouse, "begin")
    warehouse.ok("insert into t values (1)", SessionId=session)
    assert warehouse.rows("select count(*) from t") == [[0]]
    warehouse.ok("rollback", SessionId=session)
    assert warehouse.rows("select count(*) from t") == [[0]]


def test_a_busy_session_takes_no_second_statement(warehouse):
    session = opened(warehouse)
    running = warehouse.submit(SLOW, SessionId=session)
    assert refused(warehouse.submit, "select 1", SessionId=session) == "ValidationException"
    warehouse.call("CancelStatement", Id=running)
    assert warehouse.rows("select 1", SessionId=session) == [[1]]


def test_a_session_is_free_as_soon_as_its_statement_has_ended(warehouse):
    session = opened(warehouse)
    for number in range(20):
        assert warehouse.rows(f"select {number}", SessionId=session) == [[number]]


def test_a_session_closes_when_its_time_is_up(timed, clock):
    session = opened(timed, seconds=60)
    clock.now += 61
    assert refused(timed.submit, "select 1", SessionId=session) == "ResourceNotFoundException"
    assert [one["Status"] for one in timed.call("ListSessions", Status="CLOSED")["Sessions"]] == ["CLOSED"]


def test_each_statement_prolongs_the_session(timed, clock):
    session = opened(timed, seconds=60)
    clock.now += 50
    timed.ok("select 1", SessionId=session)
    clock.now += 50
    timed.ok("select 1", SessionId=session)


def test_no_session_outlives_a_day(timed, clock):
    session = opened(timed, seconds=86_400)
    running = timed.submit(SLOW, SessionId=session)
    clock.now += 86_401
    assert timed.described(running)["Status"] == "ABORTED"


def test_zero_seconds_close_the_session_with_its_statement(warehouse):
    session = opened(warehouse, seconds=0)
    assert refused(warehouse.submit, "select 1", SessionId=session) == "ResourceNotFoundException"


def test_sessions_are_listed(warehouse):
    session = opened(warehouse)
    running = warehouse.submit(SLOW, SessionId=session)
    [listed] = warehouse.call("ListSessions")["Sessions"]
    assert (listed["SessionId"], listed["Status"], listed["CurrentStatementId"]) == (session, "BUSY", running)
    assert (listed["DbUser"], listed["Database"], listed["SessionAliveSeconds"]) == ("IAM:admin", "dev", 600)
    assert warehouse.call("ListSessions", Status="AVAILABLE")["Sessions"] == []
    assert warehouse.call("ListSessions", SessionId=session)["Sessions"][0]["Status"] == "BUSY"


def test_a_session_belongs_to_its_role(warehouse):
    session = opened(warehouse)
    assert refused(warehouse.submit, "select 1", OTHER, SessionId=session) == "ResourceNotFoundException"
    assert warehouse.call("ListSessions", OTHER)["Sessions"] == []


def test_a_session_is_not_another_database(warehouse):
    session = opened(warehouse)
    assert refused(warehouse.submit, "select 1", SessionId=session, Database="other") == "ValidationException"


def test_a_session_id_excludes_other_filters(warehouse):
    session = opened(warehouse)
    assert refused(warehouse.call, "ListSessions", SessionId=session, Status="BUSY") == "ValidationException"


def test_too_many_sessions(warehouse):
    warehouse.limits.max_sessions = 1
    opened(warehouse)
    assert refused(warehouse.submit, "select 1", SessionKeepAliveSeconds=5) == "ActiveSessionsExceededException"
