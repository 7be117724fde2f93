"""What `page` measures: two sites, each opened cold, warm, and warm with months whose results no cache has.

A contestant loads its page and changes its filter, once for each call of `go`.
"""

import calendar
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, Playwright

from tests.bench.page.browsers import Screen, profile, tab
from tests.bench.page.load import Panels, Tab

Measures = Mapping[str, float]

OURS, PLAIN = "ours", "plain"
CACHED_MONTH = "2015-07"
"""The month that the filter is changed to where results are cached."""

FRESH_MONTHS = tuple(f"2015-{number:02}" for number in range(2, 12))
"""Two for each load where nothing is cached. January is left out: its cards have one row, and ours no line for it."""

WARM_UPS = 2
"""Loads that are not measured: Chromium keeps compiled code from the second on."""

SCREEN = Screen(1440, 2600)
PANELS = {
    OURS: Panels("[data-topic]", "[data-state=finished]", 12),
    PLAIN: Panels(".dash-graph, .plain-table", ".dash-graph, .plain-table", 12),
}


def choose_in_ours(page: Page, month: str) -> None:
    """Picks a month of the year that the calendar shows."""
    page.get_by_label("Trip month").locator("visible=true").first.click()
    name = re.compile(f"^{calendar.month_abbr[int(month[-2:])]}")
    page.get_by_role("button", name=name).locator("visible=true").first.click()


def choose_in_plain(page: Page, month: str) -> None:
    """Picks a month from the dropdown."""
    page.locator("#month").click()
    page.get_by_role("option", name=month).click()


CHOOSE = {OURS: choose_in_ours, PLAIN: choose_in_plain}


@dataclass(frozen=True)
class Site:
    """One of the two pages: its address and the cookies of who is signed in."""

    name: str
    url: str
    cookies: Sequence[Mapping[str, str]] = ()


@dataclass
class Browsers:
    """Makes profiles; the warm one of each site lasts until `close`, and `warm_loads` counts what was opened in it."""

    playwright: Playwright
    executable: str
    warm_loads: Counter[str] = field(default_factory=Counter)
    cached: set[str] = field(default_factory=set)
    """The sites whose results of the newest month and of `CACHED_MONTH` have been asked for."""

    _warm: dict[str, BrowserContext] = field(default_factory=dict)
    _open: ExitStack = field(default_factory=ExitStack)

    def new(self, site: Site) -> AbstractContextManager[BrowserContext]:
        """A profile that has not seen the site."""
        return profile(self.playwright, self.executable, SCREEN, site.cookies)

    @contextmanager
    def warm(self, site: Site) -> Iterator[BrowserContext]:
        """The profile that has seen it before."""
        if site.name not in self._warm:
            self._warm[site.name] = self._open.enter_context(self.new(site))
        yield self._warm[site.name]
        self.warm_loads[site.name] += 1

    def close(self) -> None:
        """Ends the warm browsers."""
        self._open.close()


@dataclass
class Contestant:
    """A site opened in one way: `go` measures its next load."""

    site: Site
    case: str
    browsers: Browsers
    months: Iterator[tuple[str | None, str]]
    """For each load the month in the address, and the month that the filter is changed to."""

    @property
    def name(self) -> str:
        return f"{self.site.name}-{self.case}"

    def warm_up(self) -> None:
        """Fills the caches that no case before has filled, Chromium's compiled code among them."""
        while not self._is_warm():
            self._measured(None, CACHED_MONTH if self.case != "uncached" else None)

    def _is_warm(self) -> bool:
        is_compiled = self.case == "cold" or self.browsers.warm_loads[self.site.name] >= WARM_UPS
        return is_compiled and (self.case == "uncached" or self.site.name in self.browsers.cached)

    def go(self) -> Measures:
        """The measures of one load and one change."""
        return self._measured(*next(self.months))

    def trace(self, file: Path) -> None:
        """Traces one load, of the newest month."""
        self._measured(None, None, file)

    def _measured(self, month: str | None, other: str | None, trace: Path | None = None) -> Measures:
        open_profile = self.browsers.new if self.case == "cold" else self.browsers.warm
        with open_profile(self.site) as context, tab(context) as page:
            measured = Tab(page, PANELS[self.site.name])
            measures = measured.load(self.site.url + (f"?month={month}" if month else ""), trace)
            if other:
                choose = CHOOSE[self.site.name]
                measures |= measured.change(lambda page: choose(page, other))
            if other == CACHED_MONTH:
                self.browsers.cached.add(self.site.name)
            return measures | {"heap": measured.heap()}


CASES: Mapping[str, Callable[[], Iterator[tuple[str | None, str]]]] = {
    "uncached": lambda: iter(zip(FRESH_MONTHS[::2], FRESH_MONTHS[1::2], strict=True)),
    "warm": lambda: _always((None, CACHED_MONTH)),
    "cold": lambda: _always((None, CACHED_MONTH)),
}
"""Each way to open a page, with its months. `uncached` goes first: later cases may find its months in the cache."""

MOST_LOADS = {"uncached": len(FRESH_MONTHS) // 2}


def _always(months: tuple[str | None, str]) -> Iterator[tuple[str | None, str]]:
    while True:
        yield months
