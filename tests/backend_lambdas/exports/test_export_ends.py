"""Every export comes to an end on record, for each who asked: with a tab or without, of whichever attempt."""

import contextlib
import functools
import itertools
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.commands.query_spec import EXPORT_SECONDS
from backend_lambdas.errors import TooBusy
from backend_lambdas.runs.run_service import LATE_SECONDS, RunService
from backend_lambdas.runs.run_state import GRACE_SECONDS, key_of
from tests.backend_lambdas.lambda_fakes import FakeClock, Interrupted, Statement, World

QUEUE_SECONDS = 18
FOR_EVER = 1000
"""More refusals than anybody waits for."""

MOMENTS = 5
"""How many calls, at the least, everything makes whose function dies before each of them."""


def ends(world: World) -> dict[str, str]:
    """How each user's export stands on record."""
    return {record["sub"].removeprefix("sub of "): record["state"] for record in world.records()}


def list_of(world: World, connection_id: str) -> list[str]:
    """The attempts of a user's exports."""
    return [item["attempt"] for item in world.service.deliveries.exports.of_user(f"sub of {connection_id}")]


def close_tab(world: World, connection_id: str) -> None:
    world.connections.remove(connection_id)


def refuse(world: World, times: int = FOR_EVER, code: str = "ThrottlingException") -> None:
    world.data_api.refusals["BatchExecuteStatement"] = [code] * times


def waiting(world: World) -> list[str]:
    return [attempt for attempt, _ in world.connections.waiting()]


def files(world: World, attempt: str) -> list[str]:
    return [key for key, _ in world.service.deliveries.exports._files(attempt)]


# ------------------------------------------------------------------------------------------ who submits does not get in


@pytest.mark.parametrize("code", ["ThrottlingException", "InternalServerException", "ValidationException"])
def test_who_joined_an_export_that_was_not_taken_is_on_record_as_failed(
    world: World, fake_clock: FakeClock, code: str
) -> None:
    """Whether it queued in vain or was refused; only the one who submits sees the error raised."""
    queueing = world.service_over(lambda client: client, QUEUE_SECONDS)
    fake_clock.meanwhile = [lambda: world.export("bob="), lambda: refuse(world, code=code)]
    refuse(world)
    with pytest.raises(Exception, match="warehouse"):
        world.export("ann=", queueing)
    assert world.gateway.types("bob=") == ["failed"]
    assert ends(world) == {"bob=": "failed"}
    assert waiting(world) == []


def test_an_export_that_another_submits_in_vain_is_on_record_as_failed(world: World, fake_clock: FakeClock) -> None:
    """Of those who take over nobody asks himself."""
    world.data_api.during["BatchExecuteStatement"] = lambda _: _dies()
    with pytest.raises(_Died):
        world.export("ann=")
    world.data_api.during.clear()
    world.data_api.statements.clear()
    world.export("bob=")
    fake_clock.forward(LATE_SECONDS)
    refuse(world)
    world.reconcile()
    assert world.gateway.types("bob=")[-1] == "failed"
    assert ends(world) == {"bob=": "failed"}


class _Died(BaseException):
    """The sandbox is gone: nothing after it is done."""


def _dies() -> None:
    raise _Died


def test_an_end_that_was_noted_but_not_put_on_record_is_found(world: World, fake_clock: FakeClock) -> None:
    """Who gave the run up died in between."""
    world.export("ann=")
    run = world.runs.get(world.run_item()["attempt"].partition("/")[0])
    assert run is not None
    world.runs.abort(run, "failed", "too_busy")
    close_tab(world, "ann=")
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    assert ends(world) == {"ann=": "failed"}
    assert waiting(world) == []


def test_two_users_with_the_same_run_id_are_two(world: World) -> None:
    """A client may send anything."""
    for connection_id in ("ann=", "bob="):
        world.export(connection_id, run_id="run-1")
    world.unload()
    world.complete()
    assert ends(world) == {"ann=": "completed", "bob=": "completed"}


# --------------------------------------------------------------------------------------------------------- a closed tab


def test_an_export_whose_tab_is_closed_is_looked_after(world: World, fake_clock: FakeClock) -> None:
    """Its event is lost, and nobody waits on a socket."""
    world.export("ann=")
    close_tab(world, "ann=")
    assert waiting(world) == [world.run_item()["attempt"]]
    world.unload(world.data_api.only, 5_000)
    world.data_api.only.status = "FINISHED"
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    assert ends(world) == {"ann=": "completed"}
    assert waiting(world) == []


def test_an_export_whose_tab_is_closed_keeps_its_limit(world: World, fake_clock: FakeClock) -> None:
    world.export("ann=")
    close_tab(world, "ann=")
    fake_clock.forward(EXPORT_SECONDS)
    world.reconcile()
    assert world.data_api.only.status == "ABORTED"
    assert ends(world) == {"ann=": "failed"}


@pytest.mark.parametrize("state", ["FINISHED", "FAILED", "ABORTED"])
def test_nobody_waits_for_an_export_that_has_ended(world: World, state: str) -> None:
    world.export("ann=")
    world.unload()
    world.complete(state=state)
    assert waiting(world) == []


def test_nobody_waits_for_an_export_whose_file_was_there(world: World) -> None:
    world.export("ann=")
    world.unload()
    world.complete()
    world.export("bob=")
    assert ends(world) == {"ann=": "completed", "bob=": "completed"}
    assert waiting(world) == []


# ------------------------------------------------------------------------------------------------------------ cancelled


def test_who_cancels_is_on_record_as_that_though_another_gets_the_file(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    world.cancel("ann=")
    assert ends(world) == {"ann=": "cancelled", "bob=": "started"}
    world.unload()
    world.complete()
    assert ends(world) == {"ann=": "cancelled", "bob=": "completed"}
    assert world.records()[0]["rows"] == 0


def test_an_export_whose_tab_is_closed_outlives_another_users_cancel(world: World) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    close_tab(world, "bob=")
    world.cancel("ann=")
    assert world.data_api.only.status == "STARTED"
    world.unload()
    world.complete()
    assert ends(world) == {"ann=": "cancelled", "bob=": "completed"}


def test_an_export_that_is_cancelled_before_it_is_noted_is_on_record_as_that(world: World) -> None:
    """The cancel is handled while the function that was asked is about to put it on record."""
    world.export("bob=")
    note = world.ask_for_export("ann=")
    world.cancel("ann=")
    note()
    world.unload()
    world.complete()
    assert ends(world) == {"ann=": "cancelled", "bob=": "completed"}


# ------------------------------------------------------------------------------------------------------ another attempt


@pytest.fixture
def superseded(world: World, fake_clock: FakeClock) -> World:
    """Ann exports an attempt whose place Bob's took after its deadline."""
    world.export("ann=")
    fake_clock.forward(EXPORT_SECONDS + GRACE_SECONDS + 1)
    world.export("bob=")
    return world


def newest(world: World) -> Statement:
    return list(world.data_api.statements.values())[-1]


def settle_newest(world: World, state: str = "FINISHED") -> None:
    world.unload(newest(world), 5_000)
    world.complete(newest(world), state)


Bring = Callable[[World], Any]


@pytest.mark.parametrize(
    "bring",
    [
        lambda world: world.reconcile(),
        lambda world: world.resume("late=", of="ann="),
        lambda world: world.export("ann="),
    ],
    ids=["reconciler", "resume", "asked again"],
)
@pytest.mark.parametrize(("state", "end"), [("FINISHED", "completed"), ("FAILED", "failed"), ("ABORTED", "cancelled")])
def test_who_is_brought_to_another_attempt_has_its_file_on_his_list(
    superseded: World, bring: Bring, state: str, end: str
) -> None:
    bring(superseded)
    assert list_of(superseded, "ann=") == list_of(superseded, "bob=") == [superseded.run_item()["attempt"]]
    settle_newest(superseded, state)
    assert ends(superseded) == {"ann=": end, "bob=": end}
    assert len(superseded.records()) == 2, "an export is on record once"
    close_tab(superseded, "ann=")
    assert waiting(superseded) == []


@pytest.mark.parametrize(("state", "end"), [("FINISHED", "completed"), ("FAILED", "failed")])
def test_who_comes_when_the_other_attempt_has_ended_has_that_end(superseded: World, state: str, end: str) -> None:
    settle_newest(superseded, state)
    superseded.resume("late=", of="ann=")
    assert ends(superseded) == {"ann=": end, "bob=": end}
    assert list_of(superseded, "ann=") == list_of(superseded, "bob=")


def test_who_left_is_brought_to_the_other_attempt_as_well(superseded: World) -> None:
    close_tab(superseded, "ann=")
    superseded.reconcile()
    settle_newest(superseded)
    assert ends(superseded) == {"ann=": "completed", "bob=": "completed"}


def test_what_others_cancelled_is_lost_to_who_exported_an_attempt_before(superseded: World) -> None:
    superseded.cancel("bob=")
    superseded.reconcile()
    assert superseded.gateway.notified("ann=")[-1]["code"] == "expired"
    assert ends(superseded) == {"ann=": "failed", "bob=": "cancelled"}
    assert waiting(superseded) == []


def test_an_export_of_a_forgotten_run_is_on_record_as_failed(world: World, fake_clock: FakeClock) -> None:
    world.export("ann=")
    world.db.delete_item(TableName=world.table, Key={name: world.run_item()[name] for name in ("pk", "sk")})
    fake_clock.forward(LATE_SECONDS)
    world.reconcile()
    assert ends(world) == {"ann=": "failed"}
    assert waiting(world) == []


def test_who_has_a_file_keeps_it_when_another_attempt_begins(world: World, fake_clock: FakeClock) -> None:
    world.export("ann=")
    world.unload()
    world.complete()
    before = list_of(world, "ann=")
    fake_clock.forward(15 * 60)
    world.export("bob=")
    world.resume("late=", of="ann=")
    assert list_of(world, "ann=") == before != list_of(world, "bob=")
    assert ends(world) == {"ann=": "completed", "bob=": "started"}


def test_a_run_id_that_comes_again_for_other_rows_moves_nobody(world: World) -> None:
    """A client may send anything; what others wait for is not its to change."""
    world.export("ann=")
    world.export("bob=", run_id="one")
    world.cancel("bob=", "one")
    world.export("bob=", run_id="one", month="2015-11")
    world.unload(next(iter(world.data_api.statements.values())))
    world.complete(next(iter(world.data_api.statements.values())))
    assert ends(world)["ann="] == "completed"


# ------------------------------------------------------------------------- a function that dies before any of its calls


def _asked(world: World, fake_clock: FakeClock, service: RunService) -> None:
    world.export("bob=")
    world.export("ann=", service)


def _completed(world: World, fake_clock: FakeClock, service: RunService) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    world.unload()
    world.data_api.only.status = "FINISHED"
    service.completer.complete(world.ended(world.data_api.only))


def _failed(world: World, fake_clock: FakeClock, service: RunService) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    world.data_api.only.status = "FAILED"
    service.completer.complete(world.ended(world.data_api.only, "FAILED"))


def _cancelled(world: World, fake_clock: FakeClock, service: RunService) -> None:
    for connection_id in ("ann=", "bob="):
        world.export(connection_id)
    world.cancel("bob=")
    world.cancel("ann=", service=service)


def _superseded(world: World, fake_clock: FakeClock, service: RunService) -> None:
    world.export("ann=")
    fake_clock.forward(EXPORT_SECONDS + GRACE_SECONDS + 1)
    world.export("bob=")
    attempt = world.service.deliveries.exports.of_user("sub of ann=")[0]["attempt"]
    service.completer.reassign(attempt, world.runs.get(key_of(attempt)))


def _queued(world: World, fake_clock: FakeClock, service: RunService) -> None:
    """Refused in the end, after Bob has joined."""
    fake_clock.meanwhile = [lambda: world.export("bob=")]
    refuse(world)
    with pytest.raises(TooBusy):
        world.export("ann=", service)


Scene = Callable[[World, FakeClock, RunService], None]


@pytest.mark.parametrize("scene", [_asked, _completed, _failed, _cancelled, _superseded, _queued])
def test_whenever_a_function_dies_what_is_on_a_list_comes_to_an_end_on_record(
    world: World, fake_clock: FakeClock, scene: Scene
) -> None:
    """Its tabs have gone, its event is not delivered again, and the limits of all runs pass."""
    for before in itertools.count(1):
        world.reset()
        counter = [0]
        wrap = functools.partial(Interrupted, before=before, happen=_dies, counter=counter)
        with contextlib.suppress(_Died):
            scene(world, fake_clock, world.service_over(wrap, QUEUE_SECONDS))
        for connection_id in ("ann=", "bob="):
            close_tab(world, connection_id)
        for _ in range(3):
            fake_clock.forward(EXPORT_SECONDS)
            world.reconcile()
        listed = {connection_id for connection_id in ("ann=", "bob=") if list_of(world, connection_id)}
        unended = {user for user, state in ends(world).items() if state == "started"}
        assert not unended & listed, f"it died before call {before}"
        assert waiting(world) == [], f"it died before call {before}"
        if counter[0] < before:
            assert before > MOMENTS, "else hardly anything was tried"
            return


# --------------------------------------------------------------------------------------------------- no part of a file


@pytest.mark.parametrize("state", ["FAILED", "ABORTED"])
def test_what_an_export_wrote_before_it_failed_is_removed(world: World, state: str) -> None:
    world.export("ann=")
    attempt = world.run_item()["attempt"]
    world.unload(world.data_api.only, 5_000, 17)
    assert len(files(world, attempt)) == 2
    world.complete(state=state)
    assert files(world, attempt) == []
    assert world.service.deliveries.exports.result(attempt) is None


def test_what_a_cancelled_export_wrote_is_removed_once_the_warehouse_has_stopped(world: World) -> None:
    world.export("ann=")
    attempt = world.run_item()["attempt"]
    world.cancel("ann=")
    world.unload(world.data_api.only, 5_000)
    world.complete(state="ABORTED")
    assert files(world, attempt) == []


def test_what_another_export_wrote_is_left(world: World) -> None:
    world.export("ann=")
    world.export("bob=", month="2015-11")
    first, second = world.data_api.statements.values()
    world.unload(second, 300)
    world.complete(second)
    world.complete(first, "FAILED")
    assert len(files(world, list_of(world, "bob=")[0])) == 1
