"""Users, groups and grants, kept in the warehouse file itself, so that they are durable and roll back with their batch.

Used by `queries` and `changes` (may this user?), by `admin` (CREATE USER, GRANT) and by `catalog`.
Superusers may do everything; any other user only what was granted to it, to one of its groups, or to PUBLIC.
"""

from collections.abc import Iterable

import duckdb

from infra.redshift_sql.errors import PermissionFailed, StatementFailed
from infra.warehouse.name_resolution import Relation

STATEMENTS = (
    "CREATE SCHEMA IF NOT EXISTS redshift_catalog",
    "CREATE SCHEMA IF NOT EXISTS public",
    "CREATE SEQUENCE IF NOT EXISTS redshift_catalog.ids START 100",
    """CREATE TABLE IF NOT EXISTS redshift_catalog.users (
        usename VARCHAR NOT NULL, usesysid INTEGER NOT NULL,
        usecreatedb BOOLEAN NOT NULL, usesuper BOOLEAN NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS redshift_catalog.groups (groname VARCHAR NOT NULL, grosysid INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS redshift_catalog.members (groname VARCHAR NOT NULL, usename VARCHAR NOT NULL)",
    """CREATE TABLE IF NOT EXISTS redshift_catalog.grants (
        kind VARCHAR NOT NULL, grantee VARCHAR NOT NULL, privilege VARCHAR NOT NULL,
        schema_name VARCHAR NOT NULL, relation VARCHAR NOT NULL)""",
    "CREATE TABLE IF NOT EXISTS redshift_catalog.given (privilege VARCHAR NOT NULL)",
    """CREATE TABLE IF NOT EXISTS redshift_catalog.user_settings (
        usename VARCHAR NOT NULL, name VARCHAR NOT NULL, setting VARCHAR NOT NULL)""",
    """INSERT INTO redshift_catalog.grants SELECT 'public', '', 'USAGE', 'public', ''
       WHERE NOT EXISTS (SELECT 1 FROM redshift_catalog.grants WHERE kind = 'public' AND schema_name = 'public')""",
    # Redshift lets every user make temporary tables until that is taken from PUBLIC; what is taken stays so.
    """INSERT INTO redshift_catalog.grants SELECT 'public', '', 'TEMP', '', ''
       WHERE NOT EXISTS (SELECT 1 FROM redshift_catalog.given WHERE privilege = 'TEMP')""",
    """INSERT INTO redshift_catalog.given SELECT 'TEMP'
       WHERE NOT EXISTS (SELECT 1 FROM redshift_catalog.given WHERE privilege = 'TEMP')""",
)
"""The tables, made where they are not there yet, and what Redshift grants to everyone in the beginning."""
_USERS = "SELECT usename FROM redshift_catalog.users"
_ADMIN = "INSERT INTO redshift_catalog.users SELECT $1, nextval('redshift_catalog.ids'), true, true"
_HELD = """
    SELECT privilege, schema_name, relation FROM redshift_catalog.grants
    WHERE kind = 'public' OR (kind = 'user' AND grantee = $1)
       OR (kind = 'group' AND grantee IN (SELECT groname FROM redshift_catalog.members WHERE usename = $1))
"""


def add_superusers(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Create those who are not there yet."""
    there = {name for (name,) in connection.execute(_USERS).fetchall()}
    for name in sorted(set(names) - there):
        connection.execute(_ADMIN, [name])


class Rights:
    """What one database user may do, as read when the statement starts. Raises StatementFailed for an unknown user."""

    def __init__(self, cursor: duckdb.DuckDBPyConnection, user: str) -> None:
        self.user = user
        self.is_superuser = _is_superuser(cursor, user)
        self._held = set() if self.is_superuser else {tuple(row) for row in cursor.execute(_HELD, [user]).fetchall()}

    def check(self, privilege: str, relations: Iterable[Relation]) -> None:
        """Raise PermissionFailed unless the user holds the privilege on each relation, and USAGE on its schema."""
        for relation in relations:
            if not self._may(privilege, relation):
                raise PermissionFailed(f"ERROR: permission denied for relation {relation.name}")

    def check_owner(self, relation: Relation) -> None:
        """Raise PermissionFailed unless the user may create, change or drop it: superusers, and a session its own."""
        if not (self.is_superuser or relation.is_temporary):
            raise PermissionFailed(f"ERROR: permission denied for schema {relation.schema}")

    def check_temporary(self, database: str) -> None:
        """Raise PermissionFailed unless the user may make temporary tables."""
        if not (self.is_superuser or ("TEMP", "", "") in self._held):
            raise PermissionFailed(f"ERROR: permission denied to create temporary tables in database {database}")

    def check_superuser(self, what: str) -> None:
        """Raise PermissionFailed for anyone but a superuser."""
        if not self.is_superuser:
            raise PermissionFailed(f"ERROR: must be superuser to {what}")

    def _may(self, privilege: str, relation: Relation) -> bool:
        if self.is_superuser or relation.is_temporary or (relation.is_system and privilege == "SELECT"):
            return True
        if ("USAGE", relation.schema, "") not in self._held:
            raise PermissionFailed(f"ERROR: permission denied for schema {relation.schema}")
        return (privilege, relation.schema, relation.name) in self._held


def _is_superuser(cursor: duckdb.DuckDBPyConnection, user: str) -> bool:
    """A derived IAM user administers the laptop's warehouse; a derived role user starts with nothing."""
    row = cursor.execute("SELECT usesuper FROM redshift_catalog.users WHERE usename = $1", [user]).fetchone()
    if row is not None:
        return bool(row[0])
    if user.startswith("iamr:"):
        return False
    if user.startswith("iam:"):
        return True
    raise StatementFailed(f'FATAL: user "{user}" does not exist')
