"""CancelStatement stops DuckDB, and only what has not ended."""

import contextlib
import threading

import duckdb
import pytest

from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data.execution.runner import Runner

SLOW = "with recursive r(n) as (select 1 union all select n + 1 from r where n < 1000000000) select count(*) from r"
JOIN = "select count(*) from (select a.n + b.n as x from big as a, big as b) as s where x = 7"


def test_a_running_statement_is_aborted(warehouse):
    identifier = warehouse.submit(SLOW)
    warehouse.started(identifier)
    assert warehouse.call("CancelStatement", Id=identifier) == {"Status": True}
    assert warehouse.described(identifier)["Status"] == "ABORTED"


def test_a_big_join_is_aborted(warehouse):
    warehouse.ok(f"create table big as {SLOW.replace('1000000000', '100000').replace('count(*)', 'n')}")
    identifier = warehouse.submit(JOIN)
    warehouse.started(identifier)
    warehouse.call("CancelStatement", Id=identifier)
    assert warehouse.described(identifier)["Status"] == "ABORTED"


def test_a_waiting_statement_is_aborted_before_it_runs(warehouse):
    running = [warehouse.submit(SLOW) for _ in range(16)]
    for identifier in running:
        warehouse.started(identifier)
    waiting = warehouse.submit("select 1", WithEvent=True)
    warehouse.call("CancelStatement", Id=waiting)
    assert warehouse.described(waiting)["Status"] == "ABORTED"


def test_a_writer_that_waits_for_another_is_aborted(warehouse):
    warehouse.ok("create table t (a int)")
    first = warehouse.submit(f"insert into t {SLOW}")
    warehouse.started(first)
    second = warehouse.submit("insert into t values (1)")
    warehouse.call("CancelStatement", Id=second)
    warehouse.call("CancelStatement", Id=first)
    assert warehouse.rows("select count(*) from t") == [[0]]


def test_a_batch_is_aborted_as_a_whole(warehouse):
    identifier = warehouse.call(
        "BatchExecuteStatement",
        Sqls=["create table t (a int)", SLOW, "select 1"],
        ClusterIdentifier="c",
        Database="dev",
    )["Id"]
    warehouse.started(identifier)
    warehouse.call("CancelStatement", Id=identifier)
    described = warehouse.described(identifier)
    assert described["Status"] == "ABORTED"
    assert [part["Status"] for part in described["SubStatements"]][1:] == ["ABORTED", "ABORTED"]
    assert 'relation "t" does not exist' in warehouse.error("select * from t")


def test_a_cancel_that_meets_no_part_of_a_batch_aborts_it(warehouse, monkeypatch):
    """But its BEGIN: it failed with an internal error."""

    def interrupted(*_):
        raise duckdb.InterruptException("INTERRUPT Error: Interrupted!")

    monkeypatch.setattr(Runner, "_run_parts", interrupted)
    described = warehouse.run("select 1")
    assert (described["Status"], described["Error"]) == ("ABORTED", "ERROR: Query cancelled on user's request")


@pytest.mark.parametrize(("sql", "status"), [("select 1", "FINISHED"), ("select nope", "FAILED")])
def test_what_has_ended_cannot_be_cancelled(warehouse, sql, status):
    identifier = warehouse.run(sql)["Id"]
    with pytest.raises(ServiceError) as refused:
        warehouse.call("CancelStatement", Id=identifier)
    assert refused.value.code == "ValidationException"
    assert refused.value.message == f"Could not cancel a query that is already in {status} state, ID: {identifier}"


def test_an_aborted_statement_leaves_its_neighbours_alone(warehouse):
    first, second = warehouse.submit(SLOW), warehouse.submit(SLOW)
    warehouse.started(first)
    warehouse.started(second)
    warehouse.call("CancelStatement", Id=first)
    assert warehouse.call("DescribeStatement", Id=second)["Status"] == "STARTED"


def test_cancels_and_ends_may_race(warehouse):
    """Whoever wins, the status is final and the connection stays usable."""

    def race() -> None:
        identifier = warehouse.submit("select count(*) from svv_tables")
        with contextlib.suppress(ServiceError):  # it may have ended already
            warehouse.call("CancelStatement", Id=identifier)
        assert warehouse.described(identifier)["Status"] in ("ABORTED", "FINISHED")

    threads = [threading.Thread(target=race) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert warehouse.rows("select 1") == [[1]]
