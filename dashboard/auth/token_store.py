"""The stored log-ins and their renewal, of each log-in one at a time; used by `routes` and the bridge.

A record is written by signing in and by renewal alone, never at the end of a request, so concurrent requests see the
newest tokens.
"""

import logging
import secrets
import threading
import time
from weakref import WeakValueDictionary

from cachelib.base import BaseCache

from dashboard.auth.sessions import LONGEST_LOGIN
from dashboard.auth.user_pool import Login, UserPool
from dashboard.errors import SessionEnded, SignInUnavailable

log = logging.getLogger(__name__)


class TokenStore:
    """The log-in records of a store, by random keys that only the session cookies hold."""

    def __init__(self, store: BaseCache, pool: UserPool) -> None:
        self._store = store
        self._pool = pool
        self._locks = _Locks()

    def create(self, login: Login) -> str:
        """Store a new log-in; returns its key."""
        key = secrets.token_urlsafe(32)
        self._write(key, login)
        return key

    def replace(self, key: str, login: Login) -> None:
        """Store another log-in under a key; raises `SessionEnded` when that was deleted meanwhile."""
        with self._locks.of(key):
            self.get(key)
            self._write(key, login)

    def get(self, key: str) -> Login:
        """The log-in as it was last stored; raises `SessionEnded` when there is none."""
        login = self._read(key)
        if login is None:
            raise SessionEnded
        return login

    def refresh(self, key: str, leeway: float) -> Login:
        """The log-in with an ID token valid for `leeway` more seconds, renewed if it is not.

        Of concurrent callers one renews; the others return its result. Raises `SessionEnded` or `SignInUnavailable`.
        """
        login = self.get(key)
        if _is_valid(login, leeway):
            return login
        with self._locks.of(key):
            login = self.get(key)
            return login if _is_valid(login, leeway) else self._renewed(key, login)

    def end(self, key: str) -> Login | None:
        """Delete the log-in; returns it, for its tokens to be revoked."""
        with self._locks.of(key):
            login = self._read(key)
            self._store.delete(_name(key))
        return login

    def _read(self, key: str) -> Login | None:
        """The stored log-in. A record of another version of the dashboard is none: its user signs in again."""
        record = self._store.get(_name(key))
        try:
            return None if record is None else Login.from_record(record)
        except ValueError as error:
            log.warning("a stored log-in cannot be read", extra={"reason": str(error)})
            return None

    def _renewed(self, key: str, login: Login) -> Login:
        try:
            renewed = self._pool.renew(login)
        except SignInUnavailable:
            if _is_valid(login, 0):
                return login
            raise
        except SessionEnded:
            return self._renewed_elsewhere(key, login)
        self._write(key, renewed)
        return renewed

    def _renewed_elsewhere(self, key: str, refused: Login) -> Login:
        """Another process may have used the refresh token first; otherwise this log-in is over."""
        login = self.get(key)
        if login.refresh_token != refused.refresh_token and _is_valid(login, 0):
            return login
        self._store.delete(_name(key))
        raise SessionEnded

    def _write(self, key: str, login: Login) -> None:
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


def _is_valid(login: Login, leeway: float) -> bool:
    return login.expires_at - time.time() > leeway


def _name(key: str) -> str:
    return f"login:{key}"
