"""What events did not tell: ends that were not heard, limits, subscribers nobody would find, statements for nobody."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.errors import RunNotFound, Timeout
from backend_lambdas.handlers import reconcile
from backend_lambdas.handlers.reconcile import PAUSE_SECONDS, Unreconciled
from backend_lambdas.runs.run_service import LATE_SECONDS
from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, GRACE_SECONDS, RUNNING, RunState
from backend_lambdas.sockets.connections import WAITING_KEYS
from tests.backend_lambdas.lambda_fakes import REPORT, SUBMITTING, FakeClock, Interrupted, Statement, World, report

pytestmark = pytest.mark.usefixtures("fake_clock")

TIMEOUT = 60
"""Of the report that is asked for, in seconds."""

STRAY = 60
"""How long a statement may go on after its run was given up, in seconds."""

MINUTE = 60
"""How long the function may take, in seconds."""

STATES = [("FINISHED", "finished"), ("FAILED", "failed"), ("ABORTED", "cancelled")]


def run_of(world: World) -> RunState:
    """The only query's latest attempt."""
    run = world.runs.get(world.spec().key)
    assert run is not None
    return run


def look_for_a_minute(world: World, fake_clock: FakeClock) -> None:
    end = fake_clock.now() + MINUTE * 1000
    world.reconciler_over().reconcile(lambda: (end - fake_clock.now()) / 1000)


# ------------------------------------------------------------------------------------- ends that were not heard


@pytest.mark.parametrize(("state", "kind"), STATES)
def test_an_end_whose_event_was_lost_is_told(world: World, fake_clock: FakeClock, state: str, kind: str) -> None:
    """As the event would have told it, to everybody who waits."""
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    world.data_api.only.status = state
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    for connection_id in ("ann=", "bob="):
        assert world.gateway.types(connection_id) == ["accepted", kind]
    assert world.subscribers() == []
    assert run_of(world).status == kind
    assert world.items("slots#")[0].get("attempts") is None


def test_rows_whose_event_was_lost_can_be_read(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    finished = world.gateway.notified("ann=")[-1]
    assert (finished["rows"], finished["asOf"], finished["cached"]) == (31, "2033-05-18T03:33:20Z", False)
    assert world.runs.statement(world.data_api.only.id) is not None
    world.request_run("bob=")
    assert world.gateway.types("bob=") == ["accepted", "finished"], "they are as fresh as any"


def test_an_event_that_comes_after_all_tells_nobody_twice(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    world.complete()
    assert world.gateway.types("ann=") == ["accepted", "finished"]


def test_a_statement_that_is_kept_no_longer_has_failed(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.data_api.statements.clear()
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    assert world.gateway.notified("ann=")[-1]["code"] == "sql_error"


def test_a_young_run_is_not_looked_at(world: World, fake_clock: FakeClock) -> None:
    """Its event is on its way."""
    world.request_run("ann=")
    world.data_api.only.status = "FINISHED"
    fake_clock.milliseconds += LATE_SECONDS * 1000 - 1
    world.reconcile()
    assert world.data_api.requests("DescribeStatement") == []
    assert world.gateway.types("ann=") == ["accepted"]


def test_a_run_within_its_limit_goes_on(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    fake_clock.milliseconds += TIMEOUT * 1000 - 1
    world.reconcile()
    assert len(world.data_api.requests("DescribeStatement")) == 1
    assert world.gateway.types("ann=") == ["accepted"]
    assert world.data_api.only.status == "STARTED"
    assert run_of(world).status == RUNNING


def test_a_run_that_many_wait_for_is_looked_at_once(world: World, fake_clock: FakeClock) -> None:
    for number in range(10):
        world.request_run(f"c{number}=")
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    assert len(world.data_api.requests("DescribeStatement")) == 1


@pytest.mark.parametrize(("state", "kind"), STATES)
def test_subscribers_of_a_run_that_is_recorded_to_have_ended_are_told(
    world: World, fake_clock: FakeClock, state: str, kind: str
) -> None:
    """The function of the event died in between, after all its retries."""
    world.request_run("ann=")
    world.gateway.throttled = {"ann="}
    with pytest.raises(RuntimeError):
        world.complete(state=state)
    world.gateway.throttled = set()
    assert run_of(world).status == kind
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    assert world.gateway.types("ann=")[-1] == kind
    assert world.subscribers() == []


def test_a_subscriber_that_has_gone_is_forgotten(world: World, fake_clock: FakeClock) -> None:
    """`$disconnect` may never come."""
    world.connect("ann=")
    world.request_run("ann=")
    world.gateway.gone = {"ann="}
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    assert world.subscribers() == []
    assert world.connections.principal("ann=") is None


# ------------------------------------------------------------------------------------------------------- limits


def test_a_run_over_its_limit_is_told_timeout_and_cancelled(world: World, fake_clock: FakeClock) -> None:
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    fake_clock.forward(TIMEOUT)
    world.reconcile()
    for connection_id in ("ann=", "bob="):
        failed = world.gateway.notified(connection_id)[-1]
        assert (failed["type"], failed["code"], failed["message"]) == ("failed", "timeout", Timeout.sentence)
    assert world.data_api.only.status == "ABORTED"
    assert (run_of(world).status, run_of(world).code) == (FAILED, "timeout")
    assert world.subscribers() == []
    assert all("attempts" not in item for item in world.items("slots#"))


def test_nobody_can_join_what_is_cancelled_for_its_limit(world: World, fake_clock: FakeClock) -> None:
    """It has ended in the table before it is cancelled in the warehouse: who asks then has a statement of his own."""
    world.request_run("ann=")
    seen: list[str] = []

    def look_around(_: Statement) -> None:
        world.data_api.during.clear()
        seen.append(run_of(world).status)
        world.request_run("bob=", refresh=True)

    world.data_api.during["CancelStatement"] = look_around
    fake_clock.forward(TIMEOUT)
    world.reconcile()
    assert seen == [FAILED]
    assert [statement.status for statement in world.data_api.statements.values()] == ["ABORTED", "STARTED"]
    assert world.gateway.types("bob=") == ["accepted"]


def test_the_event_of_what_was_cancelled_for_its_limit_tells_nobody(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    fake_clock.forward(TIMEOUT)
    world.reconcile()
    world.complete(state="ABORTED")
    assert world.gateway.types("ann=") == ["accepted", "failed"]
    assert (run_of(world).status, run_of(world).code) == (FAILED, "timeout")


def test_a_run_that_ended_just_before_its_limit_has_its_rows(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(TIMEOUT)
    world.reconcile()
    assert world.gateway.types("ann=") == ["accepted", "finished"]
    assert world.data_api.requests("CancelStatement") == []


def test_a_run_over_its_limit_that_nobody_waits_for_is_stopped(world: World, fake_clock: FakeClock) -> None:
    """All have closed their pages; the warehouse would go on for a day."""
    world.request_run("ann=")
    world.connections.remove("ann=")
    fake_clock.milliseconds += TIMEOUT * 1000 - 1
    world.reconcile()
    assert world.data_api.only.status == "STARTED", "within its limit it may come to be of use"
    fake_clock.milliseconds += 1
    world.reconcile()
    assert world.data_api.only.status == "ABORTED"
    assert run_of(world).status == FAILED


def test_a_run_over_its_limit_is_cancelled_though_somebody_cannot_be_told(world: World, fake_clock: FakeClock) -> None:
    """Who could not be told is told by the next look."""
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    world.gateway.throttled = {"ann="}
    fake_clock.forward(TIMEOUT)
    with pytest.raises(Unreconciled):
        world.reconcile()
    assert world.data_api.only.status == "ABORTED"
    assert world.gateway.types("bob=") == ["accepted", "failed"]
    world.gateway.throttled = set()
    world.reconcile()
    assert world.gateway.notified("ann=")[-1]["code"] == "timeout"
    assert world.gateway.types("bob=") == ["accepted", "failed"]


def test_a_run_over_its_limit_that_was_never_submitted_is_told(world: World, fake_clock: FakeClock) -> None:
    run, _ = world.runs.claim(world.spec(), "sub", refresh=False)
    world.connections.add_subscriber(world.requester("ann=").subscriber_of(run, "run-1", "revenue", run.started_at))
    fake_clock.forward(TIMEOUT)
    world.reconcile()
    assert world.gateway.notified("ann=")[-1]["code"] == "timeout"
    assert world.data_api.statements == {}


@pytest.mark.parametrize("timeout", [30, 60, 300])
def test_a_limit_is_kept_to_a_quarter_of_a_minute(world: World, fake_clock: FakeClock, timeout: int) -> None:
    world.report = report(REPORT.replace("60s", f"{timeout}s"))
    start = fake_clock.now()
    world.request_run("ann=")
    fake_clock.forward(7)
    while world.gateway.types("ann=") == ["accepted"]:
        began = fake_clock.now()
        look_for_a_minute(world, fake_clock)
        fake_clock.milliseconds = began + MINUTE * 1000
        assert fake_clock.now() < start + (timeout + 120) * 1000, "the limit has long been over"
    ended_after = (run_of(world).ended_at - start) / 1000
    assert timeout <= ended_after <= timeout + PAUSE_SECONDS


# ----------------------------------------------------------------------------- subscribers of what is there no more


@pytest.fixture
def superseded(world: World, fake_clock: FakeClock) -> World:
    """Ann waits for an attempt whose place Bob's took after its deadline."""
    world.request_run("ann=")
    fake_clock.forward(TIMEOUT + GRACE_SECONDS + 1)
    world.request_run("bob=")
    return world


def newest(world: World) -> Statement:
    return list(world.data_api.statements.values())[-1]


def test_who_waits_for_a_superseded_attempt_waits_for_the_newest(superseded: World) -> None:
    superseded.reconcile()
    assert superseded.gateway.types("ann=") == ["accepted"]
    assert {
        subscriber.connection_id for subscriber in superseded.connections.subscribers(run_of(superseded).attempt)
    } == {
        "ann=",
        "bob=",
    }
    assert superseded.subscribers() == ["ann=", "bob="], "each of them once"
    superseded.complete(newest(superseded))
    assert superseded.gateway.types("ann=") == ["accepted", "finished"]
    assert superseded.gateway.notified("ann=")[-1]["statementId"] == newest(superseded).id


def test_who_was_brought_to_the_newest_attempt_can_cancel_his_wait(superseded: World) -> None:
    superseded.reconcile()
    assert superseded.cancel("ann=")
    assert superseded.gateway.types("ann=") == ["accepted", "cancelled"]
    assert superseded.subscribers() == ["bob="]


@pytest.mark.parametrize(("state", "kind"), STATES[:2])
def test_who_waits_for_a_superseded_attempt_is_told_how_the_newest_ended(
    superseded: World, state: str, kind: str
) -> None:
    superseded.complete(newest(superseded), state)
    assert superseded.gateway.types("ann=") == ["accepted"]
    superseded.reconcile()
    assert superseded.gateway.types("ann=") == ["accepted", kind]
    assert superseded.subscribers() == []


def test_who_waits_for_a_superseded_attempt_has_lost_what_others_cancelled(superseded: World) -> None:
    """It was not he who cancelled."""
    superseded.cancel("bob=")
    superseded.reconcile()
    failed = superseded.gateway.notified("ann=")[-1]
    assert (failed["type"], failed["code"]) == ("failed", "expired")


def test_who_waits_for_a_forgotten_run_is_told(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.db.delete_item(TableName=world.table, Key={name: world.run_item()[name] for name in ("pk", "sk")})
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    failed = world.gateway.notified("ann=")[-1]
    assert (failed["type"], failed["code"], failed["message"]) == ("failed", "expired", RunNotFound.sentence)
    assert failed["topicName"] == "topic of ann="
    assert world.subscribers() == []


# ---------------------------------------------------------------------------------------- statements for nobody


def test_a_statement_of_an_unknown_run_is_cancelled(world: World) -> None:
    world.request_run("ann=")
    world.db.delete_item(TableName=world.table, Key={name: world.run_item()[name] for name in ("pk", "sk")})
    world.reconcile()
    assert world.data_api.only.status == "ABORTED"


def test_the_statement_of_a_superseded_attempt_is_cancelled(superseded: World) -> None:
    """But not the one that took its place."""
    superseded.reconcile()
    assert [statement.status for statement in superseded.data_api.statements.values()] == ["ABORTED", "STARTED"]


@pytest.mark.parametrize("status", [CANCELLED, FAILED])
def test_the_statement_of_a_run_that_was_given_up_long_ago_is_cancelled(
    world: World, fake_clock: FakeClock, status: str
) -> None:
    """The cancel did not get through, or its function died before it."""
    world.request_run("ann=")
    world.connections.remove("ann=")
    world.runs.abort(run_of(world), status)
    fake_clock.milliseconds += STRAY * 1000 - 1
    world.reconcile()
    assert world.data_api.only.status == "STARTED", "somebody may have joined, and the cancel be taken back"
    fake_clock.milliseconds += 1
    world.reconcile()
    assert world.data_api.only.status == "ABORTED"


def test_a_run_whose_cancel_is_about_to_be_taken_back_is_left_alone(world: World) -> None:
    """Bob joins just before the cancel is noted; the reconciler looks just after, before the canceller sees him."""
    seen: list[str] = []
    noting_the_cancel = 7

    def inspect() -> None:
        seen.append(run_of(world).status)
        world.reconcile()

    def interrupted(client: Any) -> Interrupted:
        joined = Interrupted(client, noting_the_cancel, lambda: world.request_run("bob="), joining)
        return Interrupted(joined, noting_the_cancel + 1, inspect, looking)

    joining, looking = [0], [0]
    world.request_run("ann=")
    world.cancel("ann=", service=world.service_over(interrupted))
    assert seen == [CANCELLED]
    assert world.data_api.only.status == "STARTED"
    world.complete()
    assert world.gateway.types("bob=")[-1] == "finished"


def test_a_statement_of_a_running_run_is_left_alone(world: World) -> None:
    world.request_run("ann=")
    world.reconcile()
    assert world.data_api.requests("CancelStatement") == []


def test_a_statement_that_waits_in_the_warehouse_is_a_stray_as_well(world: World, fake_clock: FakeClock) -> None:
    """It is no less to be listed than one that has begun, though it cannot be cancelled yet."""
    world.request_run("ann=")
    world.data_api.only.status = "SUBMITTED"
    world.runs.abort(run_of(world), CANCELLED)
    fake_clock.forward(STRAY)
    world.reconcile()
    assert world.data_api.requests("CancelStatement") == [{"Id": world.data_api.only.id}]


# --------------------------------------------------------------------------------------- a warehouse under load


def test_a_list_that_cannot_be_had_holds_up_no_subscriber(world: World, fake_clock: FakeClock) -> None:
    """But the minute counts as failed, for the alarm."""
    world.request_run("ann=")
    world.data_api.only.status = "FINISHED"
    world.data_api.refusals["ListStatements"] = ["ThrottlingException"]
    fake_clock.forward(LATE_SECONDS)
    with pytest.raises(Unreconciled, match="1 times"):
        world.reconcile()
    assert world.gateway.types("ann=") == ["accepted", "finished"]


@pytest.mark.parametrize("refused", [1, 2])
def test_a_run_that_cannot_be_looked_at_holds_up_no_other(world: World, fake_clock: FakeClock, refused: int) -> None:
    for number, connection_id in enumerate(("ann=", "bob=", "cid=")):
        world.request_run(connection_id, month=f"2015-1{number}")
    for statement in world.data_api.statements.values():
        statement.status = "FINISHED"
    world.data_api.refusals["DescribeStatement"] = ["ThrottlingException"] * refused
    fake_clock.forward(LATE_SECONDS)
    with pytest.raises(Unreconciled, match=f"{refused} times"):
        world.reconcile()
    notified = [kind for one in ("ann=", "bob=", "cid=") for kind in world.gateway.types(one)]
    assert notified.count("finished") == 3 - refused
    world.reconcile()
    assert world.subscribers() == [], "the next minute has looked after the others"


def test_a_table_that_refuses_one_read_holds_up_no_other_run(
    world: World, fake_clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    for number, connection_id in enumerate(("ann=", "bob=")):
        world.request_run(connection_id, month=f"2015-1{number}")
    for statement in world.data_api.statements.values():
        statement.status = "FINISHED"

    def refuse() -> None:
        raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "GetItem")

    fake_clock.forward(LATE_SECONDS)
    counter = [0]
    reading_the_first_run = 2 + len(WAITING_KEYS)  # behind the list of statements, and those who wait, key by key
    reconciler = world.reconciler_over(lambda client: Interrupted(client, reading_the_first_run, refuse, counter))
    with caplog.at_level(logging.ERROR), pytest.raises(Unreconciled):
        reconciler.reconcile(lambda: 0)
    assert "ProvisionedThroughputExceededException" in caplog.text
    assert len([kind for one in ("ann=", "bob=") for kind in world.gateway.types(one) if kind == "finished"]) == 1


def test_a_client_that_cannot_be_told_holds_up_no_other_run(world: World, fake_clock: FakeClock) -> None:
    for number, connection_id in enumerate(("ann=", "bob=")):
        world.request_run(connection_id, month=f"2015-1{number}")
    for statement in world.data_api.statements.values():
        statement.status = "FINISHED"
    world.gateway.throttled = {"ann="}
    fake_clock.forward(LATE_SECONDS)
    with pytest.raises(Unreconciled):
        world.reconcile()
    assert world.gateway.types("bob=") == ["accepted", "finished"]
    assert world.subscribers() == ["ann="]


def test_a_stray_that_cannot_be_cancelled_now_is_found_again(world: World, fake_clock: FakeClock) -> None:
    """Three cancels a second are everybody's."""
    world.request_run("ann=")
    world.connections.remove("ann=")
    world.runs.abort(run_of(world), CANCELLED)
    fake_clock.forward(STRAY)
    world.data_api.refusals["CancelStatement"] = ["ThrottlingException"] * 1000
    world.reconcile()
    assert world.data_api.only.status == "STARTED"
    world.data_api.refusals["CancelStatement"] = []
    world.reconcile()
    assert world.data_api.only.status == "ABORTED"


# --------------------------------------------------------------------------------------------- minute by minute


def test_it_returns_at_once_when_nobody_waits(world: World, fake_clock: FakeClock) -> None:
    """Most minutes of most nights: three lists and a query."""
    look_for_a_minute(world, fake_clock)
    assert fake_clock.waits == []
    assert [operation for operation, _ in world.data_api.calls] == ["ListStatements"] * 3


def test_it_looks_again_while_somebody_waits(world: World, fake_clock: FakeClock) -> None:
    """And ends in time for the next minute's."""
    world.request_run("ann=")
    start = fake_clock.now()
    look_for_a_minute(world, fake_clock)
    assert fake_clock.waits == [PAUSE_SECONDS] * 3
    assert fake_clock.now() < start + MINUTE * 1000


def test_it_lists_the_warehouse_once_a_minute(world: World, fake_clock: FakeClock) -> None:
    """Three lists a second are everybody's."""
    world.request_run("ann=")
    look_for_a_minute(world, fake_clock)
    assert len(world.data_api.requests("ListStatements")) == 3, "one for each state before the end"


def test_it_returns_once_nobody_waits_any_more(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    fake_clock.meanwhile = [world.complete]
    look_for_a_minute(world, fake_clock)
    assert fake_clock.waits == [PAUSE_SECONDS]


def test_an_end_that_goes_unheard_within_the_minute_is_found_within_it(world: World, fake_clock: FakeClock) -> None:
    start = fake_clock.now()
    world.request_run("ann=")

    def missed_event_found() -> None:
        world.data_api.only.status = "FINISHED"

    fake_clock.meanwhile = [lambda: None, missed_event_found]
    look_for_a_minute(world, fake_clock)
    assert world.gateway.types("ann=") == ["accepted", "finished"]
    assert run_of(world).ended_at == start + 2 * PAUSE_SECONDS * 1000


def test_who_comes_within_the_minute_is_looked_after_in_it(world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")

    def bob_asks_and_is_not_heard() -> None:
        world.request_run("bob=", month="2015-11")
        newest(world).status = "FINISHED"

    fake_clock.meanwhile = [bob_asks_and_is_not_heard]
    look_for_a_minute(world, fake_clock)
    assert world.gateway.types("bob=") == ["accepted", "finished"]


# -------------------------------------------------------------------------------------------------- the handler


class Context:
    """Of an invocation with so many milliseconds left."""

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


@pytest.fixture
def wired(world: World, wire: Callable[..., None]) -> World:
    wire(**SUBMITTING)
    return world


def test_the_function_looks_after_everything_of_its_environment(wired: World, fake_clock: FakeClock) -> None:
    wired.request_run("ann=")
    wired.data_api.only.status = "FINISHED"
    fake_clock.forward(LATE_SECONDS)
    assert reconcile.handler({"detail-type": "Scheduled Event"}, Context(60_000)) is None
    assert wired.gateway.types("ann=") == ["accepted", "finished"]
    assert run_of(wired).status == FINISHED


def test_the_function_looks_again_only_while_its_time_lasts(wired: World, fake_clock: FakeClock) -> None:
    wired.request_run("ann=")
    reconcile.handler({}, Context(PAUSE_SECONDS * 1000))
    assert fake_clock.waits == []


def test_the_function_fails_when_something_could_not_be_looked_after(wired: World) -> None:
    """So that its errors are counted, and the alarm goes off."""
    wired.data_api.refusals["ListStatements"] = ["ThrottlingException"]
    with pytest.raises(Unreconciled):
        reconcile.handler({}, Context(60_000))
