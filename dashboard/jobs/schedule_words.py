"""A schedule in words. Pure; used by `cards`. `backend_lambdas` has checked each one when its file was read."""

import re

_DAYS = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
_DAY_NAMES = {day[:3].upper(): day for day in _DAYS} | {str(at): day for at, day in enumerate(_DAYS, start=1)}
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTH_NAMES = {name[:3].upper(): name for name in _MONTHS} | {str(at): name for at, name in enumerate(_MONTHS, 1)}
_NTH = ("first", "second", "third", "fourth", "fifth")


def in_words(schedule: str) -> str:
    """`cron(30 5 ? * MON-FRI *)` as `Monday to Friday at 05:30 UTC`; a rare form stays the expression it is."""
    fields = re.fullmatch(r"cron\((.*)\)", schedule)
    parts = fields[1].split(" ") if fields else []
    try:
        minutes, hours, day, month, weekday, year = parts
        days = _days(day, weekday)
        if month != "*":
            days += f" in {_named(month, _MONTH_NAMES)}"
        if year != "*":
            days += f" of {_listed(year.split(','))}"
        words = f"{days} {_times(minutes, hours)} UTC"
    except (KeyError, ValueError):
        return f"{schedule}, in UTC"
    return words[0].upper() + words[1:]


def _times(minutes: str, hours: str) -> str:
    """When on such a day; raises `ValueError` for what has no short words."""
    if hours == "*" and (each := re.fullmatch(r"(?:\*|0)/(\d+)", minutes)):
        return f"every {each[1]} minutes,"
    if hours == "*" and minutes == "*":
        return "every minute,"
    if hours == "*":
        return f"every hour at minute {int(minutes)},"
    if each := re.fullmatch(r"(?:\*|0)/(\d+)", hours):
        return f"every {each[1]} hours at minute {int(minutes)},"
    return f"at {_listed([f'{int(hour):02}:{int(minutes):02}' for hour in hours.split(',')])}"


def _days(day: str, weekday: str) -> str:
    """On which days; raises `KeyError` or `ValueError` for what has no short words."""
    if weekday not in {"?", "*"}:
        return _weekdays(weekday)
    if day in {"*", "?"}:
        return "every day"
    if day == "L":
        return "on the last day of the month"
    if nearest := re.fullmatch(r"(\d+)W", day):
        return f"on the working day nearest to day {nearest[1]} of the month"
    return f"on day {_listed([str(int(one)) for one in day.split(',')])} of the month"


def _weekdays(text: str) -> str:
    if nth := re.fullmatch(r"(\w+)#([1-5])", text):
        return f"on the {_NTH[int(nth[2]) - 1]} {_DAY_NAMES[nth[1]]} of the month"
    if last := re.fullmatch(r"([1-7])L", text):
        return f"on the last {_DAY_NAMES[last[1]]} of the month"
    days = _named("7" if text == "L" else text, _DAY_NAMES)
    return days if " to " in days else f"every {days}"


def _named(text: str, names: dict[str, str]) -> str:
    """A list or a range of days or months by their names."""
    first, hyphen, last = text.partition("-")
    if hyphen and "," not in text:
        return f"{names[first]} to {names[last]}"
    return _listed([names[one] for one in text.split(",")])


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
