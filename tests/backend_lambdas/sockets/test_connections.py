"""Connections, subscribers and the slots of sockets in the table."""

import itertools
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas.sockets.connections import OPEN_KEYS, WAITING_KEYS, Connections, Subscriber
from backend_lambdas.sockets.socket_slots import SOCKET_SECONDS, SocketSlots
from tests.backend_lambdas.lambda_fakes import FakeClock, Interrupted, World, principal

SUB = "sub of ann="

MOST = 400
"""Sockets of a user, as the template has it."""


def subscriber(connection_id: str = "ann=", run_id: str = "run-1", attempt: str = "key/1") -> Subscriber:
    return Subscriber(attempt, connection_id, run_id, "revenue", 1_700_000_000_000, f"sub of {connection_id}")


def records_of(world: World, connection_id: str) -> list[dict[str, Any]]:
    """Its own record, its waits and where to find them."""
    return [
        item
        for item in world.items()
        if item["pk"] == f"connection#{connection_id}" or item.get("connectionId") == connection_id
    ]


@pytest.fixture
def connections(world: World) -> Connections:
    return world.connections


def test_the_user_of_a_connection_comes_back(connections: Connections) -> None:
    user = principal("finance", "board", **{"custom:region": "emea"})
    connections.add("ann=", user)
    assert connections.principal("ann=") == user


def test_a_user_without_groups_claims_or_email_comes_back(connections: Connections) -> None:
    user = principal().from_token({"sub": "s", "exp": 1})
    connections.add("ann=", user)
    assert connections.principal("ann=") == user


def test_an_unknown_connection_has_no_user(connections: Connections) -> None:
    assert connections.principal("nobody=") is None


def test_a_subscriber_is_found_by_its_attempt_and_by_its_connection(connections: Connections) -> None:
    connections.add_subscriber(subscriber())
    assert connections.subscribers("key/1") == [subscriber()]
    (wait,) = connections.subscriptions_of("ann=")
    assert (wait.attempt, wait.run_id, wait.topic_name) == ("key/1", "run-1", "revenue")
    assert connections.subscribers("key/10") == connections.subscriptions_of("ann") == []


def test_a_subscribers_record_tells_who_waits_for_what(world: World) -> None:
    """So that an operator sees it in a scan of the table."""
    world.connections.add_subscriber(subscriber().with_statement("id-1"))
    (item,) = world.items("attempt#")
    assert (item["connectionId"], item["statementId"], item["topicName"]) == ("ann=", "id-1", "revenue")
    assert all("expiresAt" in record for record in world.items())


def test_a_statement_is_noted_on_a_subscriber(connections: Connections) -> None:
    connections.add_subscriber(subscriber())
    assert connections.set_statement(subscriber(), "id-1")
    assert connections.subscribers("key/1") == [subscriber().with_statement("id-1")]


def test_noting_a_statement_does_not_bring_a_subscriber_back(connections: Connections) -> None:
    connections.add_subscriber(subscriber())
    connections.remove_subscriber(subscriber())
    assert not connections.set_statement(subscriber(), "id-1")
    assert connections.subscribers("key/1") == []


def test_removing_a_subscriber_twice_changes_nothing(world: World) -> None:
    for run_id in ("run-1", "run-2"):
        world.connections.add_subscriber(subscriber(run_id=run_id))
    for _ in range(2):
        world.connections.remove_subscriber(subscriber())
    assert [left.run_id for left in world.connections.subscribers("key/1")] == ["run-2"]
    assert [left.run_id for left in world.connections.subscriptions_of("ann=")] == ["run-2"]


def test_removing_a_connection_removes_its_records_only(world: World) -> None:
    """The same run of another socket, and the other's own record, stay."""
    for connection_id in ("ann=", "bob="):
        world.connections.add(connection_id, principal("finance"))
        world.connections.add_subscriber(subscriber(connection_id))
        world.connections.add_subscriber(subscriber(connection_id, "run-2", "other/1"))
    world.connections.remove("ann=")
    assert records_of(world, "ann=") == []
    assert len(records_of(world, "bob=")) == 5


def test_removing_an_unknown_connection_changes_nothing(world: World) -> None:
    world.connect("bob=")
    world.connections.remove("ann=")
    assert len(world.items()) == 1


def test_hundreds_of_waits_are_found_page_by_page_and_removed(world: World, db: Any) -> None:
    """A query answers at most 1 MB, a batch takes 25 items."""
    count, topic = 300, "t" * 4000
    for number in range(count):
        world.connections.add_subscriber(Subscriber("key/1", "ann=", f"run-{number}", topic, 1, "sub of ann="))
    first_page = db.query(
        TableName=world.table, KeyConditionExpression="pk = :pk", ExpressionAttributeValues={":pk": "attempt#key/1"}
    )
    assert "LastEvaluatedKey" in first_page, "else this test would test nothing"
    assert len(world.connections.subscribers("key/1")) == len(world.connections.subscriptions_of("ann=")) == count
    world.connections.remove("ann=")
    assert records_of(world, "ann=") == []


def test_open_sockets_are_found_with_their_users(world: World) -> None:
    """And nothing else that the table holds."""
    users = {"ann=": principal("finance"), "bob=": principal("operations", **{"custom:region": "emea"})}
    for connection_id, user in users.items():
        world.connections.add(connection_id, user)
    world.connections.add_subscriber(subscriber())
    world.connections.add("gone=", principal("finance"))
    world.connections.remove("gone=")
    assert dict(world.connections.open()) == users


def test_finding_open_sockets_reads_nothing_else_of_the_table(
    world: World, answers: list[tuple[str, dict[str, Any]]]
) -> None:
    """The table holds a day's runs, and a report file changes at any time."""
    world.connect("ann=", "bob=")
    for number in range(30):
        world.connections.add_subscriber(subscriber("gone=", f"run-{number}"))
    answers.clear()
    assert len(list(world.connections.open())) == 2
    assert {operation for operation, _ in answers} == {"Query", "BatchGetItem"}
    assert sum(answer.get("ScannedCount", 0) for _, answer in answers) == 2


def test_open_sockets_are_spread_over_keys_of_the_index_that_are_not_those_of_who_waits(world: World) -> None:
    """One key would take a thousand writes a second at the most; and nobody waits on a socket that only is open."""
    world.connect(*(f"c{number}=" for number in range(60)))
    assert {item["waiting"] for item in world.items("connection#")} == set(OPEN_KEYS)
    assert set(OPEN_KEYS).isdisjoint(WAITING_KEYS)
    assert list(world.connections.waiting()) == []


def test_more_open_sockets_than_a_batch_reads_are_found(world: World) -> None:
    """BatchGetItem takes 100 keys."""
    connection_ids = {f"c{number}=" for number in range(230)}
    world.connect(*connection_ids)
    assert set(dict(world.connections.open())) == connection_ids


def test_a_socket_that_outlived_itself_or_its_sign_in_is_not_open(world: World) -> None:
    """DynamoDB deletes expired items days late."""
    signed_out = structs.replace(principal("finance"), token_expires_at=1)
    world.connections.add("expired=", signed_out)
    world.connections.add("old=", principal("finance"))
    (item,) = world.items("connection#old=")
    world.db.put_item(TableName=world.table, Item=item | {"expiresAt": 1})
    assert list(world.connections.open()) == []


def test_open_sockets_beyond_a_page_are_found(world: World) -> None:
    """DynamoDB reads a megabyte at a time."""
    for number in range(4):
        world.connections.add(f"c{number}=", principal("finance", **{"custom:note": "x" * 350_000}))
    assert {connection_id for connection_id, _ in world.connections.open()} == {f"c{number}=" for number in range(4)}


def test_everyone_who_waits_is_found_the_oldest_first(connections: Connections) -> None:
    for age, connection_id in ((2, "bob="), (3, "ann="), (1, "cid=")):
        asked_at = 1_700_000_000_000 - age
        connections.add_subscriber(structs.replace(subscriber(connection_id, attempt=f"key/{age}"), asked_at=asked_at))
    waiting = [(f"key/{age}", 1_700_000_000_000 - age) for age in (3, 2, 1)]
    assert list(connections.waiting()) == waiting
    connections.remove("ann=")
    assert list(connections.waiting()) == waiting[1:], "who was told, or has gone, waits no more"


def test_those_who_wait_are_spread_over_the_keys_of_their_index(world: World) -> None:
    """One key would take a thousand writes a second at the most, whatever the table takes."""
    for number in range(60):
        world.connections.add_subscriber(subscriber(f"c{number}=", attempt=f"key/{number}"))
    used = {item["waiting"] for item in world.items("attempt#")}
    assert used == set(WAITING_KEYS)
    assert len(list(world.connections.waiting())) == 60


def test_who_exports_and_waits_on_a_socket_is_one_who_waits(world: World) -> None:
    world.export("ann=")
    assert [attempt for attempt, _ in world.connections.waiting()] == [world.run_item()["attempt"]]
    world.connections.remove("ann=")
    assert [attempt for attempt, _ in world.connections.waiting()] == [world.run_item()["attempt"]]


# ---------------------------------------------------------------------------------------- the slots of sockets


@pytest.fixture
def slots(world: World) -> SocketSlots:
    return SocketSlots(world.db, world.table)


def taken(slots: SocketSlots, count: int, most: int, sub: str = "ann") -> list[int | None]:
    """The slots that so many sockets got, one after the other."""
    return [slots.take(sub, f"{sub}-{number}=", most) for number in range(count)]


@pytest.mark.parametrize("most", [1, 3, 30])
def test_the_first_sockets_have_a_slot_each_and_no_other_has_one(slots: SocketSlots, most: int) -> None:
    found = taken(slots, most + 3, most)
    assert set(found[:most]) == set(range(most))
    assert found[most:] == [None] * 3


def test_other_users_have_slots_of_their_own(slots: SocketSlots) -> None:
    assert None not in taken(slots, 3, 3)
    assert None not in taken(slots, 3, 3, "bob")


def test_a_slot_that_is_given_back_is_the_next_ones(slots: SocketSlots) -> None:
    first, *_ = taken(slots, 3, 3)
    assert first is not None
    for _ in range(2):
        slots.give_back("ann", "ann-0=", first)
    assert slots.take("ann", "new=", 3) == first
    assert slots.take("ann", "newer=", 3) is None


def test_taking_again_is_taking_once(slots: SocketSlots) -> None:
    """The SDK sends a request again whose answer was lost."""
    assert slots.take("ann", "ann=", 2) == slots.take("ann", "ann=", 2)
    assert slots.take("ann", "other=", 2) is not None


def test_a_slot_whose_socket_outlived_itself_is_free(slots: SocketSlots, fake_clock: FakeClock) -> None:
    """Its disconnect was lost, and DynamoDB deletes expired items days late."""
    assert taken(slots, 2, 1) == [0, None]
    fake_clock.forward(SOCKET_SECONDS)
    assert slots.take("ann", "new=", 1) == 0
    slots.give_back("ann", "ann-0=", 0)
    assert slots.take("ann", "newer=", 1) is None, "the late disconnect freed another's slot"


def test_whoever_comes_at_any_moment_one_has_the_last_slot(world: World) -> None:
    for before in itertools.count(1):
        world.reset()
        found = taken_by_two(world, before)
        if len(found) == 1:
            assert before > 1, "else nothing was tried"
            return
        assert sorted(found, key=str) == [0, None]


def taken_by_two(world: World, before: int) -> list[int | None]:
    """What two sockets get of one slot, one of them before the other's n-th call; one alone when there is none."""
    found = list[int | None]()
    slots = SocketSlots(world.db, world.table)
    client = Interrupted(world.db, before, lambda: found.append(slots.take("ann", "other=", 1)), [0])
    found.append(SocketSlots(client, world.table).take("ann", "own=", 1))
    return found


def test_what_opening_a_socket_asks_does_not_grow_with_those_that_are_open(
    world: World, answers: list[tuple[str, dict[str, Any]]]
) -> None:
    """A crowd of one user's made each read all that had come before."""
    count = MOST // 2
    for number in range(count):
        assert world.connections.open_within(f"c{number}=", principal("finance"), MOST)
    assert len(answers) < 4 * count
    assert sum(answer.get("ScannedCount", 0) for _, answer in answers) < 10 * count


def test_a_socket_that_could_not_be_recorded_holds_no_slot(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its handshake fails, and no disconnect will come."""

    def throttled(*_: Any) -> None:
        world.db.update_item(TableName="no-such-table", Key={"pk": "a", "sk": "b"})

    monkeypatch.setattr(Connections, "add", throttled)
    for number in range(2):
        with pytest.raises(world.db.exceptions.ResourceNotFoundException):
            world.connections.open_within(f"c{number}=", principal("finance"), 1)
    assert world.items("sockets#") == []


def test_a_socket_that_goes_gives_its_slot_back(world: World) -> None:
    assert world.connections.open_within("ann=", principal("finance"), 1)
    assert not world.connections.open_within("bob=", principal("finance"), 1)
    world.connections.remove("ann=")
    assert world.items() == []
    assert world.connections.open_within("bob=", principal("finance"), 1)
