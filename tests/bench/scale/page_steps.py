"""What a page asks for, step by step, as its scripts do; and each step by itself, to learn what it costs.

Used by the load process (`viewers`), of which the suite `morning` has whole pages opened, and single steps repeated.
"""

import math
import time
from collections.abc import Callable, Sequence
from typing import Any

import requests

from tests.bench import bounds
from tests.bench.scale.page_runs import runs_of
from tests.bench.turn.plain_tabs import ANSWER_SECONDS, Dashboard, PlainTab

STEPS = ("document", "links", "favourites", "socket", "runs", "drawings")
"""In the order of a page; `links` and `favourites` go on beside the socket and what comes of it."""

LINKS = {
    "output": "warehouse-links.children",
    "outputs": {"id": "warehouse-links", "property": "children"},
    "inputs": [{"id": "warehouse-links", "property": "id", "value": "warehouse-links"}],
    "changedPropIds": [],
    "parsedChangedPropsIds": [],
}
"""What each page asks of the dashboard besides its drawings: the links in its navigation."""

PAGES_OF_A_TAB = 10
"""How often one tab asks for all panels of a page: the bridge takes a hundred runs at once, not more."""


class Browser:
    """What a viewer asks for by HTTP, in one session; to be closed."""

    def __init__(self, dashboard: Dashboard) -> None:
        self.dashboard = dashboard
        self.session = requests.Session()
        self.session.cookies.update(dashboard.cookies)
        self.session.headers["Origin"] = dashboard.url

    def document(self, path: str) -> str:
        """The page at a path."""
        return _text(self.session.get(self.dashboard.url + path, timeout=ANSWER_SECONDS))

    def links(self) -> str:
        """The links of the navigation."""
        url = f"{self.dashboard.url}/_dash-update-component"
        return _text(self.session.post(url, json=LINKS, timeout=ANSWER_SECONDS))

    def favourites(self) -> str:
        """The viewer's favourites."""
        return _text(self.session.get(f"{self.dashboard.url}/favourites", timeout=ANSWER_SECONDS))


class PageSteps:
    """A page whose steps are repeated, one after the other, each time by the next person."""

    def __init__(self, dashboards: Sequence[Dashboard], path: str, times: int) -> None:
        """Opens what a step needs before it, for so many times, and does each step once."""
        self._path = path
        self._browsers = [Browser(dashboard) for dashboard in dashboards]
        self._asked = runs_of(self._browsers[0].document(path))
        self._tabs = [self._connected(number) for number in range(math.ceil((times + 1) / PAGES_OF_A_TAB))]
        self._opened: list[PlainTab] = []
        for name in STEPS:
            self.repeat(name, 1)

    def repeat(self, name: str, times: int) -> None:
        """Does one of `STEPS` so many times, in their order; raises AssertionError for what does not come."""
        step: Callable[[int], Any] = getattr(self, f"_{name}")
        for number in range(times):
            step(number)

    def close(self) -> None:
        """Closes all tabs and sessions."""
        for tab in (*self._tabs, *self._opened):
            tab.close()
        for browser in self._browsers:
            browser.session.close()

    def _browser(self, number: int) -> Browser:
        return self._browsers[number % len(self._browsers)]

    def _document(self, number: int) -> None:
        self._browser(number).document(self._path)

    def _links(self, number: int) -> None:
        self._browser(number).links()

    def _favourites(self, number: int) -> None:
        self._browser(number).favourites()

    def _socket(self, number: int) -> None:
        """It stays open, as that of a page does."""
        self._opened.append(self._connected(number))

    def _runs(self, number: int) -> None:
        tab = self._tabs[number // PAGES_OF_A_TAB]
        asked = {tab.ask(run) for run in self._asked}
        until(tab, lambda: asked <= tab.ends.keys())

    def _drawings(self, number: int) -> None:
        """What the tab was told last is drawn, by who has the tab."""
        place = number // PAGES_OF_A_TAB
        tab = self._tabs[place]
        told = list(tab.ends.items())[-len(self._asked) :]
        tab.draw(self._browser(place).session, {run_id: end.statement_id for run_id, end in told})
        assert not tab.trouble, tab.trouble[0]

    def _connected(self, number: int) -> PlainTab:
        return connected(self._browser(number).dashboard)


def connected(dashboard: Dashboard) -> PlainTab:
    """A tab that draws nothing, once its socket is open; raises AssertionError where that does not come."""
    tab = PlainTab(dashboard, draws=False)
    until(tab, lambda: tab.is_connected)
    return tab


def until(tab: PlainTab, is_so: Callable[[], bool]) -> None:
    """Waits for what a tab is told; raises AssertionError for trouble, or where it does not come."""
    deadline = time.monotonic() + bounds.ANSWER_SECONDS
    while not is_so():
        assert not tab.trouble, tab.trouble[0]
        assert time.monotonic() < deadline, "a tab was not told in time"
        tab.wait(1)


def _text(answer: requests.Response) -> str:
    answer.raise_for_status()
    return answer.text
