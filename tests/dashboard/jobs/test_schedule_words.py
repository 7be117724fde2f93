"""Schedules in words."""

import pytest

from dashboard.jobs.schedule_words import in_words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ("0 6 * * ? *", "Every day at 06:00 UTC"),
        ("30 5 ? * MON-FRI *", "Monday to Friday at 05:30 UTC"),
        ("0 6,18 ? * SUN *", "Every Sunday at 06:00 and 18:00 UTC"),
        ("0 6 ? * 2,4 *", "Every Monday and Wednesday at 06:00 UTC"),
        ("0 6 L * ? *", "On the last day of the month at 06:00 UTC"),
        ("0 6 1,15 * ? *", "On day 1 and 15 of the month at 06:00 UTC"),
        ("0 6 1W JAN ? *", "On the working day nearest to day 1 of the month in January at 06:00 UTC"),
        ("0 6 ? * MON#1 *", "On the first Monday of the month at 06:00 UTC"),
        ("0 6 ? * 6L 2027", "On the last Friday of the month of 2027 at 06:00 UTC"),
        ("*/15 * * * ? *", "Every day every 15 minutes, UTC"),
        ("5 * ? * MON-FRI *", "Monday to Friday every hour at minute 5, UTC"),
        ("0 */6 * * ? *", "Every day every 6 hours at minute 0, UTC"),
        ("0-10 6 * * ? *", "cron(0-10 6 * * ? *), in UTC"),
        ("0 6 1-5 * ? *", "cron(0 6 1-5 * ? *), in UTC"),
    ],
)
def test_a_schedule_is_told_in_words_or_as_it_is(fields: str, words: str) -> None:
    assert in_words(f"cron({fields})") == words
