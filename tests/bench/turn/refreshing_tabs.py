"""Tabs of the refreshing page without a browser: each asks for its figures with every tick, and draws nothing.

A browser sends the requests of a tick at once, over six connections; these send one after the other, which is
easier on the server. A tick that is due while the one before still waits comes right behind it.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from tests.bench.page.plain_queries import GRAPHS

ANSWER_SECONDS = 60

_AGAIN = Retry(1, allowed_methods=None)
"""A kept connection may be closed by the server just when it is used again: a browser then asks once more, too."""


class RefreshingTab:
    """A tab that asks from `first_at` on, a time of the monotonic clock, every so many seconds until it is closed."""

    def __init__(self, url: str, first_at: float, interval: float) -> None:
        self._url = url
        self.trouble: list[str] = []
        self._is_closing = threading.Event()
        self._thread = threading.Thread(target=self._refresh_all, args=(first_at, interval))
        self._thread.start()

    def close(self) -> None:
        """Asks nothing more, once the answer that is under way has come."""
        self._is_closing.set()

    def join(self) -> None:
        """Waits until it is closed."""
        self._thread.join(ANSWER_SECONDS)

    def _refresh_all(self, first_at: float, interval: float) -> None:
        tick, due = 0, first_at
        with requests.Session() as session:
            session.mount(self._url, HTTPAdapter(max_retries=_AGAIN))
            while not self._is_closing.wait(max(due - time.monotonic(), 0)):
                tick, due = tick + 1, due + interval
                for panel in GRAPHS:
                    if not self._is_closing.is_set():
                        self._try_to_refresh(session, panel, tick)

    def _try_to_refresh(self, session: requests.Session, panel: str, tick: int) -> None:
        try:
            self._refresh(session, panel, tick)
        except requests.RequestException as error:
            self.trouble.append(f"{panel} was not refreshed: {error!r}")

    def _refresh(self, session: requests.Session, panel: str, tick: int) -> None:
        inputs = [
            {"id": "month", "property": "value", "value": "2015-12"},
            {"id": "interval", "property": "n_intervals", "value": tick},
        ]
        body = {
            "output": f"{panel}.figure",
            "outputs": {"id": panel, "property": "figure"},
            "inputs": inputs,
            "changedPropIds": ["interval.n_intervals"],
        }
        answer = session.post(f"{self._url}/_dash-update-component", json=body, timeout=ANSWER_SECONDS)
        answer.raise_for_status()
        if '"readAt"' not in answer.text:
            self.trouble.append(f"{panel}: no figure came: {answer.text[:500]}")


@contextmanager
def refreshing_tabs(url: str, count: int, interval: float) -> Iterator[Sequence[RefreshingTab]]:
    """So many tabs, whose ticks are spread over the interval."""
    now = time.monotonic()
    tabs = [RefreshingTab(url, now + interval * number / count, interval) for number in range(count)]
    try:
        yield tabs
    finally:
        for tab in tabs:
            tab.close()
        for tab in tabs:
            tab.join()
