"""What ALTER USER … SET keeps for a user: the settings with which each of its statements starts. Used by `runner`.

Only `statement_timeout` does something here. Source: "statement_timeout" in the Redshift developer guide.
"""

from collections.abc import Mapping

import duckdb

from infra.warehouse.engine import Engine

STATEMENT_TIMEOUT = "statement_timeout"
_SET = "INSERT INTO redshift_catalog.user_settings VALUES ($1, $2, $3)"
_RESET = "DELETE FROM redshift_catalog.user_settings WHERE usename = $1 AND ($2 = '' OR name = $2)"
_TIMEOUTS = "SELECT usename, CAST(setting AS BIGINT) FROM redshift_catalog.user_settings WHERE name = $1"


def keep(cursor: duckdb.DuckDBPyConnection, user: str, name: str, setting: str) -> None:
    """Sets a setting of a user."""
    drop(cursor, user, name)
    cursor.execute(_SET, [user, name, setting])


def drop(cursor: duckdb.DuckDBPyConnection, user: str, name: str = "") -> None:
    """Resets a setting of a user; all of them without a name, for a user that goes."""
    cursor.execute(_RESET, [user, name])


class StatementTimeouts:
    """The users' `statement_timeout`, read again only when a statement may have changed it."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._known: tuple[int, Mapping[str, int]] = (-1, {})

    def of(self, user: str) -> float:
        """For how many seconds a statement of this user may run; 0 is without an end."""
        version, timeouts = self._known
        if version != self._engine.prepared.version:
            timeouts = self._read()
        return timeouts.get(user, 0) / 1000

    def _read(self) -> Mapping[str, int]:
        """As they are committed: the statement that is to run may be in a transaction that has failed."""
        version = self._engine.prepared.version
        cursor = self._engine.cursor()
        try:
            timeouts = {
                str(user): int(setting) for user, setting in cursor.execute(_TIMEOUTS, [STATEMENT_TIMEOUT]).fetchall()
            }
        finally:
            cursor.close()
        self._known = (version, timeouts)
        return timeouts
