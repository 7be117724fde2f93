"""Trying again for a bounded time, ever more slowly and never in step with others.

Used where an AWS service limits requests a second for everybody: by `run_service` to submit, by `warehouse` to cancel
and by `get_result` to read. Source of the recipe: AWS Architecture Blog, "Exponential Backoff And Jitter" (full
jitter).
"""

import random
from collections.abc import Iterator

from msgspec import Struct

from backend_lambdas import clock


class RetryPolicy(Struct, frozen=True):
    """How long to keep trying, and the shortest and longest wait between two tries; all in seconds."""

    longest: float
    first_wait: float = 0.2
    longest_wait: float = 2.0

    def tries(self) -> Iterator[int]:
        """Counts the tries from 1, waiting between them; ends when the next one would come too late.

        for _ in RetryPolicy(10).tries():
            if try_it():
                return
        raise TooBusy
        """
        until = clock.now() + self.longest * 1000
        number, widest = 1, self.first_wait
        while True:
            yield number
            wait = random.uniform(widest / 2, widest)  # noqa: S311 (spreads load; guards nothing)
            if clock.now() + wait * 1000 > until:
                return
            clock.sleep(wait)
            number, widest = number + 1, min(widest * 1.6, self.longest_wait)
