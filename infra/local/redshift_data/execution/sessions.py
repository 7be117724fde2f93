"""Sessions: a connection that outlives its statement, with its temporary tables. Used by `submissions` and
`statement_queries`.

Source: "Considerations when calling the Data API"; how a busy session refuses is not documented, so ours.
"""

import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import duckdb

from infra.local.endpoint.awsjson import ServiceError
from infra.local.redshift_data.errors import invalid, not_found
from infra.local.redshift_data.identity import Caller
from infra.local.redshift_data.limits import DataApiLimits
from infra.local.redshift_data.targets import Target

LONGEST_SECONDS = 24 * 3600


@dataclass
class Session:
    """One session. `statement` is the id of the statement that runs in it."""

    id: str
    caller: Caller
    target: Target
    cursor: duckdb.DuckDBPyConnection
    keep_alive: int
    created_at: float
    updated_at: float
    statement: str | None = None
    closed: bool = False

    @property
    def status(self) -> str:
        """AVAILABLE, BUSY or CLOSED."""
        if self.closed:
            return "CLOSED"
        return "AVAILABLE" if self.statement is None else "BUSY"

    @property
    def expires_at(self) -> float:
        """When it closes by itself: its keep-alive after the last statement, a day at most."""
        return min(self.updated_at + self.keep_alive, self.created_at + LONGEST_SECONDS)

    def data(self) -> dict[str, Any]:
        """The API's SessionData."""
        location = {name: value for name, value in self.target.members().items() if name != "SecretArn"}
        running = {} if self.statement is None else {"CurrentStatementId": self.statement}
        return {
            "SessionId": self.id,
            "Status": self.status,
            "CreatedAt": self.created_at,
            "UpdatedAt": self.updated_at,
            "DbUser": self.target.db_user,
            "SessionAliveSeconds": self.keep_alive,
            "SessionTtl": self.expires_at,
            **location,
            **running,
        }


class Sessions:
    """All sessions of this process."""

    def __init__(self, clock: Callable[[], float], limits: DataApiLimits) -> None:
        self._clock = clock
        self._limits = limits
        self._lock = threading.Lock()
        self._sessions: dict[str, Session] = {}

    def open(
        self, caller: Caller, target: Target, keep_alive: int, connect: Callable[[], duckdb.DuckDBPyConnection]
    ) -> Session:
        """A new session. Raises ActiveSessionsExceededException."""
        with self._lock:
            if sum(not one.closed for one in self._sessions.values()) >= self._limits.max_sessions:
                raise ServiceError("ActiveSessionsExceededException", "The maximum number of active sessions exceeded.")
            now = self._clock()
            session = Session(str(uuid.uuid4()), caller, target, connect(), keep_alive, now, now)
            self._sessions[session.id] = session
            return session

    def find(self, identifier: str, caller: Caller) -> Session:
        """An open session. Raises ResourceNotFoundException for one that is closed, unknown or another role's."""
        session = self.known(identifier, caller)
        if session.closed:
            raise not_found("Session is not available.", identifier)
        return session

    def known(self, identifier: str, caller: Caller) -> Session:
        """A session of the last day, closed or not. Raises ResourceNotFoundException."""
        session = self._sessions.get(identifier)
        if session is None or (self._limits.keep_apart(caller) and session.caller.owner != caller.owner):
            raise not_found("Session is not available.", identifier)
        return session

    def occupy(self, session: Session, statement: str, keep_alive: int | None) -> None:
        """Give the session to a statement. Raises ValidationException while another runs: there is no queue."""
        with self._lock:
            if session.closed or session.statement is not None:
                raise invalid(f"Session {session.id} is not available: a statement is running in it.")
            session.statement = statement
            session.keep_alive = session.keep_alive if keep_alive is None else keep_alive
            session.updated_at = self._clock()

    def release(self, identifier: str) -> None:
        """The statement has ended; a session that is not kept alive closes."""
        with self._lock:
            session = self._sessions[identifier]
            session.statement, session.updated_at = None, self._clock()
            if session.keep_alive == 0:
                _close(session)

    def expire(self) -> list[str]:
        """Close what has outlived its time; gives the statements of busy sessions that must be stopped."""
        with self._lock:
            now = self._clock()
            idle = [one for one in self._sessions.values() if one.status == "AVAILABLE" and one.expires_at < now]
            for session in idle:
                _close(session)
            self._forget(now - LONGEST_SECONDS)
            old = now - LONGEST_SECONDS
            return [one.statement for one in self._sessions.values() if one.statement and one.created_at < old]

    def close(self) -> None:
        """Close every session."""
        with self._lock:
            for session in self._sessions.values():
                if not session.closed:
                    _close(session)

    def newest_first(self) -> list[Session]:
        """Every session of the last day."""
        with self._lock:
            return sorted(self._sessions.values(), key=lambda one: (-one.created_at, one.id))

    def _forget(self, before: float) -> None:
        for session in [one for one in self._sessions.values() if one.closed and one.updated_at < before]:
            del self._sessions[session.id]


def _close(session: Session) -> None:
    session.closed = True
    session.cursor.close()
