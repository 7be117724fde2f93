"""A language, a currency and a time zone, and which of them count for what is being written right now.

`preferences` sets them for each request; what writes numbers and dates (`charts.formats`, `charts.axes`) asks
`current`, so a new kind of chart needs no word of it. They stand in a context variable: a greenlet or a thread sees
those of its own request, and `native_threads` takes them along.
"""

import contextlib
import datetime
import functools
from collections.abc import Iterator
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo, available_timezones

from babel import UnknownLocaleError
from babel import numbers as babel_numbers

from dashboard.locales import cldr
from dashboard.locales.cldr import Conventions


class UnknownChoice(ValueError):
    """No such language, currency or time zone; its text names it."""


@dataclass(frozen=True)
class Locale:
    """`tag` is of BCP 47, such as `de-DE`, `currency` of ISO 4217, `time_zone` of the IANA, or None if none was chosen.

    Without a time zone, moments in rows stay as the warehouse gives them (UTC), and the page's own are the browser's.
    """

    tag: str = "en-US"
    currency: str = "USD"
    time_zone: str | None = None

    @classmethod
    def checked(cls, tag: str, currency: str, time_zone: str | None) -> Self:
        """Raises `UnknownChoice` for what there is not."""
        check_tag(tag)
        if currency not in babel_numbers.list_currencies():
            raise UnknownChoice(f"'{currency}' is no currency of ISO 4217")
        if time_zone is not None:
            check_time_zone(time_zone)
        return cls(tag, currency, time_zone)

    @cached_property
    def conventions(self) -> Conventions:
        """How numbers and dates are written in its language."""
        return cldr.conventions(self.tag)

    @property
    def language(self) -> str:
        """Without the country: `de`."""
        return self.tag.partition("-")[0]

    @property
    def direction(self) -> str:
        """`rtl` for languages that are written from right to left, else `ltr`."""
        return self.conventions.direction

    @property
    def intl_tag(self) -> str:
        """The tag as browsers take it, with the digits named: their version of CLDR need not be ours."""
        return f"{self.tag.partition('-u-')[0]}-u-nu-{self.conventions.numbering}"

    @property
    def name(self) -> str:
        """The language in its own words: `Deutsch (Deutschland)`."""
        return self.conventions.name

    @cached_property
    def zone(self) -> ZoneInfo | None:
        """Where moments with a time zone are taken to; None where they stay."""
        return ZoneInfo(self.time_zone) if self.time_zone else None

    def with_currency(self, currency: str | None) -> "Locale":
        """The same with another currency, if there is one."""
        return replace(self, currency=currency) if currency and currency != self.currency else self

    def moved(self, moment: datetime.datetime) -> datetime.datetime:
        """A moment in the zone; one that has no time zone says what it says everywhere."""
        return moment.astimezone(self.zone) if moment.tzinfo and self.zone else moment


def check_tag(tag: str) -> None:
    """Raises `UnknownChoice` for a language that CLDR does not know."""
    try:
        cldr.conventions(tag)
    except (UnknownLocaleError, ValueError, KeyError) as error:
        raise UnknownChoice(f"'{tag}' is no language tag such as en-US or de-DE") from error


def check_time_zone(name: str) -> None:
    """Raises `UnknownChoice` for a time zone that this machine's database does not have."""
    if name not in _time_zones():
        raise UnknownChoice(f"'{name}' is no time zone such as Europe/Berlin")


@functools.cache
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


EN_US = Locale()

_current: ContextVar[Locale] = ContextVar("locale", default=EN_US)


def current() -> Locale:
    """In which locale things are written; en-US outside of any request."""
    return _current.get()


def choose(locale: Locale) -> None:
    """Writes in this locale from now on, in this context."""
    _current.set(locale)


@contextlib.contextmanager
def using(locale: Locale) -> Iterator[None]:
    """Writes in this locale for a while."""
    token = _current.set(locale)
    try:
        yield
    finally:
        _current.reset(token)
