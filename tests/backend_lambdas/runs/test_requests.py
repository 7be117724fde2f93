"""What a user requested, whatever socket it was on."""

from typing import Any

import pytest
from msgspec import structs

from backend_lambdas.aws.tables import WriteRefused
from backend_lambdas.messages import Export, Run
from backend_lambdas.runs.requests import UNSENT_SECONDS, RequestedRun, Requests, Standing, content_of
from backend_lambdas.runs.run_state import CANCELLED, FAILED, FINISHED, RUNNING
from backend_lambdas.sockets.connections import RUN_SECONDS
from tests.backend_lambdas.lambda_fakes import FakeClock, World

SUB = "sub of ann="
RUN = Run("revenue", "revenue_by_day", "run-1", {"month": "2015-12"})


@pytest.fixture
def requests(world: World) -> Requests:
    return world.service.requests


def test_a_request_is_on_record_once(requests: Requests, fake_clock: FakeClock) -> None:
    requests.add(SUB, RUN, "key")
    first = RequestedRun("run-1", "revenue", "key", fake_clock.now(), False, content_of(RUN), False)
    fake_clock.forward(1)
    with pytest.raises(WriteRefused):
        requests.add(SUB, structs.replace(RUN, topic_name="another"), "another")
    assert requests.of(SUB, ["run-1", "unknown"]) == {"run-1": first}
    assert requests.look(SUB, "ann=", "run-1", "key") == Standing(False, first, None)


def test_a_request_that_is_known_is_written_anew_until_it_changes(requests: Requests, fake_clock: FakeClock) -> None:
    """Of two who know the same, also in the same millisecond, one writes."""
    requests.add(SUB, RUN, "key")
    known = requests.look(SUB, "ann=", "run-1", "key").earlier
    requests.add(SUB, RUN, "key", known)
    with pytest.raises(WriteRefused):
        requests.add(SUB, RUN, "key", known)


def test_a_request_that_was_cancelled_since_it_was_known_is_not_written(requests: Requests) -> None:
    requests.add(SUB, RUN, "key")
    known = requests.look(SUB, "ann=", "run-1", "key").earlier
    requests.cancel(SUB, "run-1")
    with pytest.raises(WriteRefused):
        requests.add(SUB, RUN, "key", known)


def test_a_look_finds_the_run_as_well(world: World, requests: Requests) -> None:
    run, _ = world.runs.claim(world.spec(), SUB, refresh=False)
    world.connect("ann=")
    assert requests.look(SUB, "ann=", "run-1", run.key) == Standing(True, None, run, None, 4_000_000_000)


def test_what_another_requested_is_not_found(requests: Requests) -> None:
    """Whoever learns a run id can do nothing with it."""
    requests.add(SUB, RUN, "key")
    assert requests.of("sub of bob=", ["run-1"]) == {}


def test_two_users_may_use_the_same_run_id(requests: Requests) -> None:
    requests.add(SUB, RUN, "key")
    requests.add("sub of bob=", RUN, "other")
    assert requests.of(SUB, ["run-1"])["run-1"].key == "key"


def test_a_request_is_forgotten_after_a_day(requests: Requests, fake_clock: FakeClock) -> None:
    """The table deletes days late."""
    requests.add(SUB, RUN, "key")
    fake_clock.forward(RUN_SECONDS - 1)
    assert "run-1" in requests.of(SUB, ["run-1"])
    fake_clock.forward(1)
    assert requests.of(SUB, ["run-1"]) == {}
    assert requests.look(SUB, "ann=", "run-1", "key") == Standing(False, None, None)
    requests.add(SUB, RUN, "key")


def test_a_hundred_runs_are_found_at_once(requests: Requests) -> None:
    """As many as one message may name."""
    run_ids = [f"run-{number}" for number in range(100)]
    for run_id in run_ids:
        requests.add(SUB, structs.replace(RUN, run_id=run_id), "key")
    assert set(requests.of(SUB, run_ids)) == set(run_ids)


def test_a_cancel_is_noted_of_its_run_only(requests: Requests) -> None:
    for run_id in ("run-1", "run-2"):
        requests.add(SUB, structs.replace(RUN, run_id=run_id), "key")
    before = requests.cancel(SUB, "run-1")
    assert before is not None
    assert (before.key, before.cancelled) == ("key", False)
    assert [requests.is_cancelled(SUB, run_id) for run_id in ("run-1", "run-2")] == [True, False]
    requests.reopen(SUB, "run-1")
    assert not requests.is_cancelled(SUB, "run-1")


def test_a_cancel_before_its_run_is_found_by_it(requests: Requests, fake_clock: FakeClock) -> None:
    assert requests.cancel(SUB, "run-1") is None
    earlier = requests.look(SUB, "ann=", "run-1", "key").earlier
    assert earlier is not None
    assert (earlier.cancelled, earlier.key, earlier.topic_name) == (True, "", None)
    with pytest.raises(WriteRefused):
        requests.add(SUB, RUN, "key")
    fake_clock.forward(UNSENT_SECONDS)
    requests.add(SUB, RUN, "key")


def test_a_request_that_is_withdrawn_was_never_made(requests: Requests) -> None:
    requests.add(SUB, RUN, "key")
    requests.withdraw(SUB, "run-1")
    assert requests.of(SUB, ["run-1"]) == {}
    requests.add(SUB, RUN, "key")


@pytest.mark.parametrize(
    "other",
    [
        structs.replace(RUN, report="another"),
        structs.replace(RUN, parameters={"month": "2015-11"}),
        structs.replace(RUN, parameters={}),
        Export("revenue", "revenue_by_day", "run-1", "csv", {"month": "2015-12"}),
    ],
)
def test_commands_that_want_something_else_have_another_content(other: Any) -> None:
    assert content_of(other) != content_of(RUN)


def test_the_order_of_parameters_is_no_other_content() -> None:
    one, two = ({"a": 1, "b": [2]}, {"b": [2], "a": 1})
    assert content_of(structs.replace(RUN, parameters=one)) == content_of(structs.replace(RUN, parameters=two))


@pytest.mark.parametrize(
    ("status", "ended_at", "fresh_until", "refresh", "answers"),
    [
        (RUNNING, 0, 0, False, False),
        (FINISHED, 6_000, 0, False, True),
        (FAILED, 6_000, 0, True, True),
        (CANCELLED, 6_000, 0, False, True),
        (FINISHED, 1_000, 0, False, False),
        (FINISHED, 1_000, 6_000, False, True),
        (FINISHED, 1_000, 6_000, True, False),
    ],
)
def test_what_ended_before_the_request_answers_it_only_if_it_was_fresh(
    world: World, status: str, ended_at: int, fresh_until: int, refresh: bool, answers: bool
) -> None:
    """Else a request whose function died before it looked would be answered from old rows."""
    run, _ = world.runs.claim(world.spec(), SUB, refresh=False)
    run = structs.replace(run, status=status, ended_at=ended_at, fresh_until=fresh_until)
    requested = RequestedRun("run-1", "revenue", run.key, 5_000, refresh, "", False)
    assert requested.is_answered_by(run) is answers
