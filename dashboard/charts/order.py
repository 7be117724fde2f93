"""The order of names on an axis where the rows' own order means little; used by heat maps and boxes."""

import pandas as pd

from dashboard.charts.fields import NO_VALUE, Field

_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_FROM_SUNDAY = ("Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat")  # as Redshift's date_part(dow, ...) counts them
_NEAR = 100  # whole numbers this close are steps, of which none should be skipped


def words(field: Field) -> pd.Series:
    """A column's values as names; numbered weekdays by their names."""
    if not _counts_weekdays(field):
        return field.labels()
    days = field.values.map(lambda day: _FROM_SUNDAY[int(day)], na_action="ignore")
    return days.astype(object).fillna(NO_VALUE)


def ordered(field: Field) -> list[str]:
    """The distinct names: weekdays from Monday, numbers and dates by size, other names as the rows have them."""
    named = words(field)
    names = list(named.drop_duplicates())
    if all(name[:3].lower() in _WEEK and 3 <= len(name) <= 9 for name in names):
        return sorted(names, key=lambda name: _WEEK.index(name[:3].lower()))
    if field.kind == "text":
        return names
    return list(named[field.values.sort_values(kind="stable").index].drop_duplicates())


def steps(field: Field) -> list[str]:
    """As `ordered`, with no whole number skipped: an hour without rows keeps its place."""
    names = ordered(field)
    known = field.values.dropna()
    plain = field.kind == "number" and field.whole and not field.style and not _counts_weekdays(field)
    if not plain or known.empty or known.max() - known.min() > _NEAR:
        return names
    every = [str(step) for step in range(int(known.min()), int(known.max()) + 1)]
    return every + [name for name in names if name not in set(every)]


def _counts_weekdays(field: Field) -> bool:
    named = any(word in field.name.lower() for word in ("weekday", "dow", "day_of_week"))
    return named and field.kind == "number" and field.whole and bool(field.values.dropna().between(0, 6).all())
