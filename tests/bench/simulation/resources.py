"""What a morning queues for: a rate with its burst, servers, places. First come, first served.

A wait is reckoned, not walked through: a bucket that is in debt pays it off at its rate, and a server knows when it is
free. So a million calls that wait are a number. They have to come in the order of time, or nearly.
"""

import heapq


class Bucket:
    """A quota of so many a second, with a burst of so many at once; what is beyond it waits, and is counted."""

    def __init__(self, rate: float, burst: float | None = None) -> None:
        self.rate = rate
        self.burst = rate if burst is None else burst
        self.longest = 0.0
        self.served = 0.0
        self.refused = 0.0
        self._left = self.burst
        self._at = 0.0

    def wait(self, now: float, count: float = 1) -> float:
        """Seconds from now until the quota has taken so many more, which are counted as refused if they wait."""
        self._left = min(self.burst, self._left + max(now - self._at, 0.0) * self.rate) - count
        self._at = max(self._at, now)
        waits = max(-self._left / self.rate, 0.0)
        self.served += count
        if waits:
            self.refused += count
            self.longest = max(self.longest, waits)
        return waits


class Servers:
    """So many that each do one thing at a time, each thing for a time known beforehand."""

    def __init__(self, count: int) -> None:
        self._free_at = [0.0] * count
        self.longest = 0.0
        self.busy = 0.0

    def start(self, now: float) -> float:
        """When a thing would begin that is brought now."""
        return max(now, self._free_at[0])

    def serve(self, now: float, seconds: float) -> float:
        """When a thing that is brought now is done."""
        begin = self.start(now)
        heapq.heapreplace(self._free_at, begin + seconds)
        self.longest = max(self.longest, begin - now)
        self.busy += seconds
        return begin + seconds


class Line:
    """What is taken at a quota's rate and then stays for a while, so many at a time: statements, above all."""

    def __init__(self, bucket: Bucket, places: int) -> None:
        self.longest = 0.0
        self._bucket = bucket
        self._free_at = [0.0] * places

    def start(self, now: float) -> float:
        """When one that joins now is taken; `leave` has to follow before the next one joins."""
        allowed = now + self._bucket.wait(now)
        start = max(allowed, self._free_at[0])
        self.longest = max(self.longest, start - allowed)
        return start

    def leave(self, end: float) -> None:
        """Tells until when the one that has just joined stays."""
        heapq.heapreplace(self._free_at, end)
