"""Results that are kept while they are used, and fetched once however many ask for them at once. Used by `gateway`.

The rows of a finished statement never change. Who may see them does, and only the gateway may judge it: so nothing is
handed out before the asker was judged, either by fetching or by `allow`, after everything that there was to wait for.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from dashboard.errors import GatewayError
from dashboard.gateway.lru_cache import Recent, weight
from dashboard.gateway.results import Result

MOST_CELLS = 2_000_000
"""What is kept in all, in cells of `recent.weight`: some 100 MB."""

PATIENCE = 55.0
"""Seconds to wait for another's fetch: load balancers give up on a silent answer after 60."""

_STILL_FETCHING = ("too_busy", "The rows are still on their way. Please try again in a moment.", 503)
_RECORD = 20  # what a result without rows weighs

_Flight = Future[Result | None]
"""A fetch under way; it lands as None when it failed, which is the affair of whoever began it."""


class ResultCache:
    """The results of a process, for all its users. Safe between threads, which wait for each other's fetches."""

    def __init__(self, most_cells: int = MOST_CELLS, patience: float = PATIENCE) -> None:
        self._kept: Recent[str, Result] = Recent(most_cells)
        self._flights: dict[str, _Flight] = {}
        self._guard = threading.Lock()
        self._patience = patience

    def result(self, statement_id: str, rows: int, fetch: Callable[[], Result], allow: Callable[[], object]) -> Result:
        """A statement's first rows.

        `fetch` gets at least so many of them for this asker, or as many as there are; it is not called while another
        asker's does the same. `allow` then only judges this asker. What either raises is raised to this asker alone.
        Raises `GatewayError` when others take too long.
        """
        until = time.monotonic() + self._patience
        while True:
            flight, is_mine = self._board(statement_id, rows)
            if is_mine:
                return self._fly(statement_id, flight, fetch).first(rows)
            landed = _landed(flight, until)
            if landed is not None and landed.serves(rows):
                allow()
                return landed.first(rows)

    def forget(self, statement_id: str) -> None:
        """Keeps a result no more, such as one that the gateway no longer has."""
        self._kept.drop(statement_id)

    def _board(self, statement_id: str, rows: int) -> tuple[_Flight, bool]:
        """The fetch to wait for, which for a kept result has landed; and whether it is the caller's to do."""
        with self._guard:
            kept = self._kept.get(statement_id)
            if kept is not None and kept.serves(rows):
                flight: _Flight = Future()
                flight.set_result(kept)
                return flight, False
            is_mine = statement_id not in self._flights
            return self._flights.setdefault(statement_id, Future()), is_mine

    def _fly(self, statement_id: str, flight: _Flight, fetch: Callable[[], Result]) -> Result:
        result = None
        try:
            result = fetch()
            self._kept.put(statement_id, result, _weight(result))
            return result
        finally:
            with self._guard:
                del self._flights[statement_id]
            flight.set_result(result)


def _landed(flight: _Flight, until: float) -> Result | None:
    try:
        return flight.result(until - time.monotonic())
    except TimeoutError:
        raise GatewayError(*_STILL_FETCHING) from None


def _weight(result: Result) -> int:
    return _RECORD + weight((result.columns, result.records))
