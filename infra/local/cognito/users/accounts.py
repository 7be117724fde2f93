"""The users of a pool as they are stored. Used by sign-up, sign-in, recovery and the admin operations.

As on AWS with `UsernameAttributes: [email]`, the username is the `sub`; people sign in by email, whatever its case.
"""

import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace

from infra.local.cognito.clock import Clock
from infra.local.cognito.errors import user_not_found
from infra.local.cognito.store import Store
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
