"""What time it is, and waiting: the one place of this package that asks the machine for either.

Everything else calls `clock.now()` through this module, so that whoever replaces it moves the whole package in time.
"""

import datetime
import time


def now() -> int:
    """Epoch milliseconds."""
    return time.time_ns() // 1_000_000


def seconds() -> int:
    """Epoch seconds, as DynamoDB's TTL and tokens count them."""
    return now() // 1000


def iso(milliseconds: int) -> str:
    """A moment in epoch milliseconds as ISO 8601 in UTC, to the second."""
    return datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def precise_iso(milliseconds: int) -> str:
    """The same to the millisecond."""
    moment = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def milliseconds(moment: str) -> int:
    """The same backwards: a moment as ISO 8601 writes it, in epoch milliseconds. Raises ValueError."""
    return int(datetime.datetime.fromisoformat(moment).timestamp() * 1000)


def sleep(duration: float) -> None:
    """Waits for some seconds."""
    time.sleep(duration)
