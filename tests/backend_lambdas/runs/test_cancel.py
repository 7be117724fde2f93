"""A cancel before, with and after its run: messages of one socket are handled side by side, in any order."""

import functools
from typing import Any

from botocore.exceptions import ClientError
from msgspec import structs

from backend_lambdas.runs.requests import UNSENT_SECONDS
from tests.backend_lambdas.lambda_fakes import FakeClock, Interrupted, World

CALLS = 30
"""More than a run makes."""


def test_a_cancel_that_overtakes_its_run_holds(world: World) -> None:
    assert world.cancel("ann=")
    world.request_run("ann=")
    assert world.data_api.statements == {}
    assert world.subscribers() == []
    assert world.gateway.types("ann=") == ["cancelled", "cancelled"]
    assert world.gateway.notified("ann=")[-1]["topicName"] == "topic of ann="


def test_a_cancel_at_any_moment_of_its_run_leaves_no_statement_that_goes_on(world: World) -> None:
    """Before each call that the run makes, and behind the last one."""
    for before in range(1, CALLS):
        world.reset()
        world.connect("ann=")
        counter = [0]

        wrap = functools.partial(Interrupted, before=before, happen=lambda: world.cancel("ann="), counter=counter)
        world.request_run("ann=", service=world.service_over(wrap))
        if counter[0] < before:
            break
        running = [one for one in world.data_api.statements.values() if one.status == "STARTED"]
        assert not running, f"a cancel before call {before} did not hold"
        assert world.subscribers() == []
        assert "cancelled" in world.gateway.types("ann=")
    assert before > 5


def test_a_cancel_in_the_midst_leaves_the_run_to_those_who_joined(world: World) -> None:
    for before in range(1, CALLS):
        world.reset()
        world.connect("ann=", "bob=")
        counter = [0]

        def meanwhile() -> None:
            world.request_run("bob=")
            world.cancel("ann=")

        world.request_run(
            "ann=",
            service=world.service_over(
                functools.partial(Interrupted, before=before, happen=meanwhile, counter=counter)
            ),
        )
        if counter[0] < before:
            break
        (statement,) = [one for one in world.data_api.statements.values() if one.status == "STARTED"]
        world.complete(statement)
        assert world.gateway.types("bob=")[-1] == "finished", f"before call {before}"
        assert "finished" not in world.gateway.types("ann="), f"before call {before}"
    assert before > 5


def test_a_cancel_after_the_end_is_told_that_it_comes_too_late(world: World) -> None:
    world.request_run("ann=")
    world.complete()
    assert not world.cancel("ann=")
    world.resume("new=", of="ann=")
    assert world.gateway.types("new=") == ["finished"]


def test_a_cancel_on_another_socket_of_its_user_holds(world: World) -> None:
    """The old socket's records may still be there when the tab is back."""
    world.request_run("old=")
    user = structs.replace(world.requester("old="), connection_id="new=")
    assert world.service.cancel(user, "run of old=")
    assert world.data_api.only.status == "ABORTED"
    assert world.gateway.types("new=") == ["cancelled"]
    assert world.subscribers() == []


def test_a_cancel_of_what_never_comes_is_soon_forgotten(world: World, fake_clock: FakeClock) -> None:
    world.cancel("ann=")
    fake_clock.forward(UNSENT_SECONDS + 1)
    world.request_run("ann=")
    assert len(world.data_api.statements) == 1


def test_a_cancel_of_another_users_run_is_nothing_to_that_run(world: World) -> None:
    world.request_run("ann=")
    world.service.cancel(world.requester("bob="), "run of ann=")
    assert world.data_api.only.status == "STARTED"
    assert world.subscribers() == ["ann="]


class Contended:
    """A client whose first update of a request meets a transaction that writes it."""

    def __init__(self, client: Any) -> None:
        self._client, self._is_free = client, False

    def __getattr__(self, name: str) -> Any:
        member = getattr(self._client, name)
        if name != "update_item":
            return member

        def call(**request: Any) -> Any:
            if not self._is_free and request["Key"]["pk"].startswith("requester#"):
                self._is_free = True
                raise ClientError({"Error": {"Code": "TransactionConflictException"}}, "UpdateItem")
            return member(**request)

        return call


def test_a_cancel_that_meets_the_writing_of_its_run_holds(world: World, fake_clock: FakeClock) -> None:
    """No SDK tries that again."""
    world.request_run("ann=")
    assert world.cancel("ann=", service=world.service_over(Contended))
    assert world.data_api.only.status == "ABORTED"
    assert world.gateway.types("ann=")[-1] == "cancelled"
