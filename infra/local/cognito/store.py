"""Where accounts, codes, sessions and signing keys lie: one SQLite file that only its owner can read.

Used by every table of this package (accounts, groups, the login throttle, codes, sessions, one-time tokens, keys). One
connection behind one lock: a laptop's sign-ins are few, and slow work such as hashing happens outside.
"""

import hashlib
import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    pool_id TEXT, username TEXT, login TEXT, status TEXT, enabled INTEGER, password_hash TEXT, password_expires REAL,
    attributes TEXT, created REAL, modified REAL,
    PRIMARY KEY (pool_id, username), UNIQUE (pool_id, login));
CREATE TABLE IF NOT EXISTS made_groups (
    pool_id TEXT, group_name TEXT, PRIMARY KEY (pool_id, group_name));
CREATE TABLE IF NOT EXISTS memberships (
    pool_id TEXT, username TEXT, group_name TEXT, PRIMARY KEY (pool_id, username, group_name),
    FOREIGN KEY (pool_id, username) REFERENCES accounts ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS attempts (
    pool_id TEXT, login TEXT, failures INTEGER, last_at REAL, PRIMARY KEY (pool_id, login));
CREATE TABLE IF NOT EXISTS codes (
    pool_id TEXT, username TEXT, purpose TEXT, hash TEXT, expires_at REAL, failures INTEGER, sent INTEGER,
    first_sent_at REAL,
    PRIMARY KEY (pool_id, username, purpose),
    FOREIGN KEY (pool_id, username) REFERENCES accounts ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS sessions (
    origin_jti TEXT PRIMARY KEY, pool_id TEXT, username TEXT, client_id TEXT, scopes TEXT, auth_time INTEGER,
    expires_at REAL, revoked INTEGER,
    FOREIGN KEY (pool_id, username) REFERENCES accounts ON DELETE CASCADE);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash TEXT PRIMARY KEY, origin_jti TEXT REFERENCES sessions ON DELETE CASCADE, replaced_at REAL);
CREATE TABLE IF NOT EXISTS one_time_tokens (
    kind TEXT, hash TEXT, content TEXT, expires_at REAL, PRIMARY KEY (kind, hash));
CREATE TABLE IF NOT EXISTS signing_keys (
    pool_id TEXT, use TEXT, kid TEXT UNIQUE, pem TEXT, PRIMARY KEY (pool_id, use));
"""


class Store:
    """The SQLite file, created with mode 0600; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON;")
        self._connection.executescript(SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Several statements as one; undone when the block raises. Not to be nested."""
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            self._connection.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[sqlite3.Row]:
        """All rows of a SELECT."""
        with self._lock:
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, *values: Any) -> sqlite3.Row | None:
        """The first row of a SELECT, or None."""
        return next(iter(self.rows(sql, *values)), None)

    def run(self, sql: str, *values: Any) -> int:
        """One change; returns how many rows it touched. Raises sqlite3.IntegrityError on a duplicate key."""
        with self._lock:
            return self._connection.execute(sql, values).rowcount

    def close(self) -> None:
        """Give the file back; later calls fail."""
        with self._lock:
            self._connection.close()


def digest(secret: str) -> str:
    """What is stored instead of a random secret (refresh token, code, cookie)."""
    return hashlib.sha256(secret.encode()).hexdigest()


Clock = Callable[[], float]
