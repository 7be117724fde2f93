"""GET /operations: what runs and how runs ended, for admins."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers.rest import get_operations
from tests.backend_lambdas.lambda_fakes import FakeClock, World

Get = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def get(world: World, wire: Callable[..., None], fake_clock: FakeClock, recorded: Callable[[str], Any]) -> Get:
    """Status and body, for somebody in these groups."""
    wire()
    world.connect("ann=", "bob=", "cid=")

    def request(groups: str = "admins") -> tuple[int, dict[str, Any]]:
        event = recorded("get_reports")
        event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = groups
        answer = get_operations.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"])

    return request


def inspect(get: Get) -> dict[str, Any]:
    status, body = get()
    assert status == 200, body
    return body


@pytest.mark.parametrize("groups", ["", "finance", "authors", "operations,finance", "Admins", "admins-of-old"])
def test_nobody_but_admins_sees_what_runs(get: Get, groups: str) -> None:
    status, body = get(groups)
    assert (status, set(body), body["error"]["code"]) == (403, {"error"}, "forbidden")


def test_an_empty_table_has_figures_of_nothing(get: Get) -> None:
    body = inspect(get)
    assert body["figures"] == {
        **{"runs": 0, "finished": 0, "failed": 0, "cancelled": 0, "answers": 0},
        **{"medianMs": None, "p95Ms": None},
    }
    lists = ("running", "slowest", "failures", "shared", "departments")
    assert all(body[name] == [] for name in lists)
    assert not body["moreEnded"]


def test_what_runs_is_told_with_how_many_wait_and_since_when(get: Get, world: World, fake_clock: FakeClock) -> None:
    began = fake_clock.now()
    world.request_run("ann=")
    world.request_run("bob=")
    fake_clock.forward(5)
    (run,) = inspect(get)["running"]
    assert (run["report"], run["department"], run["state"]) == ("revenue_by_day", "finance", "running")
    assert (run["since"], run["waiting"], run["statementId"]) == (began, 2, world.data_api.only.id)


def test_what_the_warehouse_has_not_taken_yet_is_queued(get: Get, world: World) -> None:
    seen: list[str] = []
    world.data_api.during["ExecuteStatement"] = lambda _: seen.append(inspect(get)["running"][0]["state"])
    world.request_run("ann=")
    assert seen == ["queued"]


def test_a_day_is_counted_and_ranked(get: Get, world: World, fake_clock: FakeClock) -> None:
    for seconds, month in ((1, "2015-01"), (9, "2015-02"), (2, "2015-03")):
        world.request_run("ann=", month=month, run_id=month)
        world.request_run("bob=", month=month, run_id=month)
        fake_clock.forward(seconds)
        world.service.completer.complete(world.ended(list(world.data_api.statements.values())[-1], at=fake_clock.now()))
    world.request_run("cid=", month="2015-03")
    body = inspect(get)
    assert body["figures"] == {
        **{"runs": 3, "finished": 3, "failed": 0, "cancelled": 0, "answers": 7},
        **{"medianMs": 2000, "p95Ms": 9000},
    }
    assert [one["elapsedMs"] for one in body["slowest"]] == [9000, 2000, 1000]
    (shared,) = body["shared"]
    assert (shared["report"], shared["answers"], shared["finished"]) == ("revenue_by_day", 7, 3)
    (department,) = body["departments"]
    assert (department["department"], department["runs"]) == ("finance", 3)


def test_failures_of_one_kind_are_one_row_with_the_latest(get: Get, world: World, fake_clock: FakeClock) -> None:
    for number in range(3):
        world.request_run("ann=", run_id=f"run {number}", refresh=True)
        statement = list(world.data_api.statements.values())[-1]
        statement.error = "Divide by zero"
        world.complete(statement, "FAILED")
        fake_clock.forward(1)
    body = inspect(get)
    (failure,) = body["failures"]
    assert (failure["times"], failure["code"], failure["reason"]) == (3, "sql_error", "Divide by zero")
    assert failure["statementId"] == statement.id
    assert body["figures"]["failed"] == 3


def test_what_ended_more_than_a_day_ago_is_not_told(get: Get, world: World, fake_clock: FakeClock) -> None:
    world.request_run("ann=")
    world.complete()
    fake_clock.forward(get_operations.DAY_SECONDS + 1)
    assert inspect(get)["figures"]["runs"] == 0


def test_a_busy_day_is_read_so_far_and_says_so(
    get: Get, world: World, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(get_operations, "MOST_ENDED", 2)
    for month in ("2015-01", "2015-02", "2015-03"):
        world.request_run("ann=", month=month, run_id=month)
        fake_clock.forward(1)
        world.complete(list(world.data_api.statements.values())[-1])
    body = inspect(get)
    assert (body["figures"]["runs"], body["moreEnded"]) == (2, True)


def test_nothing_of_a_user_or_of_what_he_asked_is_told(get: Get, world: World) -> None:
    world.request_run("ann=", month="1815-12")
    world.request_run("bob=", month="1815-11")
    world.complete(next(iter(world.data_api.statements.values())))
    text = json.dumps(inspect(get))
    for secret in ("1815-1", "sub of", "ana@example.com", "SELECT"):
        assert secret not in text
