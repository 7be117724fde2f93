"""The records of who took which rows away."""

import datetime
from typing import Any

import pytest
from msgspec.structs import replace

from backend_lambdas.access.audit import (
    COMPLETED,
    DOWNLOAD,
    EXPORT,
    FAILED,
    KEPT_SECONDS,
    STARTED,
    Audit,
    AuditedItem,
    DeliveredPage,
)
from backend_lambdas.access.principal import Principal
from backend_lambdas.errors import BadParameter, Forbidden
from tests.backend_lambdas.lambda_fakes import FakeClock, World, principal

ANA = principal("finance")
DAY = 24 * 3600
TAKEN = AuditedItem(DOWNLOAD, "id-1", "revenue_by_day", "Revenue by day", "finance", {"month": "2015-12"}, "csv")
PAGES = (
    DeliveredPage(None, "page-2", 1000, 40_000),
    DeliveredPage("page-2", "page-3", 1000, 40_000),
    DeliveredPage("page-3", None, 31, 1_200),
)


@pytest.fixture
def kept(world: World, fake_clock: FakeClock) -> Audit:
    return Audit(world.db, world.audit_table)


def today(fake_clock: FakeClock) -> datetime.date:
    return datetime.datetime.fromtimestamp(fake_clock.now() / 1000, datetime.UTC).date()


def only(world: World) -> dict[str, Any]:
    (record,) = world.records()
    return record


def counted(world: World) -> tuple[int, int, str]:
    record = only(world)
    return record["rows"], record["bytes"], record["state"]


def test_a_record_tells_who_takes_what_of_which_report(world: World, kept: Audit, fake_clock: FakeClock) -> None:
    record_id = kept.begin(ANA, TAKEN)
    record = only(world)
    assert record.pop("nextPage"), "the first page is to come"
    assert record == {
        "pk": "2030-03-17",
        "sk": record_id,
        "at": "2030-03-17T17:46:40.000Z",
        "kind": "download",
        "of": "id-1",
        "sub": "sub-1",
        "email": "ana@example.com",
        "report": "revenue_by_day",
        "title": "Revenue by day",
        "department": "finance",
        "parameters": {"month": "2015-12"},
        "format": "csv",
        "state": "started",
        "rows": 0,
        "bytes": 0,
        "expiresAt": fake_clock.now() // 1000 + KEPT_SECONDS,
    }


def test_records_are_kept_for_more_than_a_year() -> None:
    """Whoever looks after a year has passed still finds the whole of it."""
    assert KEPT_SECONDS >= 366 * DAY


def test_two_records_of_a_moment_are_two(world: World, kept: Audit) -> None:
    assert kept.begin(ANA, TAKEN) != kept.begin(ANA, TAKEN)
    assert len(world.records()) == 2


def test_what_is_taken_is_known_from_a_statements_record() -> None:
    record = {"report": "r", "title": "R", "department": "d", "values": {"a": "1"}, "rows": 3, "groups": ["d"]}
    assert AuditedItem.of_record(EXPORT, "run-1", record, "parquet") == AuditedItem(
        EXPORT, "run-1", "r", "R", "d", {"a": "1"}, "parquet"
    )


def test_what_is_handed_out_adds_up(world: World, kept: Audit) -> None:
    record_id = kept.begin(ANA, TAKEN)
    for page in PAGES:
        kept.add(record_id, ANA, TAKEN, page)
    assert counted(world) == (2031, 81_200, "completed")


@pytest.mark.parametrize("order", [(0, 0, 1, 2), (0, 1, 1, 2), (0, 1, 0, 1, 2), (0, 1, 2, 2), (0, 1, 2, 0, 1, 2)])
def test_a_page_that_is_handed_out_again_counts_once(world: World, kept: Audit, order: tuple[int, ...]) -> None:
    """And what has been completed does not begin again."""
    record_id = kept.begin(ANA, TAKEN)
    for number in order:
        kept.add(record_id, ANA, TAKEN, PAGES[number])
    assert counted(world) == (2031, 81_200, "completed")


def test_a_page_that_comes_again_may_name_the_next_by_another_token(world: World, kept: Audit) -> None:
    """AWS does not say that a token is the same each time."""
    record_id = kept.begin(ANA, TAKEN)
    for page in (PAGES[0], replace(PAGES[0], next_token="other"), replace(PAGES[1], token="other"), PAGES[2]):
        kept.add(record_id, ANA, TAKEN, page)
    assert counted(world) == (2031, 81_200, "completed")


def test_a_record_keeps_no_token(world: World, kept: Audit) -> None:
    """They are long, and whoever has one may go on with it."""
    record_id = kept.begin(ANA, TAKEN)
    kept.add(record_id, ANA, TAKEN, PAGES[0])
    assert "page-2" not in str(only(world))


def test_to_finish_twice_changes_nothing(world: World, kept: Audit) -> None:
    record_id = kept.begin(ANA, TAKEN)
    for _ in range(2):
        assert kept.finish(record_id, "sub-1", 31, 1_200, FAILED)
    assert (only(world)["rows"], only(world)["bytes"], only(world)["state"]) == (31, 1_200, "failed")


def test_nobody_finishes_another_users_record(world: World, kept: Audit) -> None:
    record_id = kept.begin(ANA, TAKEN)
    before = world.records()
    assert kept.finish(record_id, "sub-2", 1, 1, COMPLETED) is False
    assert world.records() == before


@pytest.mark.parametrize(
    ("principal", "taken"),
    [
        (replace(ANA, sub="sub-2"), TAKEN),
        (ANA, replace(TAKEN, of="another statement")),
        (ANA, replace(TAKEN, format="parquet")),
    ],
    ids=["somebody else", "another statement", "another format"],
)
def test_nothing_is_counted_in_a_record_of_something_else_and_that_goes_on_record(
    world: World, kept: Audit, principal: Principal, taken: AuditedItem
) -> None:
    record_id = kept.begin(ANA, TAKEN)
    with pytest.raises(Forbidden):
        kept.add(record_id, principal, taken, PAGES[0])
    own, refused = sorted(world.records(), key=lambda record: str(record["state"]), reverse=True)
    assert (own["state"], own["rows"]) == ("started", 0)
    assert (refused["state"], refused["sub"], refused["of"], refused["rows"]) == (
        "refused",
        principal.sub,
        taken.of,
        0,
    )


def test_a_record_that_is_not_there_is_not_made(world: World, kept: Audit) -> None:
    nobodys = "2030-03-17T17:46:40.000Z#000000000000"
    assert kept.finish(nobodys, "sub-1", 1, 1, COMPLETED) is False
    with pytest.raises(BadParameter):
        kept.add(nobodys, ANA, TAKEN, PAGES[0])
    assert world.records() == []


@pytest.mark.parametrize("record_id", ["", "2030-03-17", "2030-03-17#1", "x" * 2000, "2030-03-17T17:46:40.000Z#\x00"])
def test_what_is_no_records_id_is_not_asked_for(record_id: str) -> None:
    """DynamoDB takes neither an empty key nor one of any length."""
    with pytest.raises(BadParameter):
        Audit(None, "no table").add(record_id, ANA, TAKEN, PAGES[0])


def test_a_record_of_yesterday_can_still_be_finished(world: World, kept: Audit, fake_clock: FakeClock) -> None:
    """An export may end after midnight."""
    record_id = kept.begin(ANA, TAKEN)
    fake_clock.forward(DAY)
    assert kept.finish(record_id, "sub-1", 31, 1_200, COMPLETED)
    assert (only(world)["pk"], only(world)["state"]) == ("2030-03-17", "completed")


def test_a_days_records_come_the_newest_first(kept: Audit, fake_clock: FakeClock) -> None:
    made = []
    for _ in range(3):
        made.append(kept.begin(ANA, TAKEN))
        fake_clock.forward(1)
    assert [item["sk"] for item in kept.of_day(today(fake_clock), {})] == made[::-1]


def test_a_day_is_one_of_utc(kept: Audit, fake_clock: FakeClock) -> None:
    first = today(fake_clock)
    fake_clock.forward(DAY - (fake_clock.now() // 1000) % DAY - 0.001)
    last_of_first = kept.begin(ANA, TAKEN)
    fake_clock.forward(0.001)
    first_of_next = kept.begin(ANA, TAKEN)
    assert [item["sk"] for item in kept.of_day(first, {})] == [last_of_first]
    assert [item["sk"] for item in kept.of_day(first + datetime.timedelta(days=1), {})] == [first_of_next]


def test_a_days_records_can_be_narrowed_down_by_several_attributes(kept: Audit, fake_clock: FakeClock) -> None:
    """`format` and `state` are words that DynamoDB keeps for itself."""
    wanted = kept.begin(ANA, TAKEN)
    kept.begin(ANA, AuditedItem(EXPORT, "run-1", "revenue_by_day", "Revenue by day", "finance", {}, "csv"))
    kept.finish(kept.begin(ANA, TAKEN), "sub-1", 1, 1, COMPLETED)
    asked = {"kind": DOWNLOAD, "format": "csv", "state": STARTED, "email": "ana@example.com"}
    assert [item["sk"] for item in kept.of_day(today(fake_clock), asked)] == [wanted]
    assert list(kept.of_day(today(fake_clock), asked | {"report": "another"})) == []


def test_a_day_has_any_number_of_records(kept: Audit, world: World, fake_clock: FakeClock) -> None:
    """DynamoDB gives at most 1 MB at a time."""
    large = AuditedItem(
        DOWNLOAD, "id-1", "revenue_by_day", "Revenue by day", "finance", {"month": "x" * 200_000}, "csv"
    )
    for _ in range(7):
        kept.begin(ANA, large)
    assert len(list(kept.of_day(today(fake_clock), {}))) == 7
