"""Slows down the guessing of passwords. Used by `auth` before every password check.

AWS, "Lockout behavior for failed sign-in attempts": after five failures a user is locked out for one second, then for
twice as long with every further failure, up to about 15 minutes; 15 quiet minutes forget them all. Names nobody has are
counted alike, so that a lock tells nothing about who exists.
"""

from infra.local.cognito.clock import Clock
from infra.local.cognito.errors import not_authorized
from infra.local.cognito.store import Store

FREE_FAILURES = 5
LONGEST_LOCK_SECONDS = 900


class LoginThrottle:
    """The table of failed sign-ins."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin(self, pool_id: str, login: str) -> None:
        """Count a try as failed until `succeed` takes it back, so that parallel guesses count too.

        Raises NotAuthorizedException "Password attempts exceeded" while the name is locked.
        """
        now, key = self._clock(), login.lower()
        with self._store.transaction() as db:
            db.execute("DELETE FROM attempts WHERE last_at < ?", (now - LONGEST_LOCK_SECONDS,))
            row = db.execute("SELECT * FROM attempts WHERE pool_id = ? AND login = ?", (pool_id, key)).fetchone()
            failures = row["failures"] if row else 0
            if row and now < row["last_at"] + lock_seconds(failures):
                raise not_authorized("Password attempts exceeded")
            db.execute("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?)", (pool_id, key, failures + 1, now))

    def succeed(self, pool_id: str, login: str) -> None:
        """The password was right: forget the failures."""
        self._store.run("DELETE FROM attempts WHERE pool_id = ? AND login = ?", pool_id, login.lower())


def lock_seconds(failures: int) -> float:
    """How long a name is locked after so many failures: 0 below five, then 1, 2, 4 … at most 900 seconds."""
    if failures < FREE_FAILURES:
        return 0
    return min(2.0 ** min(failures - FREE_FAILURES, 20), LONGEST_LOCK_SECONDS)
