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

Clock = Callable[[], float]
"""What tells the time, in seconds since the epoch: `time.time`, or a test's own."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS accounts (
    username TEXT PRIMARY KEY, login TEXT UNIQUE, status TEXT, enabled INTEGER, password_hash TEXT,
    password_expires REAL, attributes TEXT, created REAL, modified REAL);
CREATE TABLE IF NOT EXISTS made_groups (
    group_name TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS memberships (
    username TEXT REFERENCES accounts ON DELETE CASCADE, group_name TEXT, PRIMARY KEY (username, group_name));
CREATE TABLE IF NOT EXISTS attempts (
    login TEXT PRIMARY KEY, failures INTEGER, last_at REAL);
CREATE TABLE IF NOT EXISTS codes (
    username TEXT REFERENCES accounts ON DELETE CASCADE, purpose TEXT, hash TEXT, expires_at REAL, failures INTEGER,
    sent INTEGER, first_sent_at REAL, PRIMARY KEY (username, purpose));
CREATE TABLE IF NOT EXISTS sessions (
    origin_jti TEXT PRIMARY KEY, username TEXT REFERENCES accounts ON DELETE CASCADE, client_id TEXT, scopes TEXT,
    auth_time INTEGER, expires_at REAL, revoked INTEGER);
CREATE TABLE IF NOT EXISTS refresh_tokens (
    hash TEXT PRIMARY KEY, origin_jti TEXT REFERENCES sessions ON DELETE CASCADE, replaced_at REAL);
CREATE TABLE IF NOT EXISTS one_time_tokens (
    kind TEXT, hash TEXT, content TEXT, expires_at REAL, PRIMARY KEY (kind, hash));
CREATE TABLE IF NOT EXISTS signing_keys (
    use TEXT PRIMARY KEY, kid TEXT UNIQUE, pem TEXT);
"""


class Store:
    """The SQLite file, created with mode 0600; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        self._lock = threading.RLock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._connection.row_factory = sqlite3.Row
        self._connection.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;")
        _take_over(self._connection)
        self._connection.executescript(f"{SCHEMA} PRAGMA foreign_keys=ON;")

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

    def run(self, sql: str, *values: Any, **named: Any) -> int:
        """One change; returns how many rows it touched. Raises sqlite3.IntegrityError on a duplicate key."""
        with self._lock:
            return self._connection.execute(sql, named or values).rowcount

    def close(self) -> None:
        """Give the file back; later calls fail."""
        with self._lock:
            self._connection.close()


def _take_over(db: sqlite3.Connection) -> None:
    """A file of a release whose tables named a pool in each row gets today's tables, with the rows it had."""
    columns = {name: [row["name"] for row in db.execute(f"PRAGMA table_info({name})")] for name in _tables(db)}
    if "pool_id" not in columns.get("accounts", ()):
        return
    renames = [f"ALTER TABLE {name} RENAME TO old_{name};" for name in columns]
    kept = {name: ", ".join(one for one in names if one != "pool_id") for name, names in columns.items()}
    # OR IGNORE: of several pools, which a file could name, one is left.
    copies = [f"INSERT OR IGNORE INTO {t} ({names}) SELECT {names} FROM old_{t};" for t, names in kept.items()]  # noqa: S608
    drops = [f"DROP TABLE old_{name};" for name in columns]
    db.executescript("\n".join(["BEGIN;", *renames, SCHEMA, *copies, *drops, "COMMIT;"]))


def _tables(db: sqlite3.Connection) -> list[str]:
    names = [row["name"] for row in db.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
    return [name for name in names if f" EXISTS {name} (" in SCHEMA]


def digest(secret: str) -> str:
    """What is stored instead of a random secret (refresh token, code, cookie)."""
    return hashlib.sha256(secret.encode()).hexdigest()
