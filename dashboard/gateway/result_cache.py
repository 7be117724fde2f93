"""A cache of results with single flight: concurrent requests for one statement share one fetch. Used by `client`.

The rows of a finished statement never change. Who may see them does, and only the gateway can decide it: a cached
result is returned only after `authorize` has succeeded for this caller, and after every wait.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from dashboard import native_threads
from dashboard.errors import GatewayError
from dashboard.gateway.lru_cache import LRUCache, size_of
from dashboard.gateway.results import Result

MAX_CELLS = 2_000_000
"""The size of the whole cache, in cells of `lru_cache.size_of`: some 100 MB."""

TIMEOUT = 55.0
"""Seconds to wait for the fetch of another caller: load balancers close a silent request after 60."""

_STILL_LOADING = ("too_busy", "The rows are still on their way. Please try again in a moment.", 503)
_RESULT_SIZE = 20  # of a result without rows

_Pending = Future[Result | None]
"""A fetch under way. It completes as None when the fetch failed: the error is raised to the caller that began it."""


class ResultCache:
    """The results of a process, for all its users. Safe between threads."""

    def __init__(self, max_cells: int = MAX_CELLS, timeout: float = TIMEOUT) -> None:
        self._cached: LRUCache[str, Result] = LRUCache(max_cells)
        self._pending: dict[str, _Pending] = {}
        self._lock = threading.Lock()
        self._timeout = timeout

    def result(
        self, statement_id: str, rows: int, fetch: Callable[[], Result], authorize: Callable[[], object]
    ) -> Result:
        """A statement's first `rows` rows.

        `fetch` returns at least that many of them, or all; it is not called while another caller's fetch of the same
        statement runs. `authorize` is called instead and raises if this caller may not see the rows. What either raises
        reaches this caller only. Raises `GatewayError` (503) when another caller's fetch takes longer than the timeout.
        """
        deadline = time.monotonic() + self._timeout
        while True:
            pending, is_owner = self._join(statement_id, rows)
            if is_owner:
                return self._load(statement_id, pending, fetch).first(rows)
            result = _wait(pending, deadline)
            if result is not None and result.serves(rows):
                authorize()
                return result.first(rows)

    def discard(self, statement_id: str) -> None:
        """Removes a result, such as one that the gateway no longer has."""
        self._cached.discard(statement_id)

    def _join(self, statement_id: str, rows: int) -> tuple[_Pending, bool]:
        """The fetch to wait for, which for a cached result is complete; and whether the caller has to run it."""
        with self._lock:
            cached = self._cached.get(statement_id)
            if cached is not None and cached.serves(rows):
                complete: _Pending = Future()
                complete.set_result(cached)
                return complete, False
            is_owner = statement_id not in self._pending
            return self._pending.setdefault(statement_id, Future()), is_owner

    def _load(self, statement_id: str, pending: _Pending, fetch: Callable[[], Result]) -> Result:
        result = None
        try:
            result = fetch()
            self._cached.put(statement_id, result, native_threads.run(_size, result))
            return result
        finally:
            with self._lock:
                del self._pending[statement_id]
            pending.set_result(result)


def _wait(pending: _Pending, deadline: float) -> Result | None:
    try:
        return pending.result(deadline - time.monotonic())
    except TimeoutError:
        raise GatewayError(*_STILL_LOADING) from None


def _size(result: Result) -> int:
    return _RESULT_SIZE + size_of((result.columns, result.records))
