"""How dates are written in a language: CLDR's patterns, made ready once, for us and for Plotly.

A pattern has the letters of CLDR (`d. MMM y`). House rule in every language: months are abbreviated, hours go to 24.
"""

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import babel
from babel.dates import tokenize_pattern

Writer = Callable[[datetime.datetime], str]

_D3 = {"M": "%-m", "MM": "%m", "d": "%-d", "dd": "%d"}
_D3_NAMES = {"y": "%Y", "M": "%b", "E": "%a"}
_DAYJS = {"y": "Y", "M": "M", "d": "D"}
_FROM_SUNDAY = (6, 0, 1, 2, 3, 4, 5)
_CLOCK = "%H:%M"


class Calendar:
    """The months, weekdays and patterns of one language."""

    def __init__(self, locale: babel.Locale) -> None:
        self._skeletons: Mapping[str, babel.dates.DateTimePattern] = locale.datetime_skeletons
        self._joint: str = locale.datetime_formats["medium"]
        self.months = _named(locale.months["format"]["abbreviated"], range(1, 13))
        self.months_alone = _named(locale.months["stand-alone"]["abbreviated"], range(1, 13))
        self.weekdays = _named(locale.days["format"]["abbreviated"], _FROM_SUNDAY)
        self.weekdays_alone = _named(locale.days["stand-alone"]["abbreviated"], _FROM_SUNDAY)
        self.months_wide = _named(locale.months["stand-alone"]["wide"], range(1, 13))
        self.first_weekday = (locale.first_week_day + 1) % 7  # from Sunday
        self._day, self._month, self._date, self._year = (
            self._writer(skeleton) for skeleton in ("MMMd", "yMMM", "yMMMd", "y")
        )
        self.ticks, self.hovers = self._ticks(), self._hovers()

    def day(self, moment: datetime.datetime) -> str:
        """`Dec 6`, `6. Dez.`"""
        return self._day(moment)

    def month(self, moment: datetime.datetime) -> str:
        """`Dec 2015`, `2015年12月`"""
        return self._month(moment)

    def date(self, moment: datetime.datetime) -> str:
        """`Dec 6, 2015`, `6. Dez. 2015`"""
        return self._date(moment)

    def year(self, moment: datetime.datetime) -> str:
        """`2015`, `2015年`"""
        return self._year(moment)

    def joined(self, date: str, clock: str) -> str:
        """A date and a time of day."""
        return self._joint.replace("{1}", date).replace("{0}", clock)

    def d3(self, skeleton: str) -> str:
        """A pattern in the form of d3, which Plotly uses."""
        return "".join(part if isinstance(part, str) else self._d3_field(part) for part in self._parts(skeleton))

    def dayjs(self, skeleton: str) -> str:
        """A pattern in the form of dayjs, which the date pickers use."""
        return "".join(map(_of_dayjs, self._parts(skeleton)))

    def _ticks(self) -> dict[str, str]:
        """On a chart's axis, by how fine the dates are: what changes above what stays."""
        year = self.d3("y")
        return {
            "year": year,
            "month": f"{self.d3('MMM')}\n{year}",
            "day": f"{self.d3('MMMd')}\n{year}",
            "minute": f"{_CLOCK}\n{self.d3('MMMd')}",
        }

    def _hovers(self) -> dict[str, str]:
        """In a chart's tooltip."""
        return {
            "year": self.d3("y"),
            "month": self.d3("yMMM"),
            "day": self.d3("yMMMEd"),
            "minute": self.joined(self.d3("yMMMd"), _CLOCK),
        }

    def _parts(self, skeleton: str) -> list["str | _Field"]:
        """The texts and fields of a pattern."""
        tokens = tokenize_pattern(self._skeletons[skeleton].pattern)
        return [_Field(*value) if kind == "field" else str(value) for kind, value in tokens]

    def _d3_field(self, field: "_Field") -> str:
        """Months that stand alone have another name in some languages; d3 then knows them as `%B`."""
        if field.letter == "L" and field.count == 3:
            return "%b" if self.months == self.months_alone else "%B"
        return _D3.get(field.known * field.count) or _D3_NAMES.get(field.known, "")

    def _writer(self, skeleton: str) -> Writer:
        parts = [_text(part) if isinstance(part, str) else self._field(part) for part in self._parts(skeleton)]
        return lambda moment: "".join([part(moment) for part in parts])

    def _field(self, field: "_Field") -> Writer:
        if field.known == "M" and field.count >= 3:
            names = self.months if field.letter == "M" else self.months_alone
            return lambda moment: names[moment.month - 1]
        if field.known == "y":
            return lambda moment: str(moment.year)
        if field.known == "M":
            return lambda moment: f"{moment.month:0{field.count}}"
        return lambda moment: f"{moment.day:0{field.count}}"


@dataclass(frozen=True)
class _Field:
    """A letter of CLDR and how often it stands there."""

    letter: str
    count: int

    @property
    def known(self) -> str:
        """The letter that means the same where it does not stand alone."""
        return {"L": "M", "c": "E", "Y": "y"}.get(self.letter, self.letter)


def _of_dayjs(part: str | _Field) -> str:
    if isinstance(part, _Field):
        return _DAYJS[part.known] * (4 if part.known == "y" else part.count)
    return f"[{part}]" if any(letter.isalpha() for letter in part) else part


def _named(names: Mapping[int, str], order: Sequence[int]) -> tuple[str, ...]:
    return tuple(names[position] for position in order)


def _text(text: str) -> Writer:
    return lambda _: text
