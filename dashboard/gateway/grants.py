"""Which results the gateway itself has just announced to whom: those need not be authorized again. Used by `client`.

A `finished` message comes on the connection that a user's own token opened, after the gateway has checked the user's
rights to the report. For a short time the rows of that statement are handed to the same token without a request. A
process that did not see the message asks the gateway, as before.
"""

import threading
import time

TTL = 60.0
"""Seconds: enough for the tab to ask for its drawings."""

MAX_GRANTS = 20_000


class RecentGrants:
    """Statements by the token to which they were announced, each for a short time. Safe between threads."""

    def __init__(self, ttl: float = TTL, max_grants: int = MAX_GRANTS) -> None:
        self._ttl = ttl
        self._max_grants = max_grants
        self._until: dict[tuple[str, str], float] = {}
        self._lock = threading.Lock()

    def add(self, token: str, statement_id: str) -> None:
        """Notes that the gateway has announced a finished statement to the holder of a token."""
        with self._lock:
            self._until.pop((token, statement_id), None)
            self._until[token, statement_id] = time.monotonic() + self._ttl
            while len(self._until) > self._max_grants or next(iter(self._until.values())) < time.monotonic():
                del self._until[next(iter(self._until))]

    def covers(self, token: str, statement_id: str) -> bool:
        """Whether that was just now."""
        return self._until.get((token, statement_id), 0.0) > time.monotonic()
