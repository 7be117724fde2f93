"""How fine a set of dates is (years, months, days, minutes) and how such dates are written; used by fields and axes."""

import re
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.locales.locale import current

DAY = 86_400_000  # Plotly counts time in milliseconds

_ISO = re.compile(r"\d{4}-\d\d(-\d\d([ T]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)?)?)?")
_ZONED = r":.*(?:Z|[+-]\d\d(?::?\d\d)?)$"


@dataclass(frozen=True)
class Grain:
    """One fineness of dates: how long a step is, and Plotly's name of it.

    `period` is the step when it is a stretch of time that a point stands for, in whose middle it is drawn. How ticks
    and tooltips read is the current locale's.
    """

    name: str
    milliseconds: int
    step: str | int | None
    period: str | None

    @property
    def tick(self) -> str:
        """The d3 format of a tick: `%b\n%Y`."""
        return current().conventions.calendar.ticks[self.name]

    @property
    def hover(self) -> str:
        """The d3 format of a tooltip: `%b %-d, %Y`."""
        return current().conventions.calendar.hovers[self.name]


YEAR = Grain("year", 365 * DAY, "M12", "M12")
MONTH = Grain("month", 30 * DAY, "M1", "M1")
WHOLE_DAY = Grain("day", DAY, DAY, None)
MINUTE = Grain("minute", 3_600_000, None, None)


def grain(dates: pd.Series) -> Grain:
    """The coarsest step that all the dates fall on; a lone date is taken as a day, which is never wrong."""
    moments = dates.to_numpy(dtype="datetime64[us]")
    known = np.unique(moments[~np.isnat(moments)])
    days, months, years = (known.astype(f"datetime64[{unit}]") for unit in "DMY")
    if (known != days).any():
        return MINUTE
    if len(known) < 2 or (days != months).any():
        return WHOLE_DAY
    return MONTH if (months != years).any() else YEAR


def label(moment: Any, fineness: Grain) -> str:
    """A date in words, as fine as its column: `2015`, `Nov 2015`, `Nov 30, 2015`."""
    conventions = current().conventions
    calendar = conventions.calendar
    if fineness is MINUTE:
        text = calendar.joined(calendar.date(moment), f"{moment:%H:%M}")
    else:
        text = {YEAR: calendar.year, MONTH: calendar.month, WHOLE_DAY: calendar.date}[fineness](moment)
    return conventions.whole_digits(text)


def is_iso(text: str) -> bool:
    """Whether a text is a date such as `2015-12`, `2015-12-06` or `2015-12-06 10:15:00`."""
    return _ISO.fullmatch(text) is not None


def parsed(values: pd.Series) -> pd.Series:
    """ISO dates as they are on the wire, without their time zone; what is no date is missing.

    Those that have a time zone are taken to the current locale's, if somebody chose one; others stay as they are.
    """
    utc = pd.to_datetime(values, errors="coerce", format="ISO8601", utc=True)
    moments = utc.dt.tz_localize(None)
    zone = current().zone
    if zone:
        moments = moments.mask(values.str.contains(_ZONED, na=False), utc.dt.tz_convert(zone).dt.tz_localize(None))
    return moments.where(moments.dt.year.between(2, 9998))  # Python writes few others, and an axis needs a margin


def encoded(dates: pd.Series) -> list[str | None]:
    """The dates as Plotly reads them, days without a time."""
    moments = dates.to_numpy(dtype="datetime64[us]")
    known = ~np.isnat(moments)
    days = moments[known] == moments[known].astype("datetime64[D]")
    texts = np.datetime_as_string(moments, unit="D" if days.all() else "us")
    return [text if is_known else None for text, is_known in zip(texts.tolist(), known.tolist(), strict=True)]
