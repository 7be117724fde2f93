"""Batches of DynamoDB to their end, with growing pauses between the tries."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.aws import clients
from backend_lambdas.aws.tables import read_all, write_all
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
