"""A bounded pool of daemon threads. Used by `service` for statements and for events."""

import queue
import threading
from collections.abc import Callable

Job = Callable[[], None]


class Workers:
    """Runs jobs in the order given, at most `count` at a time. A job must not raise: that would end its thread."""

    def __init__(self, name: str, count: int) -> None:
        self._jobs: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._threads = [threading.Thread(target=self._work, name=f"{name}-{i}", daemon=True) for i in range(count)]
        for thread in self._threads:
            thread.start()

    def submit(self, job: Job) -> None:
        """Queue a job."""
        self._jobs.put(job)

    def close(self, timeout: float) -> None:
        """Let the queued jobs run out, and wait for the threads, each at most `timeout` seconds."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join(timeout)

    def _work(self) -> None:
        while (job := self._jobs.get()) is not None:
            job()
