"""Axes that read well: units on large numbers, even dates, safe and short names in an order that means something.

Used by every chart with axes.
"""

import math
from collections.abc import Iterable, Iterator
from typing import Any

import pandas as pd

from dashboard.charts import dates, formats
from dashboard.charts.drawing import escaped, shortened
from dashboard.charts.fields import NO_VALUE, Field
from dashboard.charts.formats import MINUS, SPACE, currency_of, kind_of
from dashboard.locales.cldr import Affixes, fraction_digits
from dashboard.locales.locale import current
from dashboard.locales.words import _

_LETTERS = {3: ("k", "K"), 6: ("M", "M"), 9: ("B", "B"), 12: ("T", "T")}  # Plotly's letter for an exponent, and ours
_UNITS_FROM = 10_000
_TICK_LETTERS = 16
_FEW_STEPS = {"day": 7, "month": 11.5, "year": 11.5}
_SOME_STEPS = 36
_HOVER = {"percent": ",.2~%", "thousands": ",.0f"}
_PLAIN = ((10, ",.2~f"), (0.1, ",.4~f"))
_TOO_LONG = 1e18  # to be written out
_BEYOND_UNITS = 1e16  # Plotly writes powers of ten


def values(style: str | None, numbers: pd.Series, whole: bool = False) -> dict[str, Any]:
    """A value axis for these numbers: `$6 M`, `17.5%`, `250`. The reach of Plotly's own range is a little wider."""
    low, high = _reach(numbers)
    axis = {"type": "linear", **_value_ticks(style, low, high)}
    few = high - min(low, 0.0) <= 4
    return axis | ({"tick0": 0, "dtick": 1} if whole and few and kind_of(style) != "percent" else {})


def colors(style: str | None, numbers: pd.Series, whole: bool = False) -> dict[str, Any]:
    """The ticks of a colour bar for these numbers; it is no axis, so it has no type."""
    ticks = values(style, numbers, whole)
    del ticks["type"]
    return ticks


def hover(style: str | None, numbers: pd.Series) -> str:
    """The d3 format of these values in a tooltip: all digits of money and counts, else as many as can matter."""
    low, high = _reach(numbers)
    peak = max(abs(low), abs(high))
    plain = next((digits for least, digits in _PLAIN if peak >= least), ".4~g")
    kind = kind_of(style)
    if kind == "currency":
        plain = f"{'$' if currency_of(style) == current().currency else ''},.{fraction_digits(currency_of(style))}f"
    return ".6~g" if peak >= _TOO_LONG else _HOVER.get(kind or "", plain)


def told(place: str, style: str | None, numbers: pd.Series) -> str:
    """A value of a tooltip, which stands at this place (`y`), as a template of Plotly.

    Its `$` is the chart's currency, wherever that stands in the current locale; another currency is written around it.
    """
    value = f"%{{{place}:{hover(style, numbers)}}}"
    if kind_of(style) != "currency" or currency_of(style) == current().currency:
        return value
    return current().conventions.money(currency_of(style)).around(value, is_negative=False, minus=MINUS)


def of(field: Field) -> dict[str, Any]:
    """The axis along which a column's own values run: dates, numbers or names."""
    if field.kind == "date":
        return _dates(field)
    if field.kind == "number":
        return _numbers(field)
    return names(field.labels())


def along(field: Field, rows: pd.Series) -> list[Any]:
    """Some of a column's values as Plotly takes them on the axis that `of` gives."""
    if field.kind == "date":
        return dates.encoded(rows)
    return plain(rows) if field.kind == "number" else [escaped(str(name)) for name in rows]


def names(labels: Iterable[str], reverse: bool = False) -> dict[str, Any]:
    """An axis of names in the order given, long ones cut on the axis alone."""
    order = list(dict.fromkeys(labels))
    cut = {escaped(name): escaped(shortened(name, _TICK_LETTERS)) for name in order if len(name) > _TICK_LETTERS}
    axis = {"type": "category", "categoryorder": "array", "categoryarray": [escaped(name) for name in order]}
    return axis | ({"labelalias": cut} if cut else {}) | ({"autorange": "reversed"} if reverse else {})


def ticks(labels: Iterable[str]) -> list[str]:
    """Names as they stand on an axis, safe and the long ones cut, for an axis on which each row has its own place."""
    return [escaped(shortened(label, _TICK_LETTERS)) for label in labels]


def plain(numbers: pd.Series) -> list[float | int | None]:
    """Numbers fit for JSON: whole ones without a point, missing ones as None."""
    return [_plain(number) for number in numbers.tolist()]


def _plain(number: float) -> float | int | None:
    if number is None or not math.isfinite(number):
        return None
    return int(number) if abs(number) < 1e15 and number == int(number) else number


def _reach(numbers: pd.Series) -> tuple[float, float]:
    known = numbers.dropna().to_numpy()
    return (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)


def _numbers(field: Field) -> dict[str, Any]:
    """Whole numbers without a format are names as often as amounts (years, hours), so they are not grouped."""
    low, high = _reach(field.values)
    if field.style is None and field.whole and max(abs(low), abs(high)) < _UNITS_FROM:
        axis: dict[str, Any] = {"tickformat": "d"} | ({"dtick": 1} if high - low <= 4 else {})
    else:
        axis = values(field.style, field.values, field.whole)
    return {"type": "linear", **axis}


def _dates(field: Field) -> dict[str, Any]:
    grain, known = field.grain, field.values.dropna()
    axis: dict[str, Any] = {"type": "date", "hoverformat": grain.hover}
    if known.empty:
        return axis
    first, last = known.min(), known.max()
    axis |= _date_ticks(grain, first, (last - first) / pd.Timedelta(milliseconds=grain.milliseconds))
    return axis | (_around(first, grain) if first == last else {})


def _date_ticks(grain: dates.Grain, first: pd.Timestamp, steps: float) -> dict[str, Any]:
    """A tick on each of a few steps; else Plotly chooses by the panel's width, never finer than the dates are."""
    if grain is dates.MINUTE:
        return {"tickformatstops": [{"dtickrange": [None, dates.DAY - 1], "value": grain.tick}]}
    if grain.step and steps <= _FEW_STEPS[grain.name]:
        ticks: dict[str, Any] = {"dtick": grain.step, "tick0": first.strftime("%Y-%m-%d"), "tickformat": grain.tick}
    else:
        ticks = {"tickformat": grain.tick} if grain.period and steps <= _SOME_STEPS else {}
    return ticks | ({"ticklabelmode": "period"} if grain.period else {})


def period(field: Field) -> dict[str, Any]:
    """What a trace along this column needs so that a month's point or bar stands in the middle of its month."""
    if field.kind != "date" or not field.grain.period:
        return {}
    return {"xperiod": field.grain.period, "xperiodalignment": "middle"}


def _around(moment: pd.Timestamp, grain: dates.Grain) -> dict[str, Any]:
    """A lone date in the middle of its axis: Plotly would show the microseconds around it."""
    half = pd.Timedelta(milliseconds=grain.milliseconds)
    first, middle, last = dates.encoded(pd.Series([moment - half, moment, moment + half]))
    return {"range": [first, last], "autorange": False, "tickmode": "array", "tickvals": [middle]}


def _value_ticks(style: str | None, low: float, high: float) -> dict[str, Any]:
    kind, peak = kind_of(style), max(abs(low), abs(high))
    if kind == "percent":
        return _percent_ticks(low, high)
    if peak >= _UNITS_FROM / 1.1:
        return _english_units(style, low, high) if current().conventions.is_english else _units(style, low, high)
    if kind == "currency":
        return _around_ticks(style) | {"tickformat": _small_money(style, low, high)}
    return {"tickformat": ",.4~f" if peak >= 0.01 or peak == 0 else ".3~g"}


def _small_money(style: str | None, low: float, high: float) -> str:
    places = fraction_digits(currency_of(style))
    needs_cents = 0 < high - min(low, 0.0) < 4
    sign = "" if _around_ticks(style) else "$"
    return f"{sign},.{places}{'' if needs_cents else '~'}f"


def _around_ticks(style: str | None) -> dict[str, str]:
    """What stands around each tick: nothing where d3 puts it there, as it does with the chart's currency."""
    if kind_of(style) != "currency" or currency_of(style) == current().currency:
        return {}
    before, after = current().conventions.money(currency_of(style)).positive
    return {"tickprefix": before, "ticksuffix": after}


def _percent_ticks(low: float, high: float) -> dict[str, Any]:
    """d3 writes `17.5%` in every language; where another writes `17,5 %`, it is told so."""
    conventions = current().conventions
    ticks: dict[str, Any] = {"tickformat": ",.2~%"}
    if conventions.percent.positive == ("", "%"):
        return ticks
    aliases = {}
    for tick in (0.0, *_likely_ticks(low, high)):
        digits = _trimmed_digits(abs(tick) * 100, 2)
        sign = MINUS if tick < 0 and digits != "0" else ""
        aliases[f"{sign}{_d3_digits(digits)}%"] = formats.percent(digits, minus=bool(sign))
    return ticks | {"labelalias": aliases}


def _units(style: str | None, low: float, high: float) -> dict[str, Any]:
    """Plotly writes all digits, so that what zooming shows is right; likely ticks are told in the language's units."""
    is_money = kind_of(style) == "currency"
    affixes = _affixes(style)
    aliases = {}
    for tick in (0.0, *_likely_ticks(low, high)):
        shown = affixes.around(_d3_digits(_trimmed_digits(abs(tick), 6)), tick < 0, MINUS)
        aliases[shown] = _isolated(formats.tick(tick, style if style and is_money else "number"))
    own = _around_ticks(style)
    return own | {"tickformat": "$,~f" if is_money and not own else ",~f", "labelalias": aliases}


def _isolated(label: str) -> str:
    """A label that reads from right to left where the language does, in a chart, which does not."""
    return f"\u2067{label}\u2069" if current().direction == "rtl" else label


def _affixes(style: str | None) -> Affixes:
    """What d3 writes around a number: it puts the sign before all else."""
    conventions = current().conventions
    before, after = conventions.money(currency_of(style)).positive if kind_of(style) == "currency" else ("", "")
    return Affixes((before, after), (f"-{before}", after))


def _d3_digits(english: str) -> str:
    """A number as d3 writes it for the current locale: with its signs, and with our digits."""
    conventions = current().conventions
    return english.translate({ord(","): conventions.group, ord("."): conventions.decimal})


def _trimmed_digits(size: float, places: int) -> str:
    digits = f"{size:,.{places}f}"
    return digits.rstrip("0").rstrip(".")


def _english_units(style: str | None, low: float, high: float) -> dict[str, Any]:
    """Plotly chooses ticks and unit, so zooming works; aliases turn its `$6M` and `$0M` into `$6 M` and `$0`."""
    prefix = current().conventions.money(currency_of(style)).positive[0] if kind_of(style) == "currency" else ""
    aliases: dict[str, str] = {}
    peak = max(abs(low), abs(high))
    for exponent in _exponents(peak) if peak < _BEYOND_UNITS else ():
        theirs, ours = _LETTERS[exponent]
        aliases[f"{prefix}0{theirs}"] = f"{prefix}0"
        for tick in _likely_ticks(low, high):
            digits = f"{abs(tick) / 10**exponent:.6f}".rstrip("0").rstrip(".")
            sign = MINUS if tick < 0 else ""
            aliases[f"{prefix}{sign}{digits}{theirs}"] = f"{sign}{prefix}{digits}{SPACE}{ours}"
    return {"tickprefix": prefix, "exponentformat": "B", "minexponent": 3, "labelalias": aliases}


def _exponents(peak: float) -> list[int]:
    """The units Plotly may choose: by the axis' end, which lies somewhat beyond the highest value."""
    digits = {math.floor(math.log10(reach) + 0.01) for reach in (peak, peak * 1.12)}
    return sorted({exponent for digit in digits if (exponent := 3 * round((digit - 1) / 3)) in _LETTERS})


def _likely_ticks(low: float, high: float) -> set[float]:
    """Round values up to thirty of which lie on the axis, whether it starts at zero or close to the lowest value."""
    span = high - low
    windows = [(min(low * 1.12, 0.0), max(high * 1.12, 0.0)), (low - span * 0.15, high + span * 0.15)]
    return {tick for start, end in windows if end > start for tick in _multiples(start, end)}


def _multiples(start: float, end: float) -> Iterator[float]:
    for step in _round_steps(end - start):
        for count in range(math.floor(start / step), math.ceil(end / step) + 1):
            if count:
                yield count * step


def _round_steps(span: float) -> Iterator[float]:
    power = 10.0 ** math.floor(math.log10(span))
    for step in (power * size for size in (0.05, 0.1, 0.2, 0.25, 0.5, 1, 2)):
        if span / step <= 30:
            yield step


_WEEK = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NEAR = 100  # whole numbers this close are steps, of which none should be skipped


def words(field: Field) -> pd.Series:
    """A column's values as names; numbered weekdays by their names."""
    if not _counts_weekdays(field):
        return field.labels()
    from_sunday = current().conventions.calendar.weekdays_alone  # as Redshift's date_part(dow, ...) counts them
    days = field.values.map(lambda day: from_sunday[int(day)], na_action="ignore")
    return days.astype(object).fillna(_(NO_VALUE))


def ordered(field: Field) -> list[str]:
    """The distinct names: weekdays from Monday, numbers and dates by size, other names as the rows have them."""
    named = words(field)
    names = list(named.drop_duplicates())
    if _counts_weekdays(field):
        monday_first = field.values.sub(1).mod(7)
        return list(named[monday_first.sort_values(kind="stable").index].drop_duplicates())
    own_week = _own_week()
    if all(name in own_week for name in names):
        return sorted(names, key=own_week.index)
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


def _own_week() -> list[str]:
    """The weekdays from Monday, as the current language abbreviates them."""
    from_sunday = current().conventions.calendar.weekdays_alone
    return [*from_sunday[1:], from_sunday[0]]


def _counts_weekdays(field: Field) -> bool:
    named = any(word in field.name.lower() for word in ("weekday", "dow", "day_of_week"))
    return named and field.kind == "number" and field.whole and bool(field.values.dropna().between(0, 6).all())
