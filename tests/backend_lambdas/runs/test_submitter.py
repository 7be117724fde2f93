"""Bringing an attempt into the warehouse: waiting for it, for a bounded time, and what others see meanwhile."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas.errors import TooBusy, WarehouseRefused, WarehouseUnavailable
from backend_lambdas.runs.concurrency_limits import Limits
from backend_lambdas.runs.run_service import LATE_SECONDS, RunService
from backend_lambdas.runs.run_state import CANCELLED, FAILED, LEASE_SECONDS, RUNNING
from tests.backend_lambdas.lambda_fakes import REPORT, FakeClock, Interrupted, Statement, World, report

QUEUE_SECONDS = 18
BUSY = "ThrottlingException"
FOR_EVER = 1000
"""More refusals than anybody waits for."""

SOME_CALLS = 6
"""How many calls an requester makes, at the least, whose function dies before each of them."""


@pytest.fixture
def queueing(world: World, fake_clock: FakeClock) -> RunService:
    """The life of runs whose submitters wait."""
    return world.service_over(lambda client: client, QUEUE_SECONDS)


def refuse(world: World, times: int, code: str = BUSY) -> None:
    world.data_api.refusals["ExecuteStatement"] = [code] * times


def held(world: World) -> set[str]:
    """Every attempt that is counted for anybody."""
    return {attempt for item in world.items("slots#") for attempt in item.get("attempts", ())}


def tokens(world: World) -> list[str]:
    return [request["ClientToken"] for request in world.data_api.requests("ExecuteStatement")]


class Killed(BaseException):
    """The sandbox is gone: nothing after it is done."""


class Mortal:
    """A client of a function that dies before its n-th call."""

    def __init__(self, client: Any, before: int, counter: list[int]) -> None:
        self._client, self._before, self._calls = client, before, counter

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name in {"exceptions", "meta"}:
            return member

        def call(*args: Any, **kwargs: Any) -> Any:
            self._calls[0] += 1
            if self._calls[0] >= self._before:
                raise Killed
            return member(*args, **kwargs)

        return call


# ------------------------------------------------------------------------------------------------------------ queueing


@pytest.mark.parametrize("times", [1, 3, 8])
@pytest.mark.parametrize("code", [BUSY, "ActiveStatementsExceededException", "InternalServerException"])
def test_a_refused_statement_is_tried_again_until_it_is_taken(
    world: World, queueing: RunService, fake_clock: FakeClock, times: int, code: str
) -> None:
    refuse(world, times, code)
    world.request_run("ann=", queueing)
    assert world.gateway.types("ann=") == ["accepted"]
    assert len(world.data_api.statements) == 1
    assert len(fake_clock.waits) == times
    assert len(set(tokens(world))) == 1, "every try is of the same attempt"
    world.complete()
    assert world.gateway.types("ann=") == ["accepted", "finished"]


@pytest.mark.parametrize(("code", "error"), [(BUSY, TooBusy), ("InternalServerException", WarehouseUnavailable)])
def test_who_waited_too_long_is_refused_and_leaves_nothing(
    world: World, queueing: RunService, fake_clock: FakeClock, code: str, error: type[Exception]
) -> None:
    refuse(world, FOR_EVER, code)
    with pytest.raises(error):
        world.request_run("ann=", queueing)
    assert QUEUE_SECONDS / 2 < sum(fake_clock.waits) <= QUEUE_SECONDS
    assert world.gateway.posts == []
    assert world.items("attempt#") == world.items("requester#") == []
    assert [item["sk"] for item in world.items("connection#")] == ["connection"]
    assert held(world) == set()
    assert world.run_item()["status"] == FAILED
    refuse(world, 0)
    world.request_run("ann=", queueing)
    assert world.gateway.types("ann=") == ["accepted"], "it may be asked again at once, also by the same run id"


def test_nobody_queues_longer_than_the_report_may_take(
    world: World, queueing: RunService, fake_clock: FakeClock
) -> None:
    world.report = report(REPORT.replace("60s", "5s"))
    refuse(world, FOR_EVER)
    with pytest.raises(TooBusy):
        world.request_run("ann=", queueing)
    assert sum(fake_clock.waits) <= 5


@pytest.mark.parametrize("code", ["ResourceNotFoundException", "AccessDeniedException"])
def test_what_the_warehouse_will_never_take_is_not_tried_again(
    world: World, queueing: RunService, fake_clock: FakeClock, code: str
) -> None:
    refuse(world, 1, code)
    with pytest.raises(WarehouseRefused):
        world.request_run("ann=", queueing)
    assert fake_clock.waits == []
    assert len(tokens(world)) == 1
    assert world.subscribers() == []
    assert held(world) == set()


def test_who_queues_keeps_the_lease(world: World, queueing: RunService, fake_clock: FakeClock) -> None:
    """Else another would take it for dead and submit in its place."""
    left: list[int] = []
    fake_clock.meanwhile = [lambda: left.append(int(world.run_item()["leaseUntil"]) - fake_clock.now())] * FOR_EVER
    refuse(world, FOR_EVER)
    with pytest.raises(TooBusy):
        world.request_run("ann=", queueing)
    assert sum(fake_clock.waits) > LEASE_SECONDS, "else this test would test nothing"
    assert min(left) > 0


def test_who_joins_a_run_that_queues_waits_with_it(world: World, queueing: RunService, fake_clock: FakeClock) -> None:
    """Also when that has queued for longer than a lease."""
    slow = [lambda: fake_clock.forward(3)] * 4  # each try takes the warehouse that long
    fake_clock.meanwhile = [*slow, lambda: world.request_run("bob=")]
    refuse(world, 6)
    world.request_run("ann=", queueing)
    accepted = [world.gateway.notified(connection_id)[0] for connection_id in ("ann=", "bob=")]
    assert [message["shared"] for message in accepted] == [False, True]
    assert len(set(tokens(world))) == len(world.data_api.statements) == 1
    world.complete()
    assert world.gateway.types("bob=") == ["accepted", "finished"]


def test_who_joined_a_run_that_queued_in_vain_is_told(
    world: World, queueing: RunService, fake_clock: FakeClock
) -> None:
    """Only the one who submits sees the error raised."""
    fake_clock.meanwhile = [lambda: world.request_run("bob=")]
    refuse(world, FOR_EVER)
    with pytest.raises(TooBusy):
        world.request_run("ann=", queueing)
    (failed,) = world.gateway.notified("bob=")
    assert (failed["type"], failed["code"], failed["message"]) == ("failed", "too_busy", TooBusy.sentence)
    assert world.gateway.types("ann=") == []
    assert world.subscribers() == []


# ------------------------------------------------------------------------------------------------------ full of slots


def test_who_has_too_many_runs_queues_until_one_has_ended(world: World, fake_clock: FakeClock) -> None:
    world.limits = Limits(per_user=1, per_department=100)
    world.service = world.service_over(lambda client: client, QUEUE_SECONDS)
    world.request_run("ann=", month="2015-11")
    fake_clock.meanwhile = [lambda: None, world.complete]
    world.request_run("ann=", month="2015-12", run_id="second")
    assert len(fake_clock.waits) == 2
    assert world.gateway.types("ann=") == ["accepted", "finished", "accepted"]


def test_who_has_too_many_runs_for_too_long_is_told_why(world: World, fake_clock: FakeClock) -> None:
    """Nothing of it has come to the warehouse, and his other runs go on."""
    world.limits = Limits(per_user=1, per_department=100)
    world.service = world.service_over(lambda client: client, QUEUE_SECONDS)
    world.request_run("ann=", month="2015-11")
    with pytest.raises(TooBusy, match="as many reports running as you may"):
        world.request_run("ann=", month="2015-12", run_id="second")
    assert len(tokens(world)) == 1
    world.complete()
    assert world.gateway.types("ann=") == ["accepted", "finished"]


def test_to_join_what_runs_takes_no_slot(world: World) -> None:
    world.limits = Limits(per_user=1, per_department=1)
    world.service = world.service_over(lambda client: client)
    for connection_id in ("ann=", "bob=", "cid="):
        world.request_run(connection_id)
    assert len(held(world)) == 1


@pytest.mark.parametrize("state", ["FINISHED", "FAILED", "ABORTED"])
def test_a_slot_is_held_until_the_statement_has_ended(world: World, state: str) -> None:
    world.request_run("ann=")
    assert held(world) == {world.run_item()["attempt"]}
    world.complete(state=state)
    assert held(world) == set()


def test_the_second_event_of_an_end_gives_back_what_the_first_could_not(world: World) -> None:
    """Its function had recorded the end when it died."""
    world.request_run("ann=")
    run = world.runs.get(world.spec().key)
    assert run is not None
    world.runs.complete(structs.replace(run, status="finished"))
    assert held(world) == {run.attempt}
    world.complete()
    assert held(world) == set()


# --------------------------------------------------------------------------------------------- cancelled while queueing


def test_a_run_cancelled_while_it_queues_is_not_submitted(
    world: World, queueing: RunService, fake_clock: FakeClock
) -> None:
    """Who queues looks whenever it renews the lease, so it stops before one is over, however busy the warehouse is."""
    fake_clock.meanwhile = [lambda: None, lambda: world.cancel("ann=") and None]
    refuse(world, FOR_EVER)
    world.request_run("ann=", queueing)
    assert world.data_api.statements == {}
    assert sum(fake_clock.waits) < LEASE_SECONDS
    assert world.gateway.types("ann=") == ["cancelled"]
    assert world.subscribers() == []
    assert world.run_item()["status"] == CANCELLED


def test_a_run_cancelled_just_before_it_is_taken_is_stopped_in_the_warehouse(
    world: World, queueing: RunService, fake_clock: FakeClock
) -> None:
    """Who queues has not looked since; it finds the cancel when it notes the statement, and accepts nothing."""
    fake_clock.meanwhile = [lambda: world.cancel("ann=") and None]
    refuse(world, 1)
    world.request_run("ann=", queueing)
    assert world.data_api.only.status == "ABORTED"
    assert world.gateway.types("ann=") == ["cancelled"]
    assert world.subscribers() == []
    assert world.run_item()["status"] == CANCELLED


def test_a_run_cancelled_while_it_queues_goes_on_for_who_had_joined(
    world: World, queueing: RunService, fake_clock: FakeClock
) -> None:
    fake_clock.meanwhile = [lambda: world.request_run("bob="), lambda: world.cancel("ann=") and None]
    refuse(world, 3)
    world.request_run("ann=", queueing)
    world.complete()
    assert world.gateway.types("ann=") == ["cancelled"]
    assert world.gateway.types("bob=") == ["accepted", "finished"]


def test_who_queues_goes_on_for_who_had_joined_though_the_canceller_died(
    world: World, queueing: RunService, fake_clock: FakeClock
) -> None:
    """Bob joined just before the cancel was noted, and its function died before it saw him."""
    noting_the_cancel = 7
    joining, dying = [0], [0]

    def mortal(client: Any) -> Mortal:
        joined = Interrupted(client, noting_the_cancel, lambda: world.request_run("bob="), joining)
        return Mortal(joined, noting_the_cancel + 1, dying)

    def cancel() -> None:
        with pytest.raises(Killed):
            world.cancel("ann=", service=world.service_over(mortal))
        assert world.run_item()["status"] == CANCELLED
        fake_clock.forward(LEASE_SECONDS / 2)

    fake_clock.meanwhile = [cancel]
    refuse(world, 1)
    world.request_run("ann=", queueing)
    assert world.run_item()["status"] == RUNNING
    world.complete()
    assert world.gateway.types("bob=") == ["accepted", "finished"]
    assert world.gateway.types("ann=") == ["cancelled"]


def started(world: World) -> list[Statement]:
    return [statement for statement in world.data_api.statements.values() if statement.status == "STARTED"]


@pytest.mark.parametrize("before", range(1, 10))
@pytest.mark.parametrize("noticed", [True, False], ids=["noticed", "unnoticed"])
def test_who_joins_at_any_moment_of_a_cancel_of_a_run_that_queues_gets_a_result(
    world: World, queueing: RunService, fake_clock: FakeClock, before: int, noticed: bool
) -> None:
    """Of one statement that goes on; a cancel that is noticed in time has started none in vain."""
    happened: list[int] = []

    def join() -> None:
        happened.append(before)
        world.request_run("bob=")

    def cancel() -> None:
        world.cancel("ann=", service=world.service_over(lambda client: Interrupted(client, before, join, counter)))
        if not happened:
            join()
        fake_clock.forward(LEASE_SECONDS / 2 if noticed else 0)

    counter = [0]
    fake_clock.meanwhile = [cancel]
    refuse(world, 1)
    world.request_run("ann=", queueing)
    (statement,) = started(world)
    if noticed:
        assert len(world.data_api.statements) == 1
    world.complete(statement)
    assert world.gateway.types("ann=") == ["cancelled"]
    assert world.gateway.types("bob=")[-1] == "finished"
    assert world.subscribers() == []


@pytest.mark.parametrize("noticed", [True, False], ids=["noticed", "unnoticed"])
def test_a_run_that_another_took_the_place_of_leaves_no_statement(
    world: World, queueing: RunService, fake_clock: FakeClock, noticed: bool
) -> None:
    """It was cancelled, and asked for anew, while it queued; what was submitted unnoticed is stopped at once."""

    def replace() -> None:
        assert world.cancel("ann=")
        world.request_run("bob=")
        fake_clock.forward(LEASE_SECONDS / 2 if noticed else 0)

    fake_clock.meanwhile = [replace]
    refuse(world, 1)
    world.request_run("ann=", queueing)
    (statement,) = started(world)
    if noticed:
        assert len(world.data_api.statements) == 1
    assert statement.request["StatementName"].endswith(world.run_item()["attempt"])
    assert world.run_item()["status"] == RUNNING
    assert world.gateway.types("bob=") == ["accepted"]
    assert world.gateway.types("ann=") == ["cancelled"]


# -------------------------------------------------------------------------------------------------- submitters that die


def dies(world: World, before: int) -> bool:
    """Ann asks, and her function dies before its n-th call; False when it has come to its end before."""
    counter = [0]
    try:
        world.request_run("ann=", world.service_over(lambda client: Mortal(client, before, counter)))
    except Killed:
        return True
    assert before > SOME_CALLS, "else hardly anything was tried"
    return False


@pytest.fixture
def deaths(world: World, fake_clock: FakeClock) -> Callable[[], Iterator[World]]:
    """The world after a submitter's death before each of its calls in turn, in which a run is known."""

    def each() -> Iterator[World]:
        before = 1
        while dies(world, before):
            if world.items("run#"):
                yield world
            world.reset()
            before += 1

    return each


def check(world: World, *waiting: str) -> None:
    """One statement, however often it was submitted, and everybody who waits has its end."""
    assert len(world.data_api.statements) == 1
    assert len(set(tokens(world))) == 1
    was_there = "ann=" in world.subscribers()
    world.complete()
    for connection_id in (*waiting, *(["ann="] if was_there else [])):
        assert world.gateway.types(connection_id)[-1] == "finished"
    assert world.subscribers() == []
    assert held(world) == set()


def test_the_next_requester_submits_in_the_place_of_one_who_died(
    deaths: Callable[[], Iterator[World]], fake_clock: FakeClock
) -> None:
    """Before or after ExecuteStatement: the same attempt with the same ClientToken, so exactly one statement."""
    for world in deaths():
        fake_clock.forward(LEASE_SECONDS)
        world.request_run("bob=")
        check(world, "bob=")


def test_who_asks_before_it_is_known_that_the_submitter_died_waits(
    deaths: Callable[[], Iterator[World]], fake_clock: FakeClock
) -> None:
    """Whoever comes after him, or the reconciler, submits; both are told."""
    for world in deaths():
        fake_clock.forward(LEASE_SECONDS - 1)
        world.request_run("bob=")
        fake_clock.forward(1)
        world.request_run("cid=")
        check(world, "bob=", "cid=")


def test_the_reconciler_submits_in_the_place_of_one_who_died(
    deaths: Callable[[], Iterator[World]], fake_clock: FakeClock
) -> None:
    """Unless he died before he waited: then nobody does."""
    for world in deaths():
        waited = world.subscribers() == ["ann="]
        fake_clock.forward(LATE_SECONDS)
        world.reconcile()
        if waited:
            check(world, "ann=")
        else:
            assert world.data_api.statements == {}


def test_one_who_is_slow_and_taken_for_dead_does_no_harm(world: World, fake_clock: FakeClock) -> None:
    """The warehouse took long to answer; meanwhile another submitted the same attempt."""
    world.data_api.during["ExecuteStatement"] = lambda _: (
        world.data_api.during.clear(),
        fake_clock.forward(LEASE_SECONDS),
        world.request_run("bob="),
    )
    world.request_run("ann=")
    assert len(tokens(world)) == 2
    check(world, "ann=", "bob=")


def test_everybody_is_told_when_a_second_submitter_is_refused_too(world: World, fake_clock: FakeClock) -> None:
    """Of those who take over nobody asks himself, so nobody else would hear of it."""
    assert dies(world, 4)
    assert (world.subscribers(), world.data_api.statements) == (["ann="], {})
    fake_clock.forward(LATE_SECONDS)
    refuse(world, 1)
    world.reconcile()
    (failed,) = world.gateway.notified("ann=")
    assert (failed["type"], failed["code"]) == ("failed", "too_busy")
    assert world.subscribers() == []
    assert held(world) == set()
    assert world.run_item()["status"] == FAILED
