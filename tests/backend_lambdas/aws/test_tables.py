"""Batches and transactions of DynamoDB to their end, with growing pauses between the tries."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.aws import clients
from backend_lambdas.aws.tables import WriteRefused, read_all, update, write_all, write_together
from tests.backend_lambdas.lambda_fakes import FakeClock, World

ITEMS = [{"pk": f"key-{number}", "sk": "item"} for number in range(6)]
PUTS = [{"PutRequest": {"Item": item}} for item in ITEMS]


class Reluctant:
    """DynamoDB that does so many items of a batch and hands the others back, as it may when it is busy."""

    def __init__(self, db: Any, done: int = 1) -> None:
        self._db, self._done = db, done

    def batch_write_item(self, RequestItems: dict[str, list[Any]]) -> dict[str, Any]:  # noqa: N803
        ((table, requests),) = RequestItems.items()
        now, later = requests[: self._done], requests[self._done :]
        if now:
            self._db.batch_write_item(RequestItems={table: now})
        return {"UnprocessedItems": {table: later} if later else {}}

    def batch_get_item(self, RequestItems: dict[str, Any]) -> dict[str, Any]:  # noqa: N803
        ((table, request),) = RequestItems.items()
        now, later = request["Keys"][: self._done], request["Keys"][self._done :]
        found = self._db.batch_get_item(RequestItems={table: request | {"Keys": now}})["Responses"] if now else {}
        left = {table: request | {"Keys": later}} if later else {}
        return {"Responses": {table: found.get(table, [])}, "UnprocessedKeys": left}


def test_what_a_busy_table_hands_back_is_written_again_ever_more_slowly(world: World, fake_clock: FakeClock) -> None:
    write_all(Reluctant(world.db), world.table, PUTS)
    assert len(world.items()) == len(ITEMS)
    assert len(fake_clock.waits) == len(ITEMS) - 1
    assert fake_clock.waits[-1] > fake_clock.waits[0]


def test_what_a_busy_table_does_not_read_is_read_again_ever_more_slowly(world: World, fake_clock: FakeClock) -> None:
    write_all(world.db, world.table, PUTS)
    found = list(read_all(Reluctant(world.db), world.table, ITEMS))
    assert sorted(item["pk"] for item in found) == [item["pk"] for item in ITEMS]
    assert fake_clock.waits[-1] > fake_clock.waits[0]


def test_a_table_that_takes_nothing_is_not_asked_for_ever(world: World, fake_clock: FakeClock) -> None:
    for batch in (lambda db: write_all(db, world.table, PUTS), lambda db: list(read_all(db, world.table, ITEMS))):
        with pytest.raises(ClientError) as refused:
            batch(Reluctant(world.db, done=0))
        assert clients.error_code(refused.value) == "ProvisionedThroughputExceededException"
    assert sum(fake_clock.waits) <= 10


def test_a_batch_of_nothing_makes_no_call(world: World) -> None:
    write_all(None, world.table, [])
    assert list(read_all(None, world.table, [])) == []


# ------------------------------------------------------------------------------------------------------- transactions


class Contended:
    """DynamoDB in which others write the same items a few times before one comes through."""

    def __init__(self, db: Any, times: int) -> None:
        self._db, self._times, self.exceptions = db, times, db.exceptions

    def _in_the_way(self) -> bool:
        self._times -= 1
        return self._times >= 0

    def transact_write_items(self, **request: Any) -> Any:
        if self._in_the_way():
            reasons = [{"Code": "TransactionConflict", "Message": "..."}, {"Code": "None"}]
            answer = {"Error": {"Code": "TransactionCanceledException"}, "CancellationReasons": reasons}
            raise self.exceptions.TransactionCanceledException(answer, "TransactWriteItems")
        return self._db.transact_write_items(**request)

    def update_item(self, **request: Any) -> Any:
        if self._in_the_way():
            raise ClientError({"Error": {"Code": "TransactionConflictException"}}, "UpdateItem")
        return self._db.update_item(**request)


def put(world: World, number: int, **condition: Any) -> dict[str, Any]:
    return {"Put": {"TableName": world.table, "Item": ITEMS[number] | {"own": number}, **condition}}


ONCE = {"ConditionExpression": "attribute_not_exists(pk)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def test_what_is_written_together_is_there_together(world: World) -> None:
    write_together(world.db, [put(world, 0, **ONCE), put(world, 1)])
    assert [item["own"] for item in world.items()] == [0, 1]


def test_a_refused_write_takes_the_others_along_and_tells_what_is_there(world: World) -> None:
    write_together(world.db, [put(world, 1)])
    with pytest.raises(WriteRefused) as refused:
        write_together(world.db, [put(world, 0), put(world, 1, **ONCE)])
    assert refused.value.found == {1: ITEMS[1] | {"own": 1}}
    assert [item["own"] for item in world.items()] == [1]


def test_whoever_meets_another_writer_tries_again(world: World, fake_clock: FakeClock) -> None:
    write_together(Contended(world.db, 3), [put(world, 0), put(world, 1)])
    update(
        Contended(world.db, 2),
        TableName=world.table,
        Key=ITEMS[0],
        UpdateExpression="SET own = :own",
        ExpressionAttributeValues={":own": 5},
    )
    assert [item["own"] for item in world.items()] == [5, 1]
    assert len(fake_clock.waits) == 5


def test_whoever_always_meets_another_writer_is_told_so(world: World, fake_clock: FakeClock) -> None:
    with pytest.raises(ClientError, match="TransactionCanceled"):
        write_together(Contended(world.db, 1000), [put(world, 0)])
    with pytest.raises(ClientError, match="TransactionConflict"):
        update(Contended(world.db, 1000), TableName=world.table, Key=ITEMS[0])
    assert sum(fake_clock.waits) <= 10


def test_a_transaction_that_is_wrong_is_not_tried_again(world: World, fake_clock: FakeClock) -> None:
    with pytest.raises(ClientError):
        write_together(world.db, [put(world, 0), put(world, 0)])
    assert fake_clock.waits == []
