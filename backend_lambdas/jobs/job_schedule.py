"""When a job starts by itself: whether a minute is one of its schedule. Pure; used by `run_jobs` every minute.

Source: EventBridge Scheduler user guide, "Schedule types in EventBridge Scheduler", Cron-based schedules.
"""

import calendar
import datetime
import re

from backend_lambdas.jobs.job_header import FIELDS, cron_parts

LOOK_BACK_MINUTES = 3
"""How late a start may come, by a tick that was lost or late; what was missed for longer is not made up."""

Day = datetime.date


def is_due(schedule: str, minute: datetime.datetime) -> bool:
    """Whether a cron expression that `job_header` has checked names this minute, in UTC."""
    parts = cron_parts(schedule)
    day = minute.date()
    plain = {"minutes": minute.minute, "hours": minute.hour, "month": minute.month, "year": minute.year}
    fits = all(value in _values(name, parts[name]) for name, value in plain.items())
    return fits and _is_day_of_month(parts["day of month"], day) and _is_day_of_week(parts["day of week"], day)


def due_minutes(schedule: str, now: datetime.datetime) -> list[datetime.datetime]:
    """The minutes of the schedule that have just begun or passed, the earliest first."""
    current = now.replace(second=0, microsecond=0)
    minutes = (current - datetime.timedelta(minutes=back) for back in reversed(range(LOOK_BACK_MINUTES)))
    return [minute for minute in minutes if is_due(schedule, minute)]


def _values(name: str, text: str) -> set[int]:
    """The numbers that a list of values, ranges and increments names."""
    kind = FIELDS[name]
    found: set[int] = set()
    for item in text.split(","):
        start, slash, step = item.partition("/")
        first, hyphen, last = start.partition("-")
        if start in {"*", "?"}:
            low, high = kind.low, kind.high
        else:
            low = kind.number(first)
            high = kind.number(last) if hyphen else kind.high if slash else low
        found.update(range(low, high + 1, int(step) if slash else 1))
    return found


def _is_day_of_month(text: str, day: Day) -> bool:
    last = calendar.monthrange(day.year, day.month)[1]
    if text == "L":
        return day.day == last
    if text.endswith("W"):
        return day.day == _nearest_weekday(day.replace(day=min(int(text[:-1]), last))).day
    return day.day in _values("day of month", text)


def _nearest_weekday(day: Day) -> Day:
    """The working day nearest to a day, within its month."""
    last = calendar.monthrange(day.year, day.month)[1]
    if day.weekday() == calendar.SATURDAY:
        return day - datetime.timedelta(days=1) if day.day > 1 else day + datetime.timedelta(days=2)
    if day.weekday() == calendar.SUNDAY:
        return day + datetime.timedelta(days=1) if day.day < last else day - datetime.timedelta(days=2)
    return day


def _is_day_of_week(text: str, day: Day) -> bool:
    """Days are counted from Sunday, which is 1."""
    number, last = day.isoweekday() % 7 + 1, calendar.monthrange(day.year, day.month)[1]
    kind = FIELDS["day of week"]
    if text == "L":
        return number == kind.high
    if re.fullmatch(r"[1-7]L", text):
        return number == int(text[0]) and day.day + 7 > last
    name, hash_mark, week = text.partition("#")
    if hash_mark:
        return number == kind.number(name) and (day.day - 1) // 7 + 1 == int(week)
    return number in _values("day of week", text)
