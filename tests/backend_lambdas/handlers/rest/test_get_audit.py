"""GET /audit: who took which rows away, for admins."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.access.audit import COMPLETED, Audit, AuditedItem
from backend_lambdas.handlers.rest import get_audit
from tests.backend_lambdas.lambda_fakes import FakeClock, World, principal

DAY = 24 * 3600
Get = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def kept(world: World, wire: Callable[..., None], fake_clock: FakeClock) -> Audit:
    """Today is 2030-03-17."""
    wire()
    return Audit(world.db, world.audit_table)


@pytest.fixture
def get(kept: Audit, recorded: Callable[[str], dict[str, Any]]) -> Get:
    """Status and body; `query` are the query's names and texts."""

    def request(groups: str = "admins", **query: str) -> tuple[int, dict[str, Any]]:
        event = recorded("get_reports")
        event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = groups
        event["queryStringParameters"] = {name.rstrip("_"): value for name, value in query.items()} or None
        answer = get_audit.handler(event, None)
        assert answer["headers"]["Cache-Control"] == "no-store"
        return answer["statusCode"], json.loads(answer["body"])

    return request


def took(kept: Audit, of: str = "id-1", **changes: str) -> str:
    values = {"kind": "download", "report": "revenue_by_day", "department": "finance", "format": "csv"} | changes
    own = values["report"], "Revenue by day", values["department"], {"month": "2015-12"}, values["format"]
    return kept.begin(principal("finance"), AuditedItem(values["kind"], of, *own))


def shown(get: Get, **query: str) -> list[str]:
    """What each record that is found is of."""
    status, body = get(**query)
    assert status == 200, body
    return [record["of"] for record in body["records"]]


@pytest.mark.parametrize("groups", ["", "finance", "authors", "operations,finance", "Admins", "admins-of-old"])
def test_nobody_but_admins_sees_the_records(kept: Audit, get: Get, groups: str) -> None:
    took(kept)
    status, body = get(groups)
    assert (status, set(body), body["error"]["code"]) == (403, {"error"}, "forbidden")


def test_a_record_tells_who_took_what(kept: Audit, get: Get) -> None:
    kept.finish(took(kept), "sub-1", 31, 1_200, COMPLETED)
    assert get() == (
        200,
        {
            "records": [
                {
                    "at": "2030-03-17T17:46:40.000Z",
                    "kind": "download",
                    "email": "ana@example.com",
                    "report": "revenue_by_day",
                    "title": "Revenue by day",
                    "department": "finance",
                    "parameters": {"month": "2015-12"},
                    "format": "csv",
                    "state": "completed",
                    "of": "id-1",
                    "rows": 31,
                    "bytes": 1_200,
                }
            ],
            "more": False,
        },
    )


def test_without_days_the_last_week_is_shown_the_newest_first(kept: Audit, get: Get, fake_clock: FakeClock) -> None:
    for number in range(9):
        took(kept, f"day {number}")
        fake_clock.forward(DAY)
    fake_clock.forward(-DAY)
    assert shown(get) == [f"day {number}" for number in range(8, 1, -1)]


def test_days_can_be_chosen_their_first_and_last_included(kept: Audit, get: Get, fake_clock: FakeClock) -> None:
    for number in range(5):
        took(kept, f"day {number}")
        fake_clock.forward(DAY)
    assert shown(get, from_="2030-03-18", to="2030-03-20") == ["day 3", "day 2", "day 1"]
    assert shown(get, from_="2030-03-18", to="2030-03-18") == ["day 1"]
    assert shown(get, to="2030-03-18") == ["day 1", "day 0"]


@pytest.mark.parametrize(
    ("first", "last"),
    [
        ("2030-03-18", "2030-03-17"),
        ("2029-12-15", "2030-03-17"),
        ("0001-01-01", "9999-12-31"),
        ("yesterday", "2030-03-17"),
        ("2030-03-17", "2030-02-30"),
        ("", "0001-01-03"),
        ("2030-03-17", "x" * 5000),
    ],
)
def test_days_that_are_none_or_too_many_are_a_bad_parameter(get: Get, first: str, last: str) -> None:
    status, body = get(from_=first, to=last)
    assert (status, body["error"]["code"]) == (400, "bad_parameter")
    assert body["error"]["message"].startswith("from and to")


def test_three_months_can_be_looked_at_at_once(get: Get) -> None:
    assert get(from_="2029-12-16", to="2030-03-17")[0] == 200


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("kind", "export", ["run-1"]),
        ("kind", "link", []),
        ("email", "ana@example.com", ["id-2", "run-1", "id-1"]),
        ("email", "bob@example.com", []),
        ("report", "trips", ["id-2"]),
        ("department", "operations", ["id-2"]),
        ("format", "parquet", ["run-1"]),
        ("state", "started", ["id-2", "run-1"]),
        ("state", "completed", ["id-1"]),
        ("state", "", ["id-2", "run-1", "id-1"]),
        ("sub", "another's", ["id-2", "run-1", "id-1"]),
    ],
)
def test_records_can_be_narrowed_down(
    kept: Audit, get: Get, fake_clock: FakeClock, name: str, value: str, found: list[str]
) -> None:
    """By what is named, and by nothing that is empty or no filter."""
    kept.finish(took(kept, "id-1"), "sub-1", 1, 1, COMPLETED)
    fake_clock.forward(1)
    took(kept, "run-1", kind="export", format="parquet")
    fake_clock.forward(1)
    took(kept, "id-2", report="trips", department="operations")
    assert shown(get, **{name: value}) == found


def test_filters_hold_together(kept: Audit, get: Get) -> None:
    took(kept, "id-1")
    took(kept, "id-2", format="xlsx")
    took(kept, "run-1", kind="export")
    assert shown(get, kind="download", format="csv") == ["id-1"]


@pytest.mark.parametrize(("count", "more"), [(3, False), (4, True)])
def test_the_newest_so_many_are_shown_and_whether_there_are_more(
    kept: Audit, get: Get, fake_clock: FakeClock, monkeypatch: pytest.MonkeyPatch, count: int, more: bool
) -> None:
    monkeypatch.setattr(get_audit, "MOST_RECORDS", 3)
    for number in range(count):
        took(kept, f"id-{number}")
        fake_clock.forward(1)
    body = get()[1]
    assert [record["of"] for record in body["records"]] == [
        f"id-{number}" for number in range(count - 1, count - 4, -1)
    ]
    assert body["more"] is more


def test_a_link_that_is_given_out_is_among_them(kept: Audit, get: Get) -> None:
    took(kept, "run-1", kind="link")
    assert shown(get, kind="link") == ["run-1"]
