"""Pages that turn when a table has changed, beside the same page refreshed every ten seconds.

Fifty tabs look at three departments with the same filters: three of them are pages in a browser, the others clients of
the bridge. Five loads change a row or two. Then as many tabs of the plain page with a clock, on the same rows. All of
it is on this machine; what does not come in time fails the suite.
"""

import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests
from playwright.sync_api import BrowserContext, sync_playwright

from backend_lambdas.tables.table_changes import TURN_SECONDS
from tests.bench import requirements
from tests.bench.page.browsers import profile
from tests.bench.page.cases import SCREEN
from tests.bench.page.plain_queries import GRAPHS
from tests.bench.page.plain_site import plain_site
from tests.bench.runs import processor
from tests.bench.site import running
from tests.bench.turn import turn_tables
from tests.bench.turn.browser_pages import (
    OURS_SCRIPT,
    PLAIN_SCRIPT,
    BrowserPage,
    browser_pages,
    is_drawn,
    watches_all_panels,
)
from tests.bench.turn.loads import Loads, row_sql
from tests.bench.turn.plain_tabs import Dashboard, PlainTab, Run, is_of_panel
from tests.bench.turn.refreshing_tabs import refreshing_tabs
from tests.bench.turn.turn_tables import Load, Quiet, Refreshed, Turned
from tests.e2e import clients
from tests.e2e.conftest import ADMIN, Stack

TABS = 50
DEPARTMENTS = ("finance", "operations", "customer_care")
LOADS = 5
TRIP_ROWS = "20000"
QUIET_SECONDS = 20
PLAIN_LOAD_SECONDS = 2
"""From one load of the refreshing page to the next: the five are spread evenly over its ten seconds."""

OPENED_AT_ONCE = 3
"""Tabs that have no rows yet while another one opens: how a crowd arrives is not what is measured."""

INTERVAL_SECONDS = 10
"""As `refreshing_page` has it, which opens its warehouse when it is imported."""

SUITE_SECONDS = 260
"""All of it; a machine that is too busy to be done by then measures nothing."""

_OPEN_SECONDS = 60
_LOAD_SECONDS = 45
_SERVER = "tests.bench.turn.refreshing_page:server"


def suite() -> Iterator[object]:
    """The tables; raises AssertionError for what cannot be measured."""
    executable = requirements.browser()
    deadline = time.monotonic() + SUITE_SECONDS
    with ExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="pushboard-bench-")))
        stack = opened.enter_context(running(Stack(folder / "var", ("--rows", TRIP_ROWS))))
        session = opened.enter_context(clients.sign_in(stack, ADMIN))
        cookies = [{"name": one.name, "value": one.value, "url": stack.url} for one in session.cookies]
        playwright = opened.enter_context(sync_playwright())
        context = opened.enter_context(profile(playwright, executable, SCREEN, cookies))
        dashboard = Dashboard.signed_in(stack.url, session)
        tabs, loads = opened.enter_context(_tabs(dashboard, context, deadline)), Loads(stack)
        loads.new_statements()
        measured = [_load(tabs, loads, number) for number in range(LOADS)]
        yield turn_tables.each_load(measured, tabs.questions(), len(tabs.pages))
        url = opened.enter_context(plain_site(stack, folder, _SERVER))
        plain_pages = browser_pages(context, [f"{url}/"] * len(DEPARTMENTS), PLAIN_SCRIPT)
        plain = Tabs(opened.enter_context(plain_pages), (), deadline)
        plain.until(lambda: _are_redrawn(plain.pages, 0), _OPEN_SECONDS, "the plain pages to be drawn")
        quiet, plain_quiet = _quiet(tabs, loads, plain, url)
        turned = Turned(measured, tabs.questions(), tabs.panels(), TABS, len(tabs.pages), quiet)
        redrawn, round_seconds = _refreshed(url, plain), _round(url, plain)
        refreshed = Refreshed(redrawn, len(plain.pages), round_seconds, INTERVAL_SECONDS, plain_quiet)
        yield turn_tables.ratios(turned, refreshed, QUIET_SECONDS)


# ---------------------------------------------------------------------------------------------------- pages that turn


@dataclass(frozen=True)
class Tabs:
    """All tabs of ours: `pages` in a browser, and `others` that are none."""

    pages: Sequence[BrowserPage]
    others: Sequence[PlainTab]
    deadline: float

    def until(self, is_true: Callable[[], bool], seconds: float, what: str, since: float = 0) -> None:
        """Waits while the pages go on; a tab in trouble or late fails, with what came `since`."""
        deadline = min(time.monotonic() + seconds, self.deadline)
        while not is_true():
            trouble = [words for tab in self.others for words in tab.trouble]
            assert not trouble, f"{len(trouble)} troubles, the first: {trouble[0]}"
            assert time.monotonic() < deadline, f"waited {seconds} s for {what}; {self._progress(since)}"
            self.pages[0].page.wait_for_timeout(50)

    def traffic(self) -> Counter[str]:
        """What the pages sent and got so far, together."""
        return sum((page.traffic() for page in self.pages), Counter())

    def _progress(self, since: float) -> str:
        redrawn = [len(page.redraws_since(since)) for page in self.pages]
        told = sum(tab.is_told_since(since) for tab in self.others)
        drawn = sum(tab.is_drawn() for tab in self.others)
        return f"panels of the pages redrawn: {redrawn}; of {len(self.others)} other tabs told: {told}, drawn: {drawn}"

    def questions(self) -> int:
        """How many different questions they watch."""
        return len({json.dumps([run["report"], run["parameters"]], sort_keys=True) for run in self._runs()})

    def panels(self) -> int:
        """How many panels they show together."""
        return sum(map(is_of_panel, self._runs()))

    def _runs(self) -> list[Run]:
        runs = [run for page in self.pages for run in page.runs()]
        return runs + [run for tab in self.others for run in tab.runs.values()]


@contextmanager
def _tabs(dashboard: Dashboard, context: BrowserContext, deadline: float) -> Iterator[Tabs]:
    """All tabs of ours, each with its rows."""
    addresses = [f"{dashboard.url}/d/{department}" for department in DEPARTMENTS]
    with browser_pages(context, addresses, OURS_SCRIPT) as pages:
        Tabs(pages, (), deadline).until(lambda: all(map(is_drawn, pages)), _OPEN_SECONDS, "the pages to be drawn")
        with _others(dashboard, pages, deadline) as others:
            tabs = Tabs(pages, others, deadline)
            tabs.until(lambda: _are_drawn(others, 0), _OPEN_SECONDS, "all tabs to have their rows")
            yield tabs


@contextmanager
def _others(dashboard: Dashboard, pages: Sequence[BrowserPage], deadline: float) -> Iterator[Sequence[PlainTab]]:
    """The tabs without a browser: each watches what one of the pages does."""
    watched = [page.runs() for page in pages]
    assert all(map(watches_all_panels, pages)), f"the pages watch {[len(runs) for runs in watched]} runs"
    tabs: list[PlainTab] = []
    try:
        for number in range(len(pages), TABS):
            tabs.append(PlainTab(dashboard, watched[number % len(watched)]))
            opened = Tabs(pages, tabs, deadline)
            opened.until(lambda: _are_drawn(tabs[-OPENED_AT_ONCE:][:1], 0), _OPEN_SECONDS, "a tab to have its rows")
        yield tabs
    finally:
        for tab in tabs:
            tab.close()


def _are_drawn(tabs: Sequence[PlainTab], moment: float) -> bool:
    return all(tab.is_told_since(moment) and tab.is_drawn() for tab in tabs)


def _load(tabs: Tabs, loads: Loads, number: int) -> Load:
    """One load, until every panel of every tab has its new rows."""
    put_at, before = loads.load(number), processor(loads.stack.pid)

    def is_over() -> bool:
        redrawn = all(page.is_redrawn_since(put_at) for page in tabs.pages)
        return redrawn and _are_drawn(tabs.others, put_at)

    tabs.until(is_over, _LOAD_SECONDS, f"load {number + 1} to be on all panels", put_at)
    redrawn = [max(page.redraws_since(put_at).values()) - put_at for page in tabs.pages]
    told = [max(end.at for end in tab.ends.values()) - put_at for tab in tabs.others]
    drawn = [max(end.at for end in tab.drawn.values()) - put_at for tab in tabs.others]
    spent = processor(loads.stack.pid) - before
    _tell(f"load {number + 1} of {LOADS}: redrawn after {max(redrawn):.2f} s")
    tabs.pages[0].page.wait_for_timeout(max(put_at + TURN_SECONDS + 1 - time.time(), 0) * 1000)
    return Load(loads.new_statements(), redrawn, told, drawn, [spent])


# -------------------------------------------------------------------------------------------- pages that refresh, quiet


def _quiet(tabs: Tabs, loads: Loads, plain: Tabs, url: str) -> tuple[Quiet, Quiet]:
    """What all pages of ours, and all plain ones, send and get in the same seconds, in which nothing changes."""
    loads.new_statements()
    before = tabs.traffic(), plain.traffic(), _statements(url)
    plain.pages[0].page.wait_for_timeout(QUIET_SECONDS * 1000)
    ours = Quiet(tabs.traffic() - before[0], loads.new_statements())
    return ours, Quiet(plain.traffic() - before[1], _statements(url) - before[2])


def _refreshed(url: str, tabs: Tabs) -> list[list[float]]:
    """For each load of the plain page, the seconds until the last panel of each tab shows it."""
    loaded = [_plain_load(url, tabs, number) for number in range(LOADS)]
    tabs.until(lambda: _are_redrawn(tabs.pages, loaded[-1]), _LOAD_SECONDS, "the plain pages to refresh", loaded[-1])
    return [[max(page.redraws_since(at).values()) - at for page in tabs.pages] for at in loaded]


def _round(url: str, tabs: Tabs) -> float:
    """Seconds in which the plain site renews all panels of `TABS` tabs once: the interval, or longer if it is too slow.

    So long after a load the last panel shows it.
    """
    with refreshing_tabs(url, TABS - len(tabs.pages), INTERVAL_SECONDS) as others:
        tabs.pages[0].page.wait_for_timeout(INTERVAL_SECONDS * 1000)
        before = _statements(url)
        tabs.pages[0].page.wait_for_timeout(INTERVAL_SECONDS * 1000)
        in_a_second = (_statements(url) - before) / INTERVAL_SECONDS
        trouble = [words for tab in others for words in tab.trouble]
    assert not trouble, f"{len(trouble)} troubles of plain tabs, the first: {trouble[0]}"
    return max(TABS * len(GRAPHS) / in_a_second, INTERVAL_SECONDS)


def _are_redrawn(pages: Sequence[BrowserPage], moment: float) -> bool:
    return all(page.is_redrawn_since(moment) for page in pages)


def _plain_load(url: str, tabs: Tabs, number: int) -> float:
    """One load of the plain page's own copy; returns when it had committed."""
    for row in range(1 + number % 2):
        requests.post(f"{url}/load", data=row_sql(number + row), timeout=20).raise_for_status()
    committed_at = time.time()
    tabs.pages[0].page.wait_for_timeout(PLAIN_LOAD_SECONDS * 1000)
    return committed_at


def _statements(url: str) -> int:
    return int(requests.get(f"{url}/statements", timeout=20).text)


def _tell(words: str) -> None:
    sys.stderr.write(f"{words}\n")
