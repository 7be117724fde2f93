"""What an event says of tables that changed: anybody may write one."""

from typing import Any

import pytest

from backend_lambdas.handlers import turn_pages
from tests.backend_lambdas.lambda_fakes import FakeClock

NOW = "2026-11-30T09:31:00Z"


def event(**detail: Any) -> dict[str, Any]:
    return {"id": "1", "source": "pushboard.tables", "time": NOW, "account": "111122223333", "detail": detail}


@pytest.mark.parametrize(
    ("tables", "names"),
    [
        (["public.trips", "Trips", "s.fares"], {"public.trips", "s.fares"}),
        ("trips", {"public.trips"}),
        ([], set()),
        (None, set()),
        ({"a": 1}, set()),
        ([1, None, "", "x" * 300, "trips"], {"public.trips"}),
    ],
)
def test_names_are_taken_and_what_is_none_is_passed_over(tables: Any, names: set[str]) -> None:
    assert turn_pages.tables_of(event(tables=tables)) == names


@pytest.mark.parametrize(
    ("at", "milliseconds"),
    [
        ("2026-11-30T09:30:00Z", 1796031000000),
        ("2026-11-30T10:30:00+01:00", 1796031000000),
        ("2026-11-30T09:30:00", 1796031000000),
        ("2026-11-30T09:30:00.250Z", 1796031000250),
        ("yesterday", 1796031060000),
        (None, 1796031060000),
        (5, 1796031060000),
    ],
)
def test_the_time_is_what_it_says_else_when_it_came(fake_clock: FakeClock, at: Any, milliseconds: int) -> None:
    fake_clock.milliseconds = 1796031100000
    assert turn_pages.changed_at(event(at=at)) == milliseconds


def test_no_change_is_later_than_now(fake_clock: FakeClock) -> None:
    """Else nothing would be fresh until then."""
    fake_clock.milliseconds = 1796031100000
    assert turn_pages.changed_at(event(at="2099-01-01T00:00:00Z")) == 1796031100000


def test_who_changed_them_is_told_as_far_as_it_is_said() -> None:
    assert turn_pages.changed_by(event(by="dbt")) == "dbt"
    assert turn_pages.changed_by(event()) == "111122223333"
    assert len(turn_pages.changed_by(event(by="x" * 1000))) == turn_pages.MAX_NAME_LENGTH
