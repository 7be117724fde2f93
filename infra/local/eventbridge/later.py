"""Does things later, all from one thread: what EventBridge is to deliver. Used by `schedules`."""

import sched
import threading
import time
from collections.abc import Callable


class Later:
    """Calls functions when their time has come, until it is closed. They must neither block nor raise.

    The thread begins with the first thing that is to be done.
    """

    def __init__(self, name: str) -> None:
        self._due = sched.scheduler(time.monotonic)
        self._changed = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._starting = threading.Lock()

    def call(self, seconds: float, do: Callable[[], object]) -> None:
        """Calls it once, in so many seconds; never, when closed before."""
        self._due.enter(seconds, 0, do)
        self._changed.set()
        with self._starting:
            if not self._closed and self._thread.ident is None:
                self._thread.start()

    def close(self) -> None:
        """Drops what is left to be done and ends at once."""
        with self._starting:
            self._closed = True
        self._changed.set()
        if self._thread.ident is not None:
            self._thread.join()

    def _work(self) -> None:
        while not self._closed:
            self._changed.wait(self._due.run(blocking=False))
            self._changed.clear()
