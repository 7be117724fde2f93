"""The log-ins of this installation and their renewal, one at a time each; kept in the session store, used by `auth`.

A record is written by signing in and by renewal alone, never by the end of a request, so whatever runs side by side
sees the newest tokens.
"""

import secrets
import threading
import time
from weakref import WeakValueDictionary

from cachelib.base import BaseCache

from dashboard.auth.sessions import LONGEST_LOGIN
from dashboard.auth.user_pool import Login, UserPool
from dashboard.errors import SessionEnded, SignInUnavailable


class Logins:
    """The log-in records of a store, by random keys that only sessions know."""

    def __init__(self, store: BaseCache, pool: UserPool) -> None:
        self._store = store
        self._pool = pool
        self._locks = _Locks()

    def begin(self, login: Login) -> str:
        """Keep a new log-in; its key."""
        key = secrets.token_urlsafe(32)
        self._keep(key, login)
        return key

    def known(self, key: str) -> Login:
        """The log-in as it was last stored; `SessionEnded` when there is none."""
        record = self._store.get(_name(key))
        if record is None:
            raise SessionEnded
        return Login.from_record(record)

    def fresh(self, key: str, margin: float) -> Login:
        """The log-in with an ID token good for `margin` more seconds, renewed for that when necessary.

        Of many callers at once one renews, and the others take what it got.
        """
        login = self.known(key)
        if _lasts(login, margin):
            return login
        with self._locks.of(key):
            login = self.known(key)
            return login if _lasts(login, margin) else self._renewed(key, login)

    def end(self, key: str) -> Login | None:
        """Forget the log-in; what it was, for revoking its tokens."""
        with self._locks.of(key):
            record = self._store.get(_name(key))
            self._store.delete(_name(key))
        return Login.from_record(record) if record else None

    def _renewed(self, key: str, login: Login) -> Login:
        try:
            renewed = self._pool.renew(login)
        except SignInUnavailable:
            if _lasts(login, 0):
                return login
            raise
        except SessionEnded:
            return self._renewed_elsewhere(key, login)
        self._keep(key, renewed)
        return renewed

    def _renewed_elsewhere(self, key: str, refused: Login) -> Login:
        """Another process may have used the refresh token first; otherwise this log-in is over."""
        login = self.known(key)
        if login.refresh_token != refused.refresh_token and _lasts(login, 0):
            return login
        self._store.delete(_name(key))
        raise SessionEnded

    def _keep(self, key: str, login: Login) -> None:
        if not self._store.set(_name(key), login.record(), LONGEST_LOGIN):
            raise OSError("The session store does not take a log-in.")


class _Locks:
    """A lock for each key in use, forgotten with its last user."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: WeakValueDictionary[str, _Lock] = WeakValueDictionary()

    def of(self, key: str) -> "_Lock":
        with self._guard:
            return self._locks.setdefault(key, _Lock())


class _Lock:
    """A lock that can be weakly referenced, whatever threads are made of."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(self, *_: object) -> None:
        self._lock.release()


def _lasts(login: Login, margin: float) -> bool:
    return login.expires_at - time.time() > margin


def _name(key: str) -> str:
    return f"login:{key}"
