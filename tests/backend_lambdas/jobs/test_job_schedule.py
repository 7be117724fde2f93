"""Which minutes a schedule names."""

import datetime

import pytest

from backend_lambdas.jobs.job_schedule import due_minutes, is_due

UTC = datetime.UTC


@pytest.mark.parametrize(
    ("schedule", "due", "not_due"),
    [
        ("cron(0 6 * * ? *)", "2026-11-30 06:00", "2026-11-30 06:01"),
        ("cron(0/15 * * * ? *)", "2026-11-30 23:45", "2026-11-30 23:46"),
        ("cron(5,35 8-10 * * ? *)", "2026-11-30 10:35", "2026-11-30 11:05"),
        ("cron(0 6 ? * MON-FRI *)", "2026-11-30 06:00", "2026-11-29 06:00"),
        ("cron(0 6 ? * SUN *)", "2026-11-29 06:00", "2026-11-28 06:00"),
        ("cron(0 6 ? * 2#1 *)", "2026-12-07 06:00", "2026-12-14 06:00"),
        ("cron(0 6 ? * 6L *)", "2026-11-27 06:00", "2026-11-20 06:00"),
        ("cron(0 6 ? * L *)", "2026-11-28 06:00", "2026-11-29 06:00"),
        ("cron(0 6 L * ? *)", "2026-11-30 06:00", "2026-11-29 06:00"),
        ("cron(0 6 1W * ? *)", "2026-08-03 06:00", "2026-08-01 06:00"),
        ("cron(0 6 31W * ? *)", "2027-01-29 06:00", "2027-01-31 06:00"),
        ("cron(0 6 15W * ? *)", "2026-11-16 06:00", "2026-11-15 06:00"),
        ("cron(0 6 1 JAN,JUL ? *)", "2027-07-01 06:00", "2027-06-01 06:00"),
        ("cron(0 6 1 1 ? 2027-2028)", "2028-01-01 06:00", "2029-01-01 06:00"),
        ("cron(0 6 */10 * ? *)", "2026-11-21 06:00", "2026-11-20 06:00"),
    ],
)
def test_a_schedule_names_its_minutes_and_no_other(schedule: str, due: str, not_due: str) -> None:
    assert is_due(schedule, datetime.datetime.fromisoformat(due).replace(tzinfo=UTC))
    assert not is_due(schedule, datetime.datetime.fromisoformat(not_due).replace(tzinfo=UTC))


def test_a_tick_that_comes_late_finds_the_minute_before() -> None:
    found = due_minutes("cron(0 6 * * ? *)", datetime.datetime(2026, 11, 30, 6, 2, 59, tzinfo=UTC))
    assert found == [datetime.datetime(2026, 11, 30, 6, 0, tzinfo=UTC)]
    assert due_minutes("cron(0 6 * * ? *)", datetime.datetime(2026, 11, 30, 6, 3, 0, tzinfo=UTC)) == []
