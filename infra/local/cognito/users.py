"""The users of a pool, their attributes and their groups, as they are stored. Used wherever somebody is looked up.

As on AWS with `UsernameAttributes: [email]`, the username is the `sub`; people sign in by email, whatever its case.
"""

import json
import re
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from infra.local.cognito.errors import invalid_parameter, not_authorized, not_found, user_not_found
from infra.local.cognito.pool import STANDARD_ATTRIBUTES, ClientConfig, PoolConfig
from infra.local.cognito.store import Clock, Store
from infra.local.endpoint.awsjson import ServiceError

UNCONFIRMED = "UNCONFIRMED"
CONFIRMED = "CONFIRMED"
FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105  (a status, not a password)


@dataclass(frozen=True)
class Account:
    """One user; `attributes` holds what AWS calls user attributes, `sub` aside."""

    pool_id: str
    username: str
    status: str
    password_hash: str
    attributes: Mapping[str, str]
    enabled: bool = True
    password_expires: float | None = None
    created: float = 0
    modified: float = 0

    @property
    def email(self) -> str:
        return self.attributes["email"]

    @property
    def email_verified(self) -> bool:
        return self.attributes.get("email_verified") == "true"

    def with_attributes(self, **changes: str) -> "Account":
        """The same user with some attributes changed."""
        return replace(self, attributes={**self.attributes, **changes})


class Accounts:
    """The table of users of all pools."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def find(self, pool_id: str, name: str) -> Account | None:
        """The user whose username or email this is, or None."""
        sql = "SELECT * FROM accounts WHERE pool_id = ? AND (username = ? OR login = ?)"
        row = self._store.row(sql, pool_id, name, name.lower())
        return _account(row) if row else None

    def get(self, pool_id: str, name: str) -> Account:
        """As `find`; raises UserNotFoundException."""
        account = self.find(pool_id, name)
        if account is None:
            raise user_not_found()
        return account

    def all(self, pool_id: str) -> list[Account]:
        """Every user of the pool, oldest first."""
        rows = self._store.rows("SELECT * FROM accounts WHERE pool_id = ? ORDER BY created, username", pool_id)
        return [_account(row) for row in rows]

    def add(self, account: Account) -> Account:
        """Store a new user, under a new username if it has none. Raises UsernameExistsException for a taken email."""
        now = self._clock()
        new = replace(account, username=account.username or new_username(), created=now, modified=now)
        try:
            self._store.run("INSERT INTO accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", *_values(new))
        except sqlite3.IntegrityError as error:
            message = "An account with the given email already exists."
            raise ServiceError("UsernameExistsException", message) from error
        return new

    def save(self, account: Account) -> Account:
        """Overwrite a user. Raises AliasExistsException when its new email is another's."""
        changed = replace(account, modified=self._clock())
        sql = (
            "UPDATE accounts SET pool_id = ?, username = ?, login = ?, status = ?, enabled = ?, password_hash = ?, "
            "password_expires = ?, attributes = ?, created = ?, modified = ? WHERE pool_id = ? AND username = ?"
        )
        try:
            self._store.run(sql, *_values(changed), account.pool_id, account.username)
        except sqlite3.IntegrityError as error:
            raise ServiceError("AliasExistsException", "An account with the email already exists.") from error
        return changed

    def delete(self, account: Account) -> None:
        """Remove a user with all that hangs on it."""
        self._store.run("DELETE FROM accounts WHERE pool_id = ? AND username = ?", account.pool_id, account.username)


def new_username() -> str:
    """The `sub` of somebody new."""
    return str(uuid.uuid4())


def _account(row: sqlite3.Row) -> Account:
    return Account(
        pool_id=row["pool_id"],
        username=row["username"],
        status=row["status"],
        password_hash=row["password_hash"],
        attributes=json.loads(row["attributes"]),
        enabled=bool(row["enabled"]),
        password_expires=row["password_expires"],
        created=row["created"],
        modified=row["modified"],
    )


def _values(account: Account) -> tuple[object, ...]:
    return (
        account.pool_id,
        account.username,
        account.email.lower(),
        account.status,
        account.enabled,
        account.password_hash,
        account.password_expires,
        json.dumps(dict(account.attributes)),
        account.created,
        account.modified,
    )


# The address grammar of HTML's <input type=email>, with at least one dot in the host.
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
MAXIMUM_EMAIL_LENGTH = 128

Listed = Sequence[Mapping[str, str]]


def parse_attributes(pool: PoolConfig, listed: Listed) -> dict[str, str]:
    """The attributes as a mapping; raises InvalidParameterException for one the pool's schema lacks, or for `sub`."""
    for entry in listed:
        if entry["Name"] not in STANDARD_ATTRIBUTES and entry["Name"] not in pool.custom_attributes:
            message = f"user.{entry['Name']}: Attribute does not exist in the schema."
            raise invalid_parameter(f"Attributes did not conform to the schema: {message}")
    found = {entry["Name"]: entry.get("Value", "") for entry in listed}
    if "email" in found:
        require_email(found["email"], "Invalid email address format.")
    return found


def require_writable(client: ClientConfig, names: Iterable[str]) -> None:
    """Raises NotAuthorizedException for an attribute that people may not set through this application."""
    if set(names) - client.write_attributes:
        raise not_authorized("A client attempted to write unauthorized attribute")


def render_attributes(account: Account) -> list[dict[str, str]]:
    """The user's attributes as AWS lists them, `sub` last."""
    return [{"Name": n, "Value": v} for n, v in {**account.attributes, "sub": account.username}.items()]


def require_email(text: str, message: str = "Username should be an email.") -> str:
    """The text itself when it is an email address, else InvalidParameterException."""
    if len(text) > MAXIMUM_EMAIL_LENGTH or not EMAIL.fullmatch(text):
        raise invalid_parameter(message)
    return text


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
