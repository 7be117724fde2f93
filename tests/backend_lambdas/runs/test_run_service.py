"""Asking once for everybody, and telling each how it ended, whatever comes in which order."""

import functools
import itertools
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas import clock
from backend_lambdas.errors import StatementInvalid, TooBusy, WarehouseUnavailable
from backend_lambdas.messages import Run
from backend_lambdas.runs import error_classification
from backend_lambdas.runs.run_state import CANCELLED, FINISHED, RUNNING
from backend_lambdas.sockets.notifier import DeliveryFailed
from tests.backend_lambdas.lambda_fakes import Interrupted, Statement, Turns, World

MOMENTS = 4
"""How many calls, at the least, everything makes that is stopped before each of them."""

TERMINAL = {"finished", "failed", "cancelled", "rejected"}


def ends(world: World, connection_id: str) -> list[str]:
    return [kind for kind in world.gateway.types(connection_id) if kind in TERMINAL]


# ---------------------------------------------------------------------------------------- one requester, one answer


def test_an_requester_is_accepted_and_then_told_the_end(world: World) -> None:
    world.request_run("ann=")
    world.complete()
    accepted, finished = world.gateway.notified("ann=")
    assert accepted == {
        "type": "accepted",
        "topicName": "topic of ann=",
        "runId": "run of ann=",
        "statementId": world.data_api.only.id,
        "shared": False,
    }
    assert finished == {
        "type": "finished",
        "topicName": "topic of ann=",
        "runId": "run of ann=",
        "statementId": world.data_api.only.id,
        "rows": 31,
        "elapsedMs": finished["elapsedMs"],
        "asOf": "2033-05-18T03:33:20Z",
        "cached": False,
    }
    assert finished["elapsedMs"] > 0
    assert world.subscribers() == []


def test_the_subscriber_is_written_before_the_statement_is_submitted(world: World) -> None:
    seen: list[list[str]] = []
    world.data_api.during["ExecuteStatement"] = lambda _: seen.append(world.subscribers())
    world.request_run("ann=")
    assert seen == [["ann="]]


def test_while_it_runs_the_table_tells_who_waits_for_which_statement(world: World) -> None:
    world.request_run("ann=")
    (item,) = world.items("attempt#")
    assert (item["connectionId"], item["statementId"]) == ("ann=", world.data_api.only.id)
    assert item["topicName"] == "topic of ann="


def test_an_event_that_comes_before_the_asking_is_over_is_told(world: World) -> None:
    """A short statement ends while ExecuteStatement is still answering; nothing contradicts the end afterwards."""
    world.data_api.during["ExecuteStatement"] = world.complete
    world.request_run("ann=")
    assert world.gateway.types("ann=") == ["finished"]
    assert world.subscribers() == []
    assert world.run_item()["status"] == FINISHED


def test_values_are_bound(world: World) -> None:
    world.request_run("ann=", month="2016-01'; --")
    request = world.data_api.only.request
    assert request["Parameters"] == [{"name": "month", "value": "2016-01'; --"}]
    assert request["Sql"] == f"/* pushboard finance/{world.report.id} */ {world.report.sql}"


@pytest.mark.parametrize(("state", "kind"), [("FAILED", "failed"), ("ABORTED", "cancelled")])
def test_a_statement_without_rows_ends_visibly_and_can_be_asked_again(world: World, state: str, kind: str) -> None:
    world.request_run("ann=")
    world.complete(state=state)
    assert ends(world, "ann=") == [kind]
    assert world.runs.statement(world.data_api.only.id) is None, "there is nothing to read"
    world.request_run("ann=", run_id="another", refresh=True)
    assert len(world.data_api.statements) == 2


def test_why_a_statement_failed_is_for_the_log_and_not_for_viewers(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.request_run("ann=")
    world.data_api.only.error = 'column "fare" does not exist'
    with caplog.at_level(logging.ERROR):
        world.complete(state="FAILED")
    failed = world.gateway.notified("ann=")[-1]
    assert (failed["code"], failed["message"]) == ("sql_error", StatementInvalid.sentence)
    (failure,) = (record for record in caplog.records if record.levelno >= logging.ERROR)
    assert failure.reason == 'column "fare" does not exist'


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("ERROR: Database response exceeded size limit", "result_too_large"),
        ("ERROR: Packet for query is too large", "row_too_large"),
        ("ERROR: Disk Full", "disk_full"),
    ],
)
def test_a_failure_that_is_not_the_reports_own_is_told_as_what_it_is(world: World, words: str, code: str) -> None:
    """Also to who takes it up later."""
    world.request_run("ann=")
    world.data_api.only.error = words
    world.complete(state="FAILED")
    world.resume("late=", of="ann=")
    for connection_id in ("ann=", "late="):
        failed = world.gateway.notified(connection_id)[-1]
        assert (failed["type"], failed["code"]) == ("failed", code)
        assert failed["message"] == next(cause.sentence for cause in error_classification.CAUSES if cause.code == code)


def test_a_failure_is_told_even_when_its_reason_cannot_be_read(world: World) -> None:
    world.request_run("ann=")
    world.data_api.refusals["DescribeStatement"] = ["ThrottlingException"]
    world.complete(state="FAILED")
    assert ends(world, "ann=") == ["failed"]


def test_an_event_of_a_run_nobody_knows_is_let_pass(world: World) -> None:
    stranger = Statement("7a6c0d52-3b1e-4f7c-8d5e-2f9b6a1c4e80", {"StatementName": "pushboard/unknown/1"})
    world.service.completer.complete(world.ended(stranger))
    assert world.gateway.posts == []
    assert world.items("run#") == world.items("statement#") == []


def test_an_event_without_a_count_has_no_negative_rows(world: World) -> None:
    world.request_run("ann=")
    world.service.completer.complete(structs.replace(world.ended(world.data_api.only, at=0), rows=-1))
    finished = world.gateway.notified("ann=")[-1]
    assert (finished["rows"], finished["elapsedMs"]) == (0, 0)


# ---------------------------------------------------------------------------------------- many requesters, one run


def test_identical_requesters_share_one_statement_and_each_is_told(world: World) -> None:
    for connection_id in ("ann=", "bob=", "cid="):
        world.request_run(connection_id)
    assert len(world.data_api.statements) == 1
    world.complete()
    for connection_id, shared in (("ann=", False), ("bob=", True), ("cid=", True)):
        accepted, finished = world.gateway.notified(connection_id)
        assert (accepted["type"], accepted["shared"]) == ("accepted", shared)
        assert (finished["type"], finished["cached"]) == ("finished", False)
        assert accepted["topicName"] == finished["topicName"] == f"topic of {connection_id}"


def test_one_socket_may_wait_twice_for_the_same_question(world: World) -> None:
    """One report may stand twice on a page."""
    for topic in ("left", "right"):
        command = Run(topic, "revenue_by_day", f"run {topic}")
        world.service.request_run(world.requester("ann="), command, world.spec())
    world.complete()
    finished = [message for message in world.gateway.notified("ann=") if message["type"] == "finished"]
    assert sorted(message["topicName"] for message in finished) == ["left", "right"]
    assert len(world.data_api.statements) == 1


def test_other_values_are_another_statement(world: World) -> None:
    world.request_run("ann=", month="2015-12")
    world.request_run("bob=", month="2015-11")
    first, second = world.data_api.statements.values()
    world.complete(second)
    assert (ends(world, "ann="), ends(world, "bob=")) == ([], ["finished"])
    world.complete(first)
    assert ends(world, "ann=") == ["finished"]


def test_a_fresh_result_answers_at_once(world: World) -> None:
    world.request_run("ann=")
    world.complete()
    world.request_run("bob=")
    accepted, finished = world.gateway.notified("bob=")
    assert (accepted["type"], accepted["shared"]) == ("accepted", True)
    assert (finished["type"], finished["cached"], finished["rows"]) == ("finished", True, 31)
    assert finished["statementId"] == world.data_api.only.id
    assert world.subscribers() == []


def test_refresh_starts_a_new_statement(world: World) -> None:
    world.request_run("ann=")
    world.complete()
    world.request_run("bob=", refresh=True)
    assert len(world.data_api.statements) == 2
    assert ends(world, "bob=") == []


def test_refresh_joins_what_is_running(world: World) -> None:
    world.request_run("ann=")
    world.request_run("bob=", refresh=True)
    assert len(world.data_api.statements) == 1


def test_a_run_past_its_deadline_is_started_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its event may be lost; if it comes after all, those who waited for it wait for the one in its place."""
    world.request_run("ann=")
    late = world.data_api.only
    monkeypatch.setattr(clock, "now", lambda: int(world.run_item()["deadline"]) + 1)
    world.request_run("bob=")
    assert len(world.data_api.statements) == 2
    world.complete(late)
    assert (ends(world, "ann="), ends(world, "bob=")) == ([], [])
    assert world.run_item()["status"] == RUNNING
    newest = list(world.data_api.statements.values())[1]
    world.complete(newest)
    for each in ("ann=", "bob="):
        assert ends(world, each) == ["finished"]
        assert world.gateway.notified(each)[-1]["statementId"] == newest.id


# ---------------------------------------------------------------------------------------------- double events


@pytest.mark.parametrize("state", ["FINISHED", "FAILED", "ABORTED"])
def test_a_second_event_tells_nobody_and_changes_nothing(world: World, state: str) -> None:
    world.request_run("ann=")
    world.complete(state=state)
    posts, items = list(world.gateway.posts), world.items()
    world.service.completer.complete(structs.replace(world.ended(world.data_api.only, state), at=2_100_000_000_000))
    assert world.gateway.posts == posts
    if state == "FINISHED":
        assert world.items() == items


def test_a_second_try_tells_just_those_who_could_not_be_told(world: World) -> None:
    for connection_id in ("ann=", "bob=", "cid="):
        world.request_run(connection_id)
    world.gateway.throttled, world.gateway.gone = {"ann="}, {"cid="}
    with pytest.raises(DeliveryFailed):
        world.complete()
    assert (ends(world, "ann="), ends(world, "bob=")) == ([], ["finished"])
    assert world.subscribers() == ["ann="]
    world.gateway.throttled = set()
    world.complete()
    assert (ends(world, "ann="), ends(world, "bob="), ends(world, "cid=")) == (["finished"], ["finished"], [])
    assert world.subscribers() == []


def test_the_second_try_tells_the_same_as_the_first(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    world.gateway.throttled = {"ann="}
    with pytest.raises(DeliveryFailed):
        world.complete()
    world.gateway.throttled = set()
    world.service.completer.complete(structs.replace(world.ended(world.data_api.only), at=2_100_000_000_000))
    notified = [world.gateway.notified(connection_id)[-1] for connection_id in ("ann=", "bob=")]
    assert notified[0]["asOf"] == notified[1]["asOf"]
    assert notified[0]["elapsedMs"] == notified[1]["elapsedMs"]


# ------------------------------------------------------------------------------- a warehouse that takes nothing


@pytest.mark.parametrize(
    ("code", "error"),
    [("ThrottlingException", TooBusy), ("ExecuteStatementException", WarehouseUnavailable)],
)
def test_a_statement_that_cannot_start_leaves_nothing_behind(world: World, code: str, error: type[Exception]) -> None:
    world.connect("ann=")
    world.data_api.refusals["ExecuteStatement"] = [code]
    before = world.items("connection#")
    with pytest.raises(error):
        world.request_run("ann=")
    assert world.items("connection#") == before
    assert world.subscribers() == []
    assert world.gateway.posts == []
    world.request_run("ann=")
    assert len(world.data_api.statements) == 1, "it may be asked again at once"


def test_those_who_joined_a_statement_that_cannot_start_are_told(world: World) -> None:
    """They joined while it was being submitted."""
    world.service = world.service_over(lambda client: Interrupted(client, 0, lambda: None, [0]))
    submit = world.service.submitter.warehouse._client

    def refuse(**_: Any) -> Any:
        world.request_run("bob=")
        world.data_api.refusals["ExecuteStatement"] = ["ThrottlingException"]
        return world._data_client.execute_statement(**_)

    submit.execute_statement = refuse
    with pytest.raises(TooBusy):
        world.request_run("ann=")
    (failed,) = world.gateway.notified("bob=")
    assert (failed["type"], failed["code"]) == ("failed", "too_busy")
    assert world.subscribers() == []


def test_that_others_cannot_be_told_does_not_change_the_requesters_answer(world: World) -> None:
    world.gateway.throttled = {"bob="}

    def refuse(**request: Any) -> Any:
        world.request_run("bob=")
        world.data_api.refusals["ExecuteStatement"] = ["ThrottlingException"]
        return world._data_client.execute_statement(**request)

    service = world.service_over(lambda client: Interrupted(client, 0, lambda: None, [0]))
    service.submitter.warehouse._client.execute_statement = refuse
    with pytest.raises(TooBusy):
        world.request_run("ann=", service)


def test_that_accepted_cannot_be_told_is_no_refusal(world: World) -> None:
    """The statement runs and its end will be told; to say `rejected` now would hide it."""
    world.gateway.throttled = {"ann="}
    world.request_run("ann=")
    world.gateway.throttled = set()
    world.complete()
    assert world.gateway.types("ann=") == ["finished"]


def test_the_submitter_tells_those_who_joined_meanwhile_which_statement_it_is(world: World) -> None:
    world.data_api.during["ExecuteStatement"] = lambda _: world.request_run("bob=")
    world.request_run("ann=")
    accepted = world.gateway.notified("bob=")[0]
    assert (accepted["statementId"], accepted["shared"]) == (world.data_api.only.id, True)
    assert {item["statementId"] for item in world.items("attempt#")} == {world.data_api.only.id}


def test_an_requester_who_always_comes_too_late_is_told_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nothing of it is left."""
    world.request_run("ann=")
    running = world.runs.get(world.spec().key)
    assert running is not None
    cancelled = structs.replace(running, status=CANCELLED)
    monkeypatch.setattr(type(world.service.runs), "note_joined", lambda *_: cancelled)
    with pytest.raises(TooBusy):
        world.request_run("bob=")
    assert world.subscribers() == ["ann="]


# ---------------------------------------------------------------------------------------------------- cancels


def test_cancelling_ends_ones_own_wait_only(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    assert world.cancel("ann=")
    assert ends(world, "ann=") == ["cancelled"]
    assert world.subscribers() == ["bob="]
    assert world.data_api.requests("CancelStatement") == []
    world.complete()
    assert (ends(world, "ann="), ends(world, "bob=")) == (["cancelled"], ["finished"])


def test_the_last_to_cancel_stops_the_statement(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    for connection_id in ("ann=", "bob="):
        world.cancel(connection_id)
    assert world.data_api.only.status == "ABORTED"
    assert world.run_item()["status"] == CANCELLED
    world.request_run("cid=")
    assert len(world.data_api.statements) == 2, "a cancelled run is joined by nobody"


def test_nobody_cancels_anothers_wait(world: World) -> None:
    world.request_run("ann=")
    world.cancel("bob=", "run of ann=")
    assert world.subscribers() == ["ann="]
    assert world.gateway.types("ann=") == ["accepted"]
    assert world.data_api.only.status == "STARTED"


def test_cancelling_what_has_ended_says_so(world: World) -> None:
    world.request_run("ann=")
    world.complete()
    assert not world.cancel("ann=")
    assert world.run_item()["status"] == FINISHED


def test_a_cancel_whose_answer_cannot_be_told_still_stops_the_statement(world: World) -> None:
    world.request_run("ann=")
    world.gateway.gone = {"ann="}
    world.cancel("ann=")
    assert world.data_api.only.status == "ABORTED"


def test_the_event_of_a_cancelled_statement_tells_nobody(world: World) -> None:
    world.request_run("ann=")
    world.cancel("ann=")
    world.complete(state="ABORTED")
    assert ends(world, "ann=") == ["cancelled"]


def test_a_statement_that_finished_in_spite_of_a_cancel_answers_later_requesters(world: World) -> None:
    world.request_run("ann=")
    world.data_api.refusals["CancelStatement"] = ["ThrottlingException"]
    world.cancel("ann=")
    world.complete()
    world.request_run("bob=")
    assert ends(world, "bob=") == ["finished"]
    assert len(world.data_api.statements) == 1


def test_cancelling_before_the_statement_has_its_id_stops_it_all_the_same(world: World) -> None:
    """The one who submits it finds that nobody waits any more, and does not accept it afterwards."""
    world.data_api.during["ExecuteStatement"] = lambda _: world.cancel("ann=") and None
    world.request_run("ann=")
    assert world.gateway.types("ann=") == ["cancelled"]
    assert world.data_api.only.status == "ABORTED"


def test_a_disconnect_keeps_the_statement_for_others(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    world.connections.remove("ann=")
    assert world.data_api.requests("CancelStatement") == []
    world.complete()
    assert (ends(world, "ann="), ends(world, "bob=")) == ([], ["finished"])


# ------------------------------------------------------------------------------ whatever happens between steps
#
# One thing is stopped before each of its calls in turn, another happens there as a whole, then the first goes on.

Thing = Callable[[World, Any], None]


def joins(world: World, service: Any) -> None:
    world.request_run("bob=", service)


def asks(world: World, service: Any) -> None:
    world.request_run("ann=", service)


def cancels(world: World, service: Any) -> None:
    world.cancel("ann=", service=service)


def is_settled(state: str) -> Thing:
    def complete(world: World, service: Any) -> None:
        for statement in list(world.data_api.statements.values()):
            if statement.status in {"STARTED", state}:
                statement.status = state
                service.completer.complete(world.ended(statement, state))

    return complete


def interleavings(world_at: Callable[[], World], first: Thing, second: Thing) -> Iterator[World]:
    """A world for each call of `first` before which `second` happened; each to be looked at before the next is made."""
    for before in itertools.count(1):
        world, counter = world_at(), [0]
        happen = functools.partial(second, world, world.service)
        first(world, world.service_over(lambda client: Interrupted(client, before, happen, counter)))  # noqa: B023
        if counter[0] < before:
            assert before > MOMENTS, "else hardly anything was tried"
            return
        yield world


@pytest.fixture
def new_world(world: World) -> Callable[[], World]:
    """The world that a test begins with, again and again."""

    def renew() -> World:
        world.reset()
        return world

    return renew


def check(world: World, *waiting: str) -> None:
    """What must hold whatever was interleaved: once every statement has ended, everyone has been told, one way."""
    for statement in list(world.data_api.statements.values()):
        state = "ABORTED" if statement.status == "ABORTED" else "FINISHED"
        statement.status = state
        world.service.completer.complete(world.ended(statement, state))
    assert world.subscribers() == []
    for connection_id in waiting:
        assert ends(world, connection_id)[:1] == ["finished"], world.gateway.notified(connection_id)
    assert world.run_item()["status"] in {FINISHED, CANCELLED}, "nobody can join a run that has ended"


@pytest.mark.parametrize(("first", "second"), [(joins, is_settled("FINISHED")), (is_settled("FINISHED"), joins)])
def test_whoever_joins_while_the_statement_ends_is_told(
    new_world: Callable[[], World], first: Thing, second: Thing
) -> None:
    def running() -> World:
        world = new_world()
        world.request_run("ann=")
        return world

    for world in interleavings(running, first, second):
        assert len(world.data_api.statements) == 1
        assert ends(world, "bob=")[:1] == ["finished"], "before any other event comes"
        check(world, "ann=", "bob=")


@pytest.mark.parametrize(("first", "second"), [(joins, is_settled("FAILED")), (is_settled("FAILED"), joins)])
def test_whoever_joins_while_the_statement_fails_is_told_or_gets_a_new_one(
    new_world: Callable[[], World], first: Thing, second: Thing
) -> None:
    def running() -> World:
        world = new_world()
        world.request_run("ann=")
        return world

    for world in interleavings(running, first, second):
        assert ends(world, "ann=") == ["failed"]
        is_settled("FINISHED")(world, world.service)
        assert ends(world, "bob=")
        assert world.subscribers() == []


@pytest.mark.parametrize(("first", "second"), [(joins, cancels), (cancels, joins)])
def test_whoever_joins_while_the_last_one_cancels_gets_a_result(
    new_world: Callable[[], World], first: Thing, second: Thing
) -> None:
    def running() -> World:
        world = new_world()
        world.request_run("ann=")
        return world

    for world in interleavings(running, first, second):
        assert ends(world, "ann=") == ["cancelled"]
        check(world, "bob=")


@pytest.mark.parametrize("state", ["FINISHED", "FAILED"])
@pytest.mark.parametrize("order", [1, -1])
def test_a_cancel_while_the_statement_ends_leaves_no_run_that_never_ends(
    new_world: Callable[[], World], state: str, order: int
) -> None:
    def running() -> World:
        world = new_world()
        world.request_run("ann=")
        return world

    first, second = (cancels, is_settled(state))[::order]
    for world in interleavings(running, first, second):
        assert ends(world, "ann=")
        assert world.subscribers() == []
        assert world.run_item()["status"] != RUNNING


def test_a_cancel_while_the_statement_is_submitted_leaves_none_running(new_world: Callable[[], World]) -> None:
    """Whether it comes before, while or after there is a wait to cancel."""
    for world in interleavings(new_world, asks, cancels):
        assert "cancelled" in world.gateway.types("ann=")
        assert {statement.status for statement in world.data_api.statements.values()} <= {"ABORTED"}
        assert {item["status"] for item in world.items("run#")} <= {CANCELLED}


def test_whoever_joins_while_another_submits_and_cancels_gets_a_result(new_world: Callable[[], World]) -> None:
    """Three at once: one submits, cancels before a call of that, and a third joins before a call of the cancel."""

    def joined_cancel(before: int) -> Thing:
        def cancel(world: World, _: Any) -> None:
            def happen() -> None:
                joins(world, world.service)

            cancels(world, world.service_over(lambda client: Interrupted(client, before, happen, [0])))

        return cancel

    for before in range(6, 9):  # from where the cancel looks whether somebody else waits
        for world in interleavings(new_world, asks, joined_cancel(before)):
            if world.gateway.notified("bob=") or "bob=" in world.subscribers():
                check(world, "bob=")


# -------------------------------------------------------------------------- three at once: join, cancel, event

JOIN, CANCEL, EVENT = 0, 1, 2


def three(world: World) -> Turns:
    """Bob joins Ann's run while Ann cancels it and its statement finishes; how far each is, a test decides."""
    world.request_run("ann=")
    return Turns(world, joins, cancels, is_settled("FINISHED"))


def check_three(world: World) -> None:
    """Bob has his result: of the first statement, or of one of his own that goes on."""
    statements = list(world.data_api.statements.values())
    for own in statements[1:]:
        world.complete(own)
    assert ends(world, "bob=")[:1] == ["finished"], world.gateway.notified("bob=")
    assert world.subscribers() == []
    assert world.run_item()["status"] != RUNNING


@pytest.mark.parametrize("cancelled", [5, 6, 7])
@pytest.mark.parametrize(("asked", "waiting"), [(1, 0), (1, 1), (2, 0)])
@pytest.mark.parametrize("order", [(CANCEL, JOIN), (JOIN, CANCEL)])
def test_nobody_is_lost_when_the_end_comes_between_a_join_and_a_cancel(
    world: World, cancelled: int, asked: int, waiting: int, order: tuple[int, int]
) -> None:
    """The cancel has found nobody else, the join has not come to its last look, and the event is quick."""
    turns = three(world)
    turns.step(CANCEL, cancelled)
    turns.step(JOIN, asked)
    turns.finish(EVENT)
    turns.step(JOIN, waiting)
    for which in order:
        turns.finish(which)
    check_three(world)


@pytest.mark.parametrize("looked", [1, 2, 3])
def test_a_run_that_has_ended_is_not_reopened(world: World, looked: int) -> None:
    """The cancel has seen that somebody joined, and would take itself back, when the event comes."""
    turns = three(world)
    turns.step(CANCEL, 5)
    turns.finish(JOIN)
    turns.step(CANCEL, looked)
    turns.finish(EVENT)
    turns.finish(CANCEL)
    check_three(world)


def test_whoever_joins_while_another_submits_gets_a_result(new_world: Callable[[], World]) -> None:
    """Also when the one who joins becomes the one who submits."""
    for world in interleavings(new_world, asks, joins):
        assert len(world.data_api.statements) == 1
        check(world, "ann=", "bob=")


def test_an_event_at_any_moment_of_a_submission_is_told(new_world: Callable[[], World]) -> None:
    for world in interleavings(new_world, asks, is_settled("FINISHED")):
        check(world, "ann=")


def test_two_events_at_once_tell_everyone(new_world: Callable[[], World]) -> None:
    """Each subscriber at least once, and the record is that of one event."""

    def running() -> World:
        world = new_world()
        for connection_id in ("ann=", "bob="):
            world.request_run(connection_id)
        return world

    for world in interleavings(running, is_settled("FINISHED"), is_settled("FINISHED")):
        check(world, "ann=", "bob=")


def test_a_disconnect_at_any_moment_takes_nobody_else_along(new_world: Callable[[], World]) -> None:
    def running() -> World:
        world = new_world()
        world.request_run("ann=")
        return world

    def leaves(world: World, _: Any) -> None:
        world.connections.remove("ann=")
        world.gateway.gone = {"ann="}

    for first, second in ((joins, leaves), (is_settled("FINISHED"), leaves)):
        for world in interleavings(running, first, second):
            world.gateway.gone = {"ann="}
            if first is joins:
                check(world, "bob=")
            assert world.subscribers() == []
