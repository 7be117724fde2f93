"""What tells the time, in seconds since the epoch: `time.time`, or a test's own. Used wherever something expires."""

from collections.abc import Callable

Clock = Callable[[], float]
