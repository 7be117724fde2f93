"""What the document tells the browser of the locale: its scripts write numbers and times by `Intl`, Plotly by this.

Plotly and dayjs (Mantine's date pickers) have files of their own for some languages, and of another version of CLDR;
both take a description instead, and so all of a page is of one. Nothing is told of en-US, which they know.
"""

from typing import Any

from dashboard.locales.cldr import Conventions
from dashboard.locales.locale import EN_US, Locale

NAME = "own"
"""What Plotly and dayjs call the described language."""


def description(locale: Locale) -> dict[str, Any] | None:
    """`plotly` (the `format` of its locales), `dayjs`, and the `digits` and `percent` that d3 cannot write."""
    conventions = locale.conventions
    if conventions is EN_US.conventions:
        return None
    before, after = conventions.percent.positive
    return {
        "plotly": _plotly(conventions),
        "dayjs": _dayjs(conventions),
        "digits": conventions.digits_used,
        "percent": [before, after],
    }


def _plotly(conventions: Conventions) -> dict[str, Any]:
    """As Plotly's own locale files, `plotly-locale-de.js`; `%B` is a month that stands alone (see `Calendar.d3`)."""
    calendar = conventions.calendar
    return {
        "days": calendar.weekdays,
        "shortDays": calendar.weekdays,
        "months": calendar.months_alone,
        "shortMonths": calendar.months,
        "decimal": conventions.decimal,
        "thousands": conventions.group,
        "grouping": [conventions.grouping[0], *[conventions.grouping[1]] * 12],
        "year": calendar.d3("y"),
        "month": calendar.d3("yMMM"),
        "dayMonth": calendar.d3("MMMd"),
        "dayMonthYear": calendar.d3("yMMMd"),
    }


def _dayjs(conventions: Conventions) -> dict[str, Any]:
    """As dayjs' own locale files, `dayjs/locale/de.js`."""
    calendar = conventions.calendar
    return {
        "name": NAME,
        "weekdays": calendar.weekdays,
        "weekdaysShort": calendar.weekdays,
        "weekdaysMin": calendar.weekdays_alone,
        "months": calendar.months_wide,
        "monthsShort": calendar.months,
        "weekStart": calendar.first_weekday,
    }
