"""Telling clients: in order, each for itself, and the gone forgotten."""

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.messages import Event, Pong, RunCancelled
from backend_lambdas.runs.connections import Waiter
from backend_lambdas.runs.notifier import DeliveryFailed, Teller
from tests.backend_lambdas.lambda_fakes import World


@pytest.fixture
def teller(world: World) -> Teller:
    return world.service.teller


def waiting(world: World, *connection_ids: str) -> list[Waiter]:
    world.connect(*connection_ids)
    waiters = [Waiter("key/1", connection_id, "run-1", "revenue", 1, "sub-1") for connection_id in connection_ids]
    for waiter in waiters:
        world.connections.add_waiter(waiter)
    return waiters


def cancelled(waiter: Waiter) -> Event:
    return RunCancelled(waiter.topic_name, waiter.run_id)


def test_events_arrive_in_order(world: World, teller: Teller) -> None:
    teller.tell("ann=", Pong(), RunCancelled("revenue", "run-1"))
    assert world.gateway.types("ann=") == ["pong", "cancelled"]


@pytest.mark.parametrize("code", ["GoneException", ""])
def test_a_gone_connection_is_forgotten_not_raised(world: World, teller: Teller, code: str) -> None:
    """With the error's name in its header or, from other gateways, with nothing but the status 410."""
    waiting(world, "ann=", "bob=")
    world.gateway.gone, world.gateway.gone_code = {"ann="}, code
    teller.tell("ann=", Pong())
    assert not [item for item in world.items() if "ann=" in str(item)]
    assert world.waiters() == ["bob="]


def test_a_throttled_message_is_an_error(world: World, teller: Teller) -> None:
    world.gateway.throttled = {"ann="}
    with pytest.raises(ClientError):
        teller.tell("ann=", Pong())


def test_what_may_be_missed_is_no_error(world: World, teller: Teller) -> None:
    world.gateway.throttled = {"ann="}
    teller.try_to_tell("ann=", Pong())
    assert world.gateway.posts == []


def test_everyone_is_told_and_forgotten(world: World, teller: Teller) -> None:
    waiters = waiting(world, *(f"c{number}=" for number in range(40)))
    teller.tell_all(waiters, cancelled)
    assert sorted(receiver for receiver, _ in world.gateway.posts) == sorted(item.connection_id for item in waiters)
    assert world.waiters() == []


def test_nobody_to_tell_is_nothing_to_do(world: World, teller: Teller) -> None:
    teller.tell_all([], cancelled)
    assert world.gateway.posts == []


def test_one_who_cannot_be_told_holds_up_nobody(world: World, teller: Teller) -> None:
    waiters = waiting(world, "ann=", "bob=", "cid=", "dan=")
    world.gateway.throttled, world.gateway.gone = {"ann="}, {"cid="}
    with pytest.raises(DeliveryFailed, match="1 of 4"):
        teller.tell_all(waiters, cancelled)
    assert sorted(receiver for receiver, _ in world.gateway.posts) == ["bob=", "dan="]
    assert world.waiters() == ["ann="], "still recorded, so that the next try tells just this one"


def test_each_is_told_its_own(world: World, teller: Teller) -> None:
    teller.tell_each({f"c{number}=": RunCancelled("revenue", f"run-{number}") for number in range(40)})
    assert {receiver: message["runId"] for receiver, message in world.gateway.posts} == {
        f"c{number}=": f"run-{number}" for number in range(40)
    }


def test_of_each_who_is_told_one_may_fail_and_one_be_gone(world: World, teller: Teller) -> None:
    world.connect("ann=", "bob=", "cid=")
    world.gateway.throttled, world.gateway.gone = {"ann="}, {"cid="}
    with pytest.raises(DeliveryFailed, match="1 of 3"):
        teller.tell_each(dict.fromkeys(("ann=", "bob=", "cid="), Pong()))
    assert world.gateway.types("bob=") == ["pong"]
    assert world.connections.principal("cid=") is None
