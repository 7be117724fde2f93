"""Who is in which group; the groups themselves are the template's. Used by `directory` and, for the tokens, `auth`."""

from infra.local.cognito.accounts import Account
from infra.local.cognito.config import PoolConfig
from infra.local.cognito.errors import not_found
from infra.local.cognito.store import Store


class Groups:
    """The table of memberships."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def of(self, pool: PoolConfig, account: Account) -> list[str]:
        """The user's groups, in the template's order; one that the template dropped counts no more."""
        sql = "SELECT group_name FROM memberships WHERE pool_id = ? AND username = ?"
        joined = {row["group_name"] for row in self._store.rows(sql, pool.pool_id, account.username)}
        return [group for group in pool.groups if group in joined]

    def members(self, pool: PoolConfig, group: str) -> set[str]:
        """The usernames in a group. Raises ResourceNotFoundException for an unknown group."""
        require_group(pool, group)
        sql = "SELECT username FROM memberships WHERE pool_id = ? AND group_name = ?"
        return {row["username"] for row in self._store.rows(sql, pool.pool_id, group)}

    def join(self, pool: PoolConfig, account: Account, group: str) -> None:
        """Put the user into the group; nothing happens when they are in it."""
        require_group(pool, group)
        sql = "INSERT OR IGNORE INTO memberships VALUES (?, ?, ?)"
        self._store.run(sql, pool.pool_id, account.username, group)

    def leave(self, pool: PoolConfig, account: Account, group: str) -> None:
        """Take the user out of the group; nothing happens when they are not in it."""
        require_group(pool, group)
        sql = "DELETE FROM memberships WHERE pool_id = ? AND username = ? AND group_name = ?"
        self._store.run(sql, pool.pool_id, account.username, group)


def require_group(pool: PoolConfig, group: str) -> None:
    """Raises ResourceNotFoundException unless the template knows the group."""
    if group not in pool.groups:
        raise not_found("Group not found.")
