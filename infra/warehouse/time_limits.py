"""Stops statements that run for too long: one thread watches those of all users with a limit. Used by `runner`."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf

_AGAIN_SECONDS = 0.05
"""DuckDB forgets an interrupt that comes between two of its steps."""


class TimeLimit:
    """The time that one statement has; `passed` once that is over. `stop` is called then, until the statement ends."""

    def __init__(self, seconds: float, stop: Callable[[], None]) -> None:
        self.due = time.monotonic() + seconds if seconds else inf
        self.passed = False
        self._stop = stop

    def enforce(self) -> None:
        """Stops the statement."""
        self.passed = True
        self.due = time.monotonic() + _AGAIN_SECONDS
        self._stop()


class TimeLimits:
    """The limits of what runs."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._limits: set[TimeLimit] = set()
        self._next = inf
        self._thread: threading.Thread | None = None
        self._closing = False

    @contextmanager
    def within(self, limit: TimeLimit) -> Iterator[None]:
        """Stops what is done within when its time is over, and never what comes after it."""
        if limit.due == inf:
            yield
            return
        with self._changed:
            self._limits.add(limit)
            self._watched(limit)
        try:
            yield
        finally:
            with self._changed:
                self._limits.discard(limit)

    def close(self) -> None:
        """Watches no more."""
        with self._changed:
            self._closing = True
            self._changed.notify()
        if self._thread is not None:
            self._thread.join()

    def _watched(self, limit: TimeLimit) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="redshift-time-limits", daemon=True)
            self._thread.start()
        elif limit.due < self._next:
            self._changed.notify()

    def _watch(self) -> None:
        with self._changed:
            while not self._closing:
                now = time.monotonic()
                for limit in self._limits:
                    if limit.due <= now:
                        limit.enforce()
                self._next = min((limit.due for limit in self._limits), default=inf)
                self._changed.wait(None if self._next == inf else self._next - now)
