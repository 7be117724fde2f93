"""A closed socket takes its own records along, and nobody else's."""

from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers import on_disconnect
from tests.backend_lambdas.lambda_fakes import World

CONNECTION = "BFHPhfCWIAMCKlQ="


@pytest.fixture
def world(world: World, wire: Callable[..., None]) -> World:
    wire()
    world.connect(CONNECTION, "bob=")
    return world


def test_only_its_own_records_go(world: World, recorded: Callable[[str], dict[str, Any]]) -> None:
    for connection_id in (CONNECTION, "bob="):
        world.request_run(connection_id)
    assert on_disconnect.handler(recorded("disconnect"), None) == {"statusCode": 200}
    assert world.connections.principal(CONNECTION) is None
    assert world.connections.subscriptions_of(CONNECTION) == []
    assert world.subscribers() == ["bob="]
    world.complete()
    assert world.gateway.types("bob=")[-1] == "finished"
    assert world.gateway.types(CONNECTION) == ["accepted"]


def test_what_its_user_asked_for_is_still_known(world: World, recorded: Callable[[str], dict[str, Any]]) -> None:
    """So that it can be taken up on another socket."""
    world.request_run(CONNECTION)
    on_disconnect.handler(recorded("disconnect"), None)
    world.complete()
    world.resume("new=", of=CONNECTION)
    assert world.gateway.types("new=") == ["finished"]


def test_a_disconnect_that_comes_twice_changes_nothing(world: World, recorded: Callable[[str], dict[str, Any]]) -> None:
    on_disconnect.handler(recorded("disconnect"), None)
    before = world.items()
    on_disconnect.handler(recorded("disconnect"), None)
    assert world.items() == before
    assert len(before) == 1
