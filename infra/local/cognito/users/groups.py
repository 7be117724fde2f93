"""The groups, the template's and those made later, and who is in which. Used by `directory` and, for tokens, `auth`."""

import sqlite3

from infra.local.cognito.config import PoolConfig
from infra.local.cognito.errors import not_found
from infra.local.cognito.store import Store
from infra.local.cognito.users.accounts import Account
from infra.local.endpoint.awsjson import ServiceError


class Groups:
    """The tables of groups and memberships."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def names(self, pool: PoolConfig) -> list[str]:
        """Every group of the pool: the template's in its order, then the others by name."""
        rows = self._store.rows(
            "SELECT group_name FROM made_groups WHERE pool_id = ? ORDER BY group_name", pool.pool_id
        )
        return [*pool.groups, *(row["group_name"] for row in rows if row["group_name"] not in pool.groups)]

    def make(self, pool: PoolConfig, group: str) -> None:
        """A group of its own. Raises GroupExistsException."""
        exists = ServiceError("GroupExistsException", "A group with the name already exists.")
        if group in pool.groups:
            raise exists
        try:
            self._store.run("INSERT INTO made_groups VALUES (?, ?)", pool.pool_id, group)
        except sqlite3.IntegrityError:
            raise exists from None

    def of(self, pool: PoolConfig, account: Account) -> list[str]:
        """The user's groups, in the order of `names`; one that the template dropped counts no more."""
        sql = "SELECT group_name FROM memberships WHERE pool_id = ? AND username = ?"
        joined = {row["group_name"] for row in self._store.rows(sql, pool.pool_id, account.username)}
        return [group for group in self.names(pool) if group in joined]

    def members(self, pool: PoolConfig, group: str) -> set[str]:
        """The usernames in a group. Raises ResourceNotFoundException for an unknown group."""
        self._require(pool, group)
        sql = "SELECT username FROM memberships WHERE pool_id = ? AND group_name = ?"
        return {row["username"] for row in self._store.rows(sql, pool.pool_id, group)}

    def join(self, pool: PoolConfig, account: Account, group: str) -> None:
        """Put the user into the group; nothing happens when they are in it."""
        self._require(pool, group)
        sql = "INSERT OR IGNORE INTO memberships VALUES (?, ?, ?)"
        self._store.run(sql, pool.pool_id, account.username, group)

    def leave(self, pool: PoolConfig, account: Account, group: str) -> None:
        """Take the user out of the group; nothing happens when they are not in it."""
        self._require(pool, group)
        sql = "DELETE FROM memberships WHERE pool_id = ? AND username = ? AND group_name = ?"
        self._store.run(sql, pool.pool_id, account.username, group)

    def _require(self, pool: PoolConfig, group: str) -> None:
        if group not in self.names(pool):
            raise not_found("Group not found.")
