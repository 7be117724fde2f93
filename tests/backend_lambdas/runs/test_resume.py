"""Taking up runs that were asked for on another socket."""

import functools
import itertools
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas import clock
from backend_lambdas.commands.query_spec import QuerySpec
from backend_lambdas.errors import Forbidden, RunNotFound, TooBusy
from backend_lambdas.messages import Run
from backend_lambdas.runs.requests import Requester
from backend_lambdas.runs.run_service import LATE_SECONDS
from backend_lambdas.runs.run_state import CANCELLED, GRACE_SECONDS
from backend_lambdas.runs.run_table import LOOK_SECONDS
from backend_lambdas.sockets.connections import RUN_SECONDS
from tests.backend_lambdas.lambda_fakes import REPORT, FakeClock, Interrupted, World, report

pytestmark = pytest.mark.usefixtures("fake_clock")

TIMEOUT = 60
"""Of the report that is asked for, in seconds."""


def notified(world: World, connection_id: str) -> dict[str, Any]:
    """The only message of a connection."""
    (message,) = world.gateway.notified(connection_id)
    return message


def lost(world: World, connection_id: str) -> None:
    """What is told of a run that nobody can bring to an end."""
    message = notified(world, connection_id)
    assert (message["type"], message["code"], message["message"]) == ("failed", "expired", RunNotFound.sentence)


# ------------------------------------------------------------------------------------- what has ended meanwhile


def test_a_run_that_finished_meanwhile_is_told_at_once(world: World) -> None:
    """Its end was told to a socket that was gone."""
    world.request_run("old=")
    world.gateway.gone = {"old="}
    world.complete()
    world.resume("new=", of="old=")
    assert notified(world, "new=") == {
        "type": "finished",
        "topicName": "topic of old=",
        "runId": "run of old=",
        "statementId": world.data_api.only.id,
        "rows": 31,
        "elapsedMs": world.run_item()["elapsedMs"],
        "asOf": "2033-05-18T03:33:20Z",
        "cached": False,
    }
    assert world.subscribers() == []


def test_a_run_that_finished_is_told_however_often_it_is_asked_after(world: World) -> None:
    world.request_run("old=")
    world.complete()
    for _ in range(3):
        world.resume("new=", of="old=")
    assert world.gateway.types("new=") == ["finished"] * 3


def test_a_run_that_failed_meanwhile_is_told_with_its_code(world: World) -> None:
    world.request_run("old=")
    world.gateway.gone = {"old="}
    world.complete(state="FAILED")
    world.resume("new=", of="old=")
    message = notified(world, "new=")
    assert (message["type"], message["code"], message["topicName"]) == ("failed", "sql_error", "topic of old=")


def test_a_run_that_came_to_its_limit_meanwhile_is_told_so(world: World, fake_clock: FakeClock) -> None:
    world.request_run("old=")
    world.gateway.gone = {"old="}
    fake_clock.forward(TIMEOUT)
    world.reconcile()
    world.resume("new=", of="old=")
    assert (notified(world, "new=")["type"], notified(world, "new=")["code"]) == ("failed", "timeout")


def test_a_run_that_its_user_cancelled_is_told_cancelled(world: World) -> None:
    """The answer to the cancel did not arrive, and nothing takes the run up again."""
    world.request_run("old=")
    world.gateway.gone = {"old="}
    world.cancel("old=")
    world.resume("new=", of="old=")
    assert notified(world, "new=") == {"type": "cancelled", "topicName": "topic of old=", "runId": "run of old="}
    assert world.subscribers() == []


def test_a_run_that_its_user_cancelled_is_told_cancelled_though_it_goes_on_for_others(world: World) -> None:
    world.request_run("old=")
    world.request_run("bob=")
    world.cancel("old=")
    world.resume("new=", of="old=")
    assert world.gateway.types("new=") == ["cancelled"]
    assert world.subscribers() == ["bob="]


def test_a_statement_that_nobodys_wish_ended_has_lost_its_run(world: World) -> None:
    """An operator stopped it in the warehouse: it was not this user who cancelled, so it may be asked for again."""
    world.request_run("old=")
    world.gateway.gone = {"old="}
    world.complete(state="ABORTED")
    world.resume("new=", of="old=")
    lost(world, "new=")
    assert notified(world, "new=")["topicName"] == "topic of old="


# -------------------------------------------------------------------------------------------- what is not known


def test_a_run_that_never_arrived_is_told_so_without_a_topic(world: World) -> None:
    """Nothing is known of it but the id that the client sent."""
    world.resume("new=", "never sent")
    lost(world, "new=")
    assert notified(world, "new=") == {
        "type": "failed",
        "runId": "never sent",
        "code": "expired",
        "message": RunNotFound.sentence,
    }


def test_a_run_of_another_user_is_unknown(world: World) -> None:
    """Neither that there is one, nor how it ended."""
    world.request_run("ann=")
    world.resume("bob=", "run of ann=")
    lost(world, "bob=")
    assert "topicName" not in notified(world, "bob=")
    world.complete()
    world.resume("bob=", "run of ann=")
    assert world.gateway.types("bob=") == ["failed", "failed"]
    assert world.gateway.types("ann=") == ["accepted", "finished"]


def test_a_run_of_the_day_before_is_unknown(world: World, fake_clock: FakeClock) -> None:
    world.request_run("old=")
    world.complete()
    fake_clock.forward(RUN_SECONDS)
    world.resume("new=", of="old=")
    lost(world, "new=")


def test_a_run_whose_record_has_gone_is_lost(world: World) -> None:
    world.request_run("old=")
    world.db.delete_item(TableName=world.table, Key={name: world.run_item()[name] for name in ("pk", "sk")})
    world.resume("new=", of="old=")
    lost(world, "new=")


def test_nothing_is_started_for_a_resume(world: World) -> None:
    world.request_run("old=")
    world.complete(state="ABORTED")
    world.resume("new=", "never sent", of="old=")
    world.resume("new=", of="old=")
    assert len(world.data_api.statements) == 1
    assert world.subscribers() == []


# ----------------------------------------------------------------------------------------- who may not any more


def of_no_group(connection_id: str, world: World) -> Requester:
    """The user of a socket, after the group was taken away."""
    user = world.requester(connection_id).principal
    return Requester("new=", structs.replace(user, groups=frozenset({"operations"})))


@pytest.mark.parametrize("ended", [False, True])
def test_a_run_of_a_group_that_was_taken_away_is_forbidden(world: World, ended: bool) -> None:
    world.request_run("old=")
    if ended:
        world.complete()
    world.service.resume(of_no_group("old=", world), ["run of old="])
    message = notified(world, "new=")
    assert (message["type"], message["code"], message["message"]) == ("failed", "forbidden", Forbidden.sentence)
    assert message["topicName"] == "topic of old="
    assert "new=" not in world.subscribers()


def test_a_run_of_a_claim_that_changed_is_forbidden(world: World) -> None:
    """What was asked with the old one bound is not this user's to read any more."""
    text = "{type: text, claim: custom:region}"
    world.report = report(REPORT.replace("{type: month, label: Trip month, default: 2015-12}", text))
    emea, apac = (
        structs.replace(world.requester("old=").principal, claims={"custom:region": region})
        for region in ("emea", "apac")
    )
    spec = QuerySpec.of(world.report, {"month": "emea"}, emea)
    world.service.request_run(Requester("old=", emea), Run("revenue", "revenue_by_day", "run-1"), spec)
    world.service.resume(Requester("new=", apac), ["run-1"])
    assert notified(world, "new=")["code"] == "forbidden"
    world.service.resume(Requester("newer=", emea), ["run-1"])
    assert notified(world, "newer=")["type"] == "accepted"


# ---------------------------------------------------------------------------------------------- what still runs


def test_a_run_that_still_runs_is_waited_for_on_the_new_socket(world: World) -> None:
    world.request_run("old=")
    world.connections.remove("old=")
    world.resume("new=", of="old=")
    accepted = notified(world, "new=")
    assert (accepted["type"], accepted["statementId"]) == ("accepted", world.data_api.only.id)
    assert (accepted["topicName"], accepted["runId"]) == ("topic of old=", "run of old=")
    assert world.subscribers() == ["new="]
    world.complete()
    assert world.gateway.types("new=") == ["accepted", "finished"]
    assert world.gateway.types("old=") == ["accepted"]


def test_a_run_that_still_runs_can_be_cancelled_on_the_new_socket(world: World) -> None:
    world.request_run("old=")
    world.connections.remove("old=")
    world.resume("new=", of="old=")
    assert world.cancel("new=", "run of old=")
    assert world.gateway.types("new=") == ["accepted", "cancelled"]
    assert world.data_api.only.status == "ABORTED"


def test_a_run_that_is_not_submitted_yet_is_waited_for(world: World) -> None:
    """The page was loaded anew while it queued."""
    world.data_api.during["ExecuteStatement"] = lambda _: world.resume("new=", of="old=")
    world.request_run("old=")
    world.complete()
    assert world.gateway.types("new=") == ["accepted", "finished"]


def test_a_socket_that_is_still_open_is_told_as_well(world: World) -> None:
    """Two tabs may have taken up the same run."""
    world.request_run("old=")
    world.resume("new=", of="old=")
    world.complete()
    assert world.gateway.types("old=")[-1] == world.gateway.types("new=")[-1] == "finished"


def test_to_resume_twice_on_one_socket_is_to_wait_once(world: World) -> None:
    world.request_run("old=")
    world.connections.remove("old=")
    for _ in range(2):
        world.resume("new=", of="old=")
    world.complete()
    assert world.gateway.types("new=").count("finished") == 1


def test_many_runs_are_each_told_what_became_of_them(world: World) -> None:
    """In one message; one that is lost does not hold up the others."""
    for number, month in enumerate(["2015-10", "2015-11", "2015-12"]):
        world.request_run("old=", run_id=f"run-{number}", month=month)
    finished, failed, running = world.data_api.statements.values()
    world.complete(finished)
    world.complete(failed, "FAILED")
    world.resume("new=", "run-0", "lost", "run-1", "run-2", of="old=")
    assert {message["runId"]: message["type"] for message in world.gateway.notified("new=")} == {
        "run-0": "finished",
        "run-1": "failed",
        "run-2": "accepted",
        "lost": "failed",
    }
    world.complete(running)
    assert world.gateway.types("new=")[-1] == "finished"


def test_a_run_that_another_took_the_place_of_is_followed_to_that(world: World, fake_clock: FakeClock) -> None:
    """The answer to the same query will do as well."""
    world.request_run("old=")
    world.connections.remove("old=")
    fake_clock.forward(TIMEOUT + GRACE_SECONDS + 1)
    world.request_run("bob=")
    world.resume("new=", of="old=")
    _, second = world.data_api.statements.values()
    assert notified(world, "new=")["statementId"] == second.id
    world.complete(second)
    assert world.gateway.types("new=") == ["accepted", "finished"]


def test_a_run_that_another_took_the_place_of_and_finished_is_told_that(world: World, fake_clock: FakeClock) -> None:
    world.request_run("old=")
    world.connections.remove("old=")
    fake_clock.forward(TIMEOUT + GRACE_SECONDS + 1)
    world.request_run("bob=")
    _, second = world.data_api.statements.values()
    world.complete(second)
    world.resume("new=", of="old=")
    assert (notified(world, "new=")["type"], notified(world, "new=")["statementId"]) == ("finished", second.id)


def test_a_run_that_always_ends_in_that_moment_is_told_to_come_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And nobody is left waiting for it."""
    world.request_run("old=")
    world.connections.remove("old=")
    running = world.runs.get(world.spec().key)
    assert running is not None
    cancelled = structs.replace(running, status=CANCELLED)
    monkeypatch.setattr(type(world.service.runs), "note_joined", lambda *_: cancelled)
    world.resume("new=", of="old=")
    assert (notified(world, "new=")["type"], notified(world, "new=")["code"]) == ("failed", TooBusy.code)
    assert world.subscribers() == []


@pytest.mark.parametrize("state", ["FINISHED", "FAILED"])
def test_an_end_at_any_moment_of_a_resume_is_told(world: World, state: str) -> None:
    """The event finds the new subscriber, or the resume finds the end."""
    for before in itertools.count(1):
        world.reset()
        world.request_run("old=")
        world.connections.remove("old=")
        if not ended_while_resumed(world, state, before):
            assert before > 5, "else hardly anything was tried"
            return
        ends = [kind for kind in world.gateway.types("new=") if kind != "accepted"]
        assert set(ends) == {state.lower()}, f"stopped before call {before}"
        assert world.subscribers() == []


def ended_while_resumed(world: World, state: str, before: int) -> bool:
    """Whether a resume has an n-th call, before which the statement ended."""
    counter = [0]
    end = functools.partial(world.complete, state=state)
    service = world.service_over(lambda client: Interrupted(client, before, end, counter))
    world.resume("new=", of="old=", service=service)
    return counter[0] >= before


# ---------------------------------------------------------------------------------- what may have ended unnoticed


def test_a_young_run_is_not_looked_at(world: World, fake_clock: FakeClock) -> None:
    """Its event is on its way; a page loaded anew must not cost a call for each of its panels."""
    world.request_run("old=")
    fake_clock.milliseconds += LATE_SECONDS * 1000 - 1
    world.resume("new=", of="old=")
    assert world.data_api.requests("DescribeStatement") == []


@pytest.mark.parametrize(("state", "kind"), [("FINISHED", "finished"), ("FAILED", "failed"), ("ABORTED", "cancelled")])
def test_a_run_that_ended_unheard_is_settled_by_who_resumes_it(
    world: World, fake_clock: FakeClock, state: str, kind: str
) -> None:
    """And everybody else who waits is told, too."""
    world.request_run("old=")
    world.request_run("bob=")
    world.data_api.only.status = state
    fake_clock.forward(LATE_SECONDS)
    world.resume("new=", of="old=")
    assert world.gateway.types("new=") == ["accepted", kind]
    assert world.gateway.types("bob=") == ["accepted", kind]
    assert world.subscribers() == []
    assert world.run_item()["status"] == kind


def test_of_many_who_resume_a_late_run_one_looks_for_all(world: World, fake_clock: FakeClock) -> None:
    """Each tab asks after the same time, and the warehouse takes few calls a second."""
    tabs = [f"tab-{number}=" for number in range(20)]
    world.request_run("old=")
    fake_clock.forward(LATE_SECONDS)
    for tab in tabs:
        world.resume(tab, of="old=")
    assert len(world.data_api.requests("DescribeStatement")) == 1
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(LOOK_SECONDS)
    world.resume("new=", of="old=")
    assert len(world.data_api.requests("DescribeStatement")) == 2
    assert [world.gateway.types(tab) for tab in [*tabs, "new="]] == [["accepted", "finished"]] * 21


def test_a_look_of_who_resumes_a_run_keeps_the_reconciler_from_none(world: World, fake_clock: FakeClock) -> None:
    """The statement may end just after that look."""
    world.request_run("old=")
    fake_clock.forward(LATE_SECONDS)
    world.resume("new=", of="old=")
    world.data_api.only.status = "FINISHED"
    world.reconcile()
    assert world.gateway.types("new=") == ["accepted", "finished"]


def test_looks_at_one_run_admit_those_at_others(world: World, fake_clock: FakeClock) -> None:
    for number, month in enumerate(["2015-10", "2015-11"]):
        world.request_run("old=", run_id=f"run-{number}", month=month)
    fake_clock.forward(LATE_SECONDS)
    world.resume("new=", "run-0", "run-1", of="old=")
    assert len({request["Id"] for request in world.data_api.requests("DescribeStatement")}) == 2


def test_a_run_over_its_limit_ends_for_who_resumes_it(world: World, fake_clock: FakeClock) -> None:
    world.request_run("old=")
    fake_clock.forward(TIMEOUT)
    world.resume("new=", of="old=")
    assert world.gateway.notified("new=")[-1]["code"] == "timeout"
    assert world.data_api.only.status == "ABORTED"


def test_a_run_that_nobody_has_submitted_is_submitted_by_who_resumes_it(world: World, fake_clock: FakeClock) -> None:
    run, _ = world.runs.claim(world.spec(), "sub of old=", refresh=False)
    command = Run("topic of old=", "revenue_by_day", "run of old=")
    world.service.requests.add("sub of old=", command, run.key)
    world.connections.add_subscriber(
        world.requester("old=").subscriber_of(run, "run of old=", "topic of old=", clock.now())
    )
    fake_clock.forward(LATE_SECONDS)
    world.resume("new=", of="old=")
    assert world.data_api.only.request["StatementName"].endswith(run.attempt)
    world.complete()
    assert world.gateway.types("new=") == ["accepted", "finished"]


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException"])
def test_a_look_that_fails_does_not_end_a_run_that_goes_on(world: World, fake_clock: FakeClock, code: str) -> None:
    """Its end is still told, by the event or the reconciler; to say `failed` now would hide it."""
    world.request_run("old=")
    world.connections.remove("old=")
    fake_clock.forward(LATE_SECONDS)
    world.data_api.refusals["DescribeStatement"] = [code]
    world.resume("new=", of="old=")
    assert world.gateway.types("new=") == ["accepted"]
    world.complete()
    assert world.gateway.types("new=") == ["accepted", "finished"]


def test_that_others_cannot_be_told_holds_up_no_resume(world: World, fake_clock: FakeClock) -> None:
    """They are told by the next look; the runs named after this one are looked at now."""
    world.request_run("old=")
    world.request_run("bob=")
    world.data_api.only.status = "FINISHED"
    world.gateway.throttled = {"bob="}
    fake_clock.forward(LATE_SECONDS)
    world.resume("new=", "run of old=", "lost", of="old=")
    assert world.gateway.types("new=") == ["accepted", "finished", "failed"]
    assert world.subscribers() == ["bob="]
    world.gateway.throttled = set()
    world.reconcile()
    assert world.gateway.types("bob=") == ["accepted", "finished"]
