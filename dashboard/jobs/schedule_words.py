"""A schedule in words. Pure; used by `cards`. `backend_lambdas` has checked each one when its file was read."""

import re

from dashboard.locales.words import _, noop

_DAYS = (
    noop("Sunday"),
    noop("Monday"),
    noop("Tuesday"),
    noop("Wednesday"),
    noop("Thursday"),
    noop("Friday"),
    noop("Saturday"),
)
_DAY_NAMES = {day[:3].upper(): day for day in _DAYS} | {str(at): day for at, day in enumerate(_DAYS, start=1)}
_MONTHS = (
    noop("January"),
    noop("February"),
    noop("March"),
    noop("April"),
    noop("May"),
    noop("June"),
    noop("July"),
    noop("August"),
    noop("September"),
    noop("October"),
    noop("November"),
    noop("December"),
)
_MONTH_NAMES = {name[:3].upper(): name for name in _MONTHS} | {str(at): name for at, name in enumerate(_MONTHS, 1)}
_NTH = (noop("first"), noop("second"), noop("third"), noop("fourth"), noop("fifth"))


def in_words(schedule: str) -> str:
    """`cron(30 5 ? * MON-FRI *)` as `Monday to Friday at 05:30 UTC`; a rare form stays the expression it is."""
    fields = re.fullmatch(r"cron\((.*)\)", schedule)
    parts = fields[1].split(" ") if fields else []
    try:
        minutes, hours, day, month, weekday, year = parts
        days = _days(day, weekday)
        if month != "*":
            days += " " + _("in {months}", months=_named(month, _MONTH_NAMES))
        if year != "*":
            days += " " + _("of {years}", years=_listed(year.split(",")))
        words = f"{days} {_times(minutes, hours)} UTC"
    except (KeyError, ValueError):
        return _("{schedule}, in UTC", schedule=schedule)
    return words[0].upper() + words[1:]


def _times(minutes: str, hours: str) -> str:
    """When on such a day; raises `ValueError` for what has no short words."""
    if hours == "*" and (each := re.fullmatch(r"(?:\*|0)/(\d+)", minutes)):
        return _("every {minutes} minutes,", minutes=each[1])
    if hours == "*" and minutes == "*":
        return _("every minute,")
    if hours == "*":
        return _("every hour at minute {minute},", minute=int(minutes))
    if each := re.fullmatch(r"(?:\*|0)/(\d+)", hours):
        return _("every {hours} hours at minute {minute},", hours=each[1], minute=int(minutes))
    return _("at {times}", times=_listed([f"{int(hour):02}:{int(minutes):02}" for hour in hours.split(",")]))


def _days(day: str, weekday: str) -> str:
    """On which days; raises `KeyError` or `ValueError` for what has no short words."""
    if weekday not in {"?", "*"}:
        return _weekdays(weekday)
    if day in {"*", "?"}:
        return _("every day")
    if day == "L":
        return _("on the last day of the month")
    if nearest := re.fullmatch(r"(\d+)W", day):
        return _("on the working day nearest to day {day} of the month", day=nearest[1])
    return _("on day {days} of the month", days=_listed([str(int(one)) for one in day.split(",")]))


def _weekdays(text: str) -> str:
    if nth := re.fullmatch(r"(\w+)#([1-5])", text):
        which, weekday = _(_NTH[int(nth[2]) - 1]), _(_DAY_NAMES[nth[1]])
        return _("on the {which} {weekday} of the month", which=which, weekday=weekday)
    if last := re.fullmatch(r"([1-7])L", text):
        return _("on the last {weekday} of the month", weekday=_(_DAY_NAMES[last[1]]))
    days = _named("7" if text == "L" else text, _DAY_NAMES)
    return days if _is_range(text) else _("every {weekdays}", weekdays=days)


def _is_range(text: str) -> bool:
    return "-" in text and "," not in text


def _named(text: str, names: dict[str, str]) -> str:
    """A list or a range of days or months by their names."""
    if _is_range(text):
        first, _hyphen, last = text.partition("-")
        return _("{first} to {last}", first=_(names[first]), last=_(names[last]))
    return _listed([_(names[one]) for one in text.split(",")])


def _listed(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {_('and')} {words[-1]}"
