"""The days and seconds of the dimension tables of time, column by column. Used by `rows`.

A day's key is its Julian day number; months, weeks and quarters are counted from 1900.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

FIRST, LAST = date(1997, 12, 1), date(2003, 12, 31)
_JULIAN = 1721425  # days between the Julian day number and Python's ordinal
_SUNDAY = date(1899, 12, 31).toordinal()

Row = dict[str, str]


def days() -> Iterator[date]:
    """Every day that has a row."""
    for number in range((LAST - FIRST).days + 1):
        yield FIRST + timedelta(number)


def key_of(day: date) -> int:
    """The key of a day."""
    return day.toordinal() + _JULIAN


def day_of(key: int) -> date:
    """The day of a key."""
    return date.fromordinal(key - _JULIAN)


def _yes(condition: bool) -> str:
    return "Y" if condition else "N"


def _quarter(day: date) -> int:
    return (day.month + 2) // 3


def _week(day: date) -> int:
    return (day.toordinal() - _SUNDAY) // 7 + 1


def _quarters(day: date) -> int:
    return (day.year - 1900) * 4 + _quarter(day)


_HOLIDAYS = {(1, 1), (7, 4), (12, 25)}
_OF_DAY: dict[str, Callable[[date], object]] = {
    "date_sk": key_of,
    "date_id": lambda day: f"D{key_of(day)}",
    "date": date.isoformat,
    "month_seq": lambda day: (day.year - 1900) * 12 + day.month - 1,
    "week_seq": _week,
    "quarter_seq": _quarters,
    "year": lambda day: day.year,
    "dow": lambda day: day.isoweekday() % 7,
    "moy": lambda day: day.month,
    "dom": lambda day: day.day,
    "qoy": _quarter,
    "fy_year": lambda day: day.year,
    "fy_quarter_seq": _quarters,
    "fy_week_seq": _week,
    "day_name": lambda day: f"{day:%A}",
    "quarter_name": lambda day: f"{day.year}Q{_quarter(day)}",
    "holiday": lambda day: _yes((day.month, day.day) in _HOLIDAYS),
    "weekend": lambda day: _yes(day.isoweekday() >= 6),
    "following_holiday": lambda day: _yes(((day - timedelta(1)).month, (day - timedelta(1)).day) in _HOLIDAYS),
    "first_dom": lambda day: key_of(day.replace(day=1)),
    "last_dom": lambda day: key_of((day.replace(day=28) + timedelta(4)).replace(day=1)) - 1,
    "same_day_ly": lambda day: key_of(day) - 365,
    "same_day_lq": lambda day: key_of(day) - 91,
}
_MEALS = {6: "breakfast", 7: "breakfast", 8: "breakfast", 12: "lunch", 13: "lunch", 18: "dinner", 19: "dinner"}
_OF_SECOND: dict[str, Callable[[int], object]] = {
    "time_sk": int,
    "time_id": lambda second: f"T{second}",
    "time": int,
    "hour": lambda second: second // 3600,
    "minute": lambda second: second // 60 % 60,
    "second": lambda second: second % 60,
    "am_pm": lambda second: "AM" if second < 43200 else "PM",
    "shift": lambda second: ("third", "first", "second")[second // 28800],
    "sub_shift": lambda second: ("night", "morning", "afternoon", "evening")[second // 21600],
    "meal_time": lambda second: _MEALS.get(second // 3600, ""),
}


def day_row(day: date, columns: list[str]) -> Row:
    """A day's row; what it does not know (is it today?) is no."""
    return {name: str(_OF_DAY.get(name.partition("_")[2], lambda _: "N")(day)) for name in columns}


def second_row(second: int, columns: list[str]) -> Row:
    """The row of a second of the day."""
    return {name: str(_OF_SECOND[name.partition("_")[2]](second)) for name in columns}
