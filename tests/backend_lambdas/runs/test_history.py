"""Ended runs as operators find them: once an attempt, whatever comes twice, and never in a run's way."""

import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from backend_lambdas.runs.history import KEPT_SECONDS, History
from tests.backend_lambdas.lambda_fakes import FakeClock, World

DAY = 24 * 3600


@pytest.fixture
def history(world: World, fake_clock: FakeClock) -> History:
    """Today is 2030-03-17."""
    world.connect("ann=", "bob=", "cid=")
    return History(world.db, world.table)


def kept(history: History, since: int = 0) -> list[dict[str, Any]]:
    return list(history.since(since or 1_900_000_000_000 - DAY * 1000))


def test_an_end_is_one_item_with_what_it_was_of_and_how_many_were_told(
    world: World, history: History, fake_clock: FakeClock
) -> None:
    world.request_run("ann=")
    world.request_run("bob=")
    fake_clock.forward(2)
    world.service.completer.complete(world.ended(world.data_api.only, at=fake_clock.now()))
    (item,) = kept(history)
    assert (item["report"], item["department"], item["state"]) == ("revenue_by_day", "finance", "finished")
    assert (item["told"], item["elapsedMs"], item["rows"]) == (2, 2000, 31)
    assert item["statementId"] == world.data_api.only.id
    assert item["expiresAt"] == item["startedAt"] // 1000 + KEPT_SECONDS


def test_the_same_end_again_changes_nothing(world: World, history: History) -> None:
    world.request_run("ann=")
    world.complete()
    before = kept(history)
    world.complete()
    assert kept(history) == before


def test_who_is_answered_from_rows_that_are_there_is_counted(world: World, history: History) -> None:
    world.request_run("ann=")
    world.complete()
    world.request_run("bob=")
    world.request_run("cid=")
    (item,) = kept(history)
    assert (item["told"], item["cached"]) == (1, 2)


def test_an_answer_makes_no_item_of_an_end_that_is_not_on_record(world: World, history: History) -> None:
    world.request_run("ann=")
    world.complete()
    (item,) = kept(history)
    world.db.delete_item(TableName=world.table, Key={"pk": item["pk"], "sk": item["sk"]})
    world.request_run("bob=")
    assert kept(history) == []


def test_why_it_failed_is_kept_in_the_warehouses_words(world: World, history: History) -> None:
    world.request_run("ann=")
    world.data_api.only.error = "Divide by zero"
    world.complete(state="FAILED")
    (item,) = kept(history)
    assert (item["state"], item["code"], item["reason"]) == ("failed", "sql_error", "Divide by zero")


def test_cancelled_refused_and_late_runs_are_kept_too(world: World, history: History, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.cancel("ann=")
    world.data_api.refusals["ExecuteStatement"] = ["ActiveStatementsExceededException"]
    with pytest.raises(Exception, match="busy"):
        world.request_run("bob=", month="2015-11")
    world.request_run("cid=", month="2015-10")
    fake_clock.forward(61)
    world.reconcile()
    assert {(item["state"], item["code"]) for item in kept(history)} == {
        ("cancelled", ""),
        ("failed", "too_busy"),
        ("failed", "timeout"),
    }


def test_the_newest_comes_first_across_days_and_what_is_older_does_not_come(
    world: World, history: History, fake_clock: FakeClock
) -> None:
    for month in ("2015-01", "2015-02", "2015-03"):
        world.request_run("ann=", month=month, run_id=month)
        world.complete(list(world.data_api.statements.values())[-1])
        fake_clock.forward(DAY // 2)
    started = [int(item["startedAt"]) for item in kept(history)]
    assert started == sorted(started, reverse=True)
    assert len({datetime.datetime.fromtimestamp(at / 1000, datetime.UTC).date() for at in started}) == 2
    assert len(kept(history, started[1])) == 2


class Refusing:
    """A table that takes no note of ends."""

    def __init__(self, db: Any) -> None:
        self._db = db

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)

    def update_item(self, **request: Any) -> Any:
        if request["Key"]["pk"].startswith("ended#"):
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "UpdateItem")
        return self._db.update_item(**request)


def test_a_run_goes_on_when_its_end_cannot_be_noted(world: World, history: History) -> None:
    service = world.service_over(lambda client: Refusing(client) if client is world.db else client)
    world.request_run("ann=", service)
    service.completer.complete(world.ended(world.data_api.only))
    world.request_run("bob=", service)
    assert world.gateway.types("ann=") == ["accepted", "finished"]
    assert world.gateway.types("bob=") == ["accepted", "finished"]
    assert kept(history) == []
