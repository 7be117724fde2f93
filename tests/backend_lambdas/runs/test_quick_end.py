"""A statement that ends while its submitter waits for it: told at once, and once, whatever its event does."""

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.runs.run_service import LATE_SECONDS
from backend_lambdas.runs.run_state import CANCELLED, FINISHED, RUNNING
from tests.backend_lambdas.lambda_fakes import FakeClock, Interrupted, Statement, World

SECONDS = 1
END_CALLS = 9
"""How many calls a run makes, at the least, from the first look to its told end."""

pytestmark = pytest.mark.usefixtures("fake_clock")


class Killed(BaseException):
    """The sandbox is gone: nothing after it is done."""


@pytest.fixture
def quick(world: World) -> World:
    """A world whose statements end with rows while their submitter waits; `during` may be replaced."""
    world.quick_seconds = SECONDS
    world.service = world.service_over(lambda client: client)
    world.data_api.during["ExecuteStatement"] = ends("FINISHED")
    return world


def ends(status: str, first: Callable[[], object] = lambda: None) -> Callable[[Statement], None]:
    """A statement that does so, after something else happened."""

    def end(statement: Statement) -> None:
        first()
        statement.status = status

    return end


def its_event_comes(world: World) -> None:
    for statement in list(world.data_api.statements.values()):
        world.service.completer.complete(world.ended(statement, statement.status))


def test_its_end_is_told_without_the_event(quick: World) -> None:
    quick.request_run("ann=")
    accepted, finished = quick.gateway.notified("ann=")
    assert (accepted["type"], accepted["shared"]) == ("accepted", False)
    assert (finished["type"], finished["cached"], finished["rows"]) == ("finished", False, 31)
    assert accepted["statementId"] == finished["statementId"] == quick.data_api.only.id
    assert quick.data_api.only.request["WaitTimeSeconds"] == SECONDS


def test_nothing_of_it_is_left_but_its_rows_and_its_record(quick: World) -> None:
    quick.request_run("ann=")
    assert quick.subscribers() == []
    assert not [item for item in quick.items("slots#") if item.get("attempts")]
    record = quick.runs.statement(quick.data_api.only.id)
    assert record is not None
    assert (record["report"], record["rows"]) == ("revenue_by_day", 31)
    (ended,) = quick.items("ended#")
    assert (ended["state"], ended["told"], ended["statementId"]) == (FINISHED, 1, quick.data_api.only.id)


def test_its_event_tells_nobody_and_changes_nothing(quick: World) -> None:
    quick.request_run("ann=")
    posts, items = list(quick.gateway.posts), quick.items()
    its_event_comes(quick)
    assert (quick.gateway.posts, quick.items()) == (posts, items)


def test_it_has_started_whoever_tells_its_end(quick: World, caplog: pytest.LogCaptureFixture) -> None:
    """Its event may come while its submitter still waits: the log leads from the request to the end all the same."""
    quick.data_api.during["ExecuteStatement"] = lambda statement: (ends("FINISHED")(statement), its_event_comes(quick))
    with caplog.at_level("INFO"):
        quick.request_run("ann=")
    assert quick.gateway.types("ann=") == ["finished"]
    said = [record.message for record in caplog.records]
    assert [said.count(event) for event in ("run requested", "run started", "run finished")] == [1, 1, 1]


def test_its_rows_answer_the_next_one(quick: World) -> None:
    quick.request_run("ann=")
    quick.request_run("bob=")
    assert quick.gateway.types("bob=") == ["accepted", "finished"]
    assert len(quick.data_api.statements) == 1


def test_one_that_takes_longer_is_told_by_its_event(quick: World) -> None:
    quick.data_api.during.clear()
    quick.request_run("ann=")
    assert quick.gateway.types("ann=") == ["accepted"]
    (item,) = quick.items("attempt#")
    assert item["statementId"] == quick.data_api.only.id
    quick.complete()
    assert quick.gateway.types("ann=") == ["accepted", "finished"]


def test_one_that_fails_is_told_with_its_reason(quick: World) -> None:
    def fail(statement: Statement) -> None:
        statement.status, statement.error = "FAILED", "ERROR: Disk Full"

    quick.data_api.during["ExecuteStatement"] = fail
    quick.request_run("ann=")
    accepted, failed = quick.gateway.notified("ann=")
    assert (accepted["type"], failed["type"], failed["code"]) == ("accepted", "failed", "disk_full")
    assert quick.run_item()["reason"] == "ERROR: Disk Full"
    assert len(quick.data_api.requests("DescribeStatement")) == 1


def test_one_that_somebody_stopped_is_told_cancelled(quick: World) -> None:
    quick.data_api.during["ExecuteStatement"] = ends("ABORTED")
    quick.request_run("ann=")
    assert quick.gateway.types("ann=") == ["accepted", "cancelled"]


def test_who_joins_while_its_submitter_waits_is_told_as_well(quick: World) -> None:
    quick.data_api.during["ExecuteStatement"] = ends("FINISHED", lambda: quick.request_run("bob="))
    quick.request_run("ann=")
    for connection_id, shared in (("ann=", False), ("bob=", True)):
        accepted, finished = quick.gateway.notified(connection_id)
        assert (accepted["type"], accepted["shared"], finished["type"]) == ("accepted", shared, "finished")
        assert accepted["statementId"] == quick.data_api.only.id
    assert quick.subscribers() == []


def test_a_cancel_while_its_submitter_waits_holds(quick: World) -> None:
    """Though there are rows, of which whoever asks next has use."""
    quick.data_api.during["ExecuteStatement"] = ends("FINISHED", lambda: quick.cancel("ann="))
    quick.request_run("ann=")
    assert quick.gateway.types("ann=") == ["cancelled"]
    its_event_comes(quick)
    quick.request_run("bob=")
    assert quick.gateway.types("bob=") == ["accepted", "finished"]
    assert len(quick.data_api.statements) == 1


def test_an_end_that_cannot_be_looked_at_is_told_by_its_event(quick: World) -> None:
    quick.data_api.refusals["DescribeStatement"] = ["ThrottlingException"]
    quick.request_run("ann=")
    assert quick.gateway.posts == []
    its_event_comes(quick)
    assert quick.gateway.types("ann=") == ["finished"]


def test_an_end_that_cannot_be_told_now_is_told_by_the_reconciler(quick: World, fake_clock: FakeClock) -> None:
    quick.gateway.throttled = {"ann="}
    quick.request_run("ann=")
    its_event_comes(quick)
    quick.gateway.throttled = set()
    fake_clock.forward(LATE_SECONDS)
    quick.reconcile()
    assert quick.gateway.types("ann=") == ["finished"]
    assert quick.subscribers() == []


def test_nobody_waits_for_a_file(quick: World) -> None:
    quick.export("ann=")
    assert "WaitTimeSeconds" not in quick.data_api.only.request


def test_whoever_submits_in_the_place_of_another_sends_the_same(quick: World, fake_clock: FakeClock) -> None:
    """By one token, of which the warehouse may want one request; the end is told by the event then."""
    assert dies(quick, 5)
    fake_clock.forward(LATE_SECONDS)
    quick.reconcile()
    first, second = quick.data_api.requests("ExecuteStatement")
    assert first == second
    its_event_comes(quick)
    assert quick.gateway.types("ann=")[-1] == "finished"
    assert quick.subscribers() == []


class Lost:
    """A client whose write of the end is sent twice, as the SDK does when the first answer is lost."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name != "update_item":
            return member

        def call(**request: Any) -> Any:
            if "toldBySubmitter" in request.get("ExpressionAttributeNames", {}).values():
                member(**request)
            return member(**request)

        return call


def test_an_end_whose_noting_was_sent_twice_is_told(quick: World) -> None:
    quick.request_run("ann=", quick.service_over(Lost))
    its_event_comes(quick)
    assert quick.gateway.types("ann=") == ["accepted", "finished"]
    assert quick.subscribers() == []
    assert not [item for item in quick.items("slots#") if item.get("attempts")]


def test_the_event_of_an_end_that_was_told_leaves_the_record_of_its_rows(quick: World) -> None:
    """Though another attempt has taken the run's place: pages that were read are signed by the record's key."""
    quick.request_run("ann=")
    statement = quick.data_api.only
    before = quick.runs.statement(statement.id)
    quick.request_run("ann=", run_id="another", refresh=True)
    quick.service.completer.complete(quick.ended(statement))
    assert quick.runs.statement(statement.id) == before


# ----------------------------------------------------------------------------------- whatever happens between the calls


def worlds(quick: World, happen: Callable[[], object]) -> Iterator[int]:
    """Ann's run with something before each of its calls in turn; gives the number of that call."""
    for before in itertools.count(1):
        quick.reset()
        quick.data_api.during["ExecuteStatement"] = ends("FINISHED")
        counter = [0]
        wrap = functools.partial(Interrupted, before=before, happen=happen, counter=counter)
        quick.request_run("ann=", quick.service_over(wrap))
        if counter[0] < before:
            assert before > END_CALLS, "else hardly anything was tried"
            return
        yield before


def test_an_event_at_any_moment_tells_nobody_twice(quick: World) -> None:
    for before in worlds(quick, lambda: its_event_comes(quick)):
        assert quick.gateway.types("ann=").count("finished") == 1, f"before call {before}"
        assert quick.subscribers() == []
        assert quick.run_item()["status"] == FINISHED


def test_who_joins_at_any_moment_is_told(quick: World) -> None:
    for before in worlds(quick, lambda: quick.request_run("bob=")):
        for connection_id in ("ann=", "bob="):
            assert "finished" in quick.gateway.types(connection_id), f"before call {before}"
        assert len(quick.data_api.statements) == 1
        assert quick.subscribers() == []


def test_a_cancel_at_any_moment_ends_the_wait(quick: World) -> None:
    for before in worlds(quick, lambda: quick.cancel("ann=")):
        types = quick.gateway.types("ann=")
        assert "cancelled" in types or types[-1] == "finished", f"before call {before}"
        assert types[-1] != "accepted"
        assert quick.subscribers() == []
        its_event_comes(quick)
        assert {item["status"] for item in quick.items("run#")} <= {CANCELLED, FINISHED}


def test_the_tab_may_close_at_any_moment(quick: World) -> None:
    def leave() -> None:
        quick.connections.remove("ann=")
        quick.gateway.gone = {"ann="}

    for _ in worlds(quick, leave):
        assert quick.subscribers() == []
        assert RUNNING not in {item["status"] for item in quick.items("run#")}


def dies(quick: World, before: int) -> bool:
    """Ann asks, and her function dies before its n-th call; False when it has come to its end before."""
    counter = [0]

    def die() -> None:
        raise Killed

    wrap = functools.partial(Interrupted, before=before, happen=die, counter=counter)
    try:
        quick.request_run("ann=", quick.service_over(wrap))
    except Killed:
        return True
    return False


@pytest.mark.parametrize("in_time", [True, False], ids=["an event", "no event"])
def test_a_function_that_dies_at_any_moment_leaves_nobody_waiting(
    quick: World, fake_clock: FakeClock, in_time: bool
) -> None:
    for before in itertools.count(1):
        quick.reset()
        quick.data_api.during["ExecuteStatement"] = ends("FINISHED")
        if not dies(quick, before):
            assert before > END_CALLS
            return
        if in_time:
            its_event_comes(quick)
        for _ in range(3):
            fake_clock.forward(LATE_SECONDS)
            quick.reconcile()
        its_event_comes(quick)
        assert quick.subscribers() == [], f"before call {before}"
        assert len(quick.data_api.statements) <= 1
        if quick.items("run#"):
            assert "finished" in quick.gateway.types("ann="), f"before call {before}"


def test_a_table_that_refuses_any_one_call_leaves_nobody_waiting(quick: World, fake_clock: FakeClock) -> None:
    """What the requester is told then is `rejected`, or the end comes later."""

    def refuse() -> None:
        raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "Any")

    for before in itertools.count(1):
        quick.reset()
        quick.data_api.during["ExecuteStatement"] = ends("FINISHED")
        counter = [0]
        refused: list[Any] = []
        try:
            quick.request_run(
                "ann=",
                quick.service_over(functools.partial(Interrupted, before=before, happen=refuse, counter=counter)),
            )
        except Exception as error:
            refused.append(error)
        if counter[0] < before:
            assert before > END_CALLS
            return
        its_event_comes(quick)
        for _ in range(3):
            fake_clock.forward(LATE_SECONDS)
            quick.reconcile()
        assert quick.subscribers() == [], f"before call {before}"
        assert refused or "finished" in quick.gateway.types("ann="), f"before call {before}"
