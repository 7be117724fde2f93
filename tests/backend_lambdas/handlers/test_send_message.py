"""The end of a statement, from the event to the clients."""

from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers import send_message
from backend_lambdas.sockets.notifier import DeliveryFailed
from tests.backend_lambdas.lambda_fakes import SUBMITTING, World

Record = Callable[[str], dict[str, Any]]


@pytest.fixture
def world(world: World, wire: Callable[..., None]) -> World:
    wire(**SUBMITTING)
    world.connect("ann=", "bob=")
    for connection_id in ("ann=", "bob="):
        world.request_run(connection_id)
    return world


@pytest.fixture
def ended(world: World, recorded: Record) -> Callable[[str], dict[str, Any]]:
    """A recorded event, of the statement that runs."""

    def event_of(name: str) -> dict[str, Any]:
        event = recorded(name)
        statement = world.data_api.only
        event["detail"] |= {"statementId": statement.id, "statementName": statement.request["StatementName"]}
        return event

    return event_of


@pytest.mark.parametrize(
    ("name", "kind"),
    [("statement_finished", "finished"), ("statement_failed", "failed"), ("statement_aborted", "cancelled")],
)
def test_everyone_is_told_the_end_on_their_topic(
    world: World, ended: Callable[[str], dict[str, Any]], name: str, kind: str
) -> None:
    assert send_message.handler(ended(name), None) is None
    for connection_id in ("ann=", "bob="):
        notified = world.gateway.notified(connection_id)[-1]
        assert (notified["type"], notified["topicName"]) == (kind, f"topic of {connection_id}")
    assert world.subscribers() == []


def test_a_finished_statement_tells_its_rows_and_can_be_read(
    world: World, ended: Callable[[str], dict[str, Any]]
) -> None:
    send_message.handler(ended("statement_finished"), None)
    notified = world.gateway.notified("ann=")[-1]
    assert (notified["rows"], notified["statementId"]) == (31, world.data_api.only.id)
    assert notified["asOf"].endswith("Z")
    assert notified["elapsedMs"] < 60_000
    record = world.runs.statement(world.data_api.only.id)
    assert record is not None
    assert (record["rows"], record["groups"]) == (31, ["finance"])


def test_a_failure_does_not_show_the_warehouses_words(world: World, ended: Callable[[str], dict[str, Any]]) -> None:
    world.data_api.only.error = 'relation "secret_table" does not exist'
    send_message.handler(ended("statement_failed"), None)
    assert world.data_api.requests("DescribeStatement") == [{"Id": world.data_api.only.id}]
    assert "secret_table" not in str(world.gateway.posts)


def test_the_same_event_twice_tells_once(world: World, ended: Callable[[str], dict[str, Any]]) -> None:
    for _ in range(2):
        send_message.handler(ended("statement_finished"), None)
    assert world.gateway.types("ann=") == ["accepted", "finished"]


def test_a_failed_delivery_makes_lambda_try_again_for_just_that_one(
    world: World, ended: Callable[[str], dict[str, Any]]
) -> None:
    world.gateway.throttled = {"ann="}
    with pytest.raises(DeliveryFailed):
        send_message.handler(ended("statement_finished"), None)
    world.gateway.throttled = set()
    send_message.handler(ended("statement_finished"), None)
    assert world.gateway.types("ann=").count("finished") == world.gateway.types("bob=").count("finished") == 1


def test_the_event_of_an_unknown_run_is_no_error(world: World, recorded: Record) -> None:
    """Another stack of the account may use the same prefix."""
    posts = list(world.gateway.posts)
    send_message.handler(recorded("statement_finished"), None)
    assert world.gateway.posts == posts
