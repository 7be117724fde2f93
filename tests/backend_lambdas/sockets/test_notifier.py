"""Telling clients: in order, each for itself, and the gone forgotten."""

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.messages import Event, Pong, RunCancelled
from backend_lambdas.sockets.connections import Subscriber
from backend_lambdas.sockets.notifier import DeliveryFailed, Notifier
from tests.backend_lambdas.lambda_fakes import World


@pytest.fixture
def notifier(world: World) -> Notifier:
    return world.service.notifier


def waiting(world: World, *connection_ids: str) -> list[Subscriber]:
    world.connect(*connection_ids)
    subscribers = [
        Subscriber("key/1", connection_id, "run-1", "revenue", 1, "sub-1") for connection_id in connection_ids
    ]
    for subscriber in subscribers:
        world.connections.add_subscriber(subscriber)
    return subscribers


def cancelled(subscriber: Subscriber) -> list[Event]:
    return [RunCancelled(subscriber.topic_name, subscriber.run_id)]


def test_events_arrive_in_order(world: World, notifier: Notifier) -> None:
    notifier.notify("ann=", Pong(), RunCancelled("revenue", "run-1"))
    assert world.gateway.types("ann=") == ["pong", "cancelled"]


@pytest.mark.parametrize("code", ["GoneException", ""])
def test_a_gone_connection_is_forgotten_not_raised(world: World, notifier: Notifier, code: str) -> None:
    """With the error's name in its header or, from other gateways, with nothing but the status 410."""
    waiting(world, "ann=", "bob=")
    world.gateway.gone, world.gateway.gone_code = {"ann="}, code
    notifier.notify("ann=", Pong())
    assert not [item for item in world.items() if "ann=" in str(item)]
    assert world.subscribers() == ["bob="]


def test_a_throttled_message_is_an_error(world: World, notifier: Notifier) -> None:
    world.gateway.throttled = {"ann="}
    with pytest.raises(ClientError):
        notifier.notify("ann=", Pong())


def test_what_may_be_missed_is_no_error(world: World, notifier: Notifier) -> None:
    world.gateway.throttled = {"ann="}
    notifier.try_to_notify("ann=", Pong())
    assert world.gateway.posts == []


def test_everyone_is_told_and_forgotten(world: World, notifier: Notifier) -> None:
    subscribers = waiting(world, *(f"c{number}=" for number in range(40)))
    notifier.notify_all(subscribers, cancelled)
    assert sorted(receiver for receiver, _ in world.gateway.posts) == sorted(item.connection_id for item in subscribers)
    assert world.subscribers() == []


def test_nobody_to_tell_is_nothing_to_do(world: World, notifier: Notifier) -> None:
    notifier.notify_all([], cancelled)
    assert world.gateway.posts == []


def test_one_who_cannot_be_told_holds_up_nobody(world: World, notifier: Notifier) -> None:
    subscribers = waiting(world, "ann=", "bob=", "cid=", "dan=")
    world.gateway.throttled, world.gateway.gone = {"ann="}, {"cid="}
    with pytest.raises(DeliveryFailed, match="1 of 4"):
        notifier.notify_all(subscribers, cancelled)
    assert sorted(receiver for receiver, _ in world.gateway.posts) == ["bob=", "dan="]
    assert world.subscribers() == ["ann="], "still recorded, so that the next try tells just this one"


def test_each_is_told_its_own(world: World, notifier: Notifier) -> None:
    notifier.notify_each({f"c{number}=": RunCancelled("revenue", f"run-{number}") for number in range(40)})
    assert {receiver: message["runId"] for receiver, message in world.gateway.posts} == {
        f"c{number}=": f"run-{number}" for number in range(40)
    }


def test_of_each_who_is_told_one_may_fail_and_one_be_gone(world: World, notifier: Notifier) -> None:
    world.connect("ann=", "bob=", "cid=")
    world.gateway.throttled, world.gateway.gone = {"ann="}, {"cid="}
    with pytest.raises(DeliveryFailed, match="1 of 3"):
        notifier.notify_each(dict.fromkeys(("ann=", "bob=", "cid="), Pong()))
    assert world.gateway.types("bob=") == ["pong"]
    assert world.connections.principal("cid=") is None
