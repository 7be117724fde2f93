"""The users of the pool, their attributes and their groups, as they are stored. Used wherever somebody is looked up.

As on AWS with `UsernameAttributes: [email]`, the username is the `sub`; people sign in by email, whatever its case.
"""

import json
import re
import sqlite3
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from infra.local.cognito.errors import invalid_parameter, not_authorized, not_found
from infra.local.cognito.pool import STANDARD_ATTRIBUTES, ClientConfig, PoolConfig
from infra.local.cognito.store import Clock, Store
from infra.local.endpoint.awsjson import ServiceError

UNCONFIRMED = "UNCONFIRMED"
CONFIRMED = "CONFIRMED"
FORCE_CHANGE_PASSWORD = "FORCE_CHANGE_PASSWORD"  # noqa: S105  (a status, not a password)

# The address grammar of HTML's <input type=email>, with at least one dot in the host.
EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
MAXIMUM_EMAIL_LENGTH = 128


@dataclass(frozen=True)
class Account:
    """One user; `attributes` holds what AWS calls user attributes, `sub` aside."""

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
    """The table of users."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def find(self, name: str) -> Account | None:
        """The user whose username or email this is, or None."""
        row = self._store.row("SELECT * FROM accounts WHERE username = ? OR login = ?", name, name.lower())
        return _account(row) if row else None

    def get(self, name: str) -> Account:
        """As `find`; raises UserNotFoundException."""
        account = self.find(name)
        if account is None:
            raise ServiceError("UserNotFoundException", "User does not exist.")
        return account

    def all(self) -> list[Account]:
        """Every user, oldest first."""
        return [_account(row) for row in self._store.rows("SELECT * FROM accounts ORDER BY created, username")]

    def add(self, account: Account) -> Account:
        """Store a new user. Raises UsernameExistsException for a taken email."""
        new = replace(account, created=self._clock(), modified=self._clock())
        sql = (
            "INSERT INTO accounts VALUES (:username, :login, :status, :enabled, :password_hash, :password_expires, "
            ":attributes, :created, :modified)"
        )
        try:
            self._store.run(sql, **_values(new))
        except sqlite3.IntegrityError as error:
            message = "An account with the given email already exists."
            raise ServiceError("UsernameExistsException", message) from error
        return new

    def save(self, account: Account) -> Account:
        """Overwrite a user. Raises AliasExistsException when its new email is another's."""
        changed = replace(account, modified=self._clock())
        sql = (
            "UPDATE accounts SET login = :login, status = :status, enabled = :enabled, password_hash = :password_hash, "
            "password_expires = :password_expires, attributes = :attributes, modified = :modified "
            "WHERE username = :username"
        )
        try:
            self._store.run(sql, **_values(changed))
        except sqlite3.IntegrityError as error:
            raise ServiceError("AliasExistsException", "An account with the email already exists.") from error
        return changed

    def delete(self, account: Account) -> None:
        """Remove a user with all that hangs on it."""
        self._store.run("DELETE FROM accounts WHERE username = ?", account.username)


class Groups:
    """The tables of groups, the template's and those made later, and of memberships."""

    def __init__(self, store: Store, given: Sequence[str]) -> None:
        self._store = store
        self._given = given

    def names(self) -> list[str]:
        """Every group: the template's in its order, then the others by name."""
        made = [row["group_name"] for row in self._store.rows("SELECT group_name FROM made_groups ORDER BY group_name")]
        return [*self._given, *(name for name in made if name not in self._given)]

    def make(self, group: str) -> None:
        """A group of its own. Raises GroupExistsException."""
        sql = "INSERT OR IGNORE INTO made_groups VALUES (?)"
        if group in self._given or not self._store.run(sql, group):
            raise ServiceError("GroupExistsException", "A group with the name already exists.")

    def of(self, account: Account) -> list[str]:
        """The user's groups, in the order of `names`; one that the template dropped counts no more."""
        rows = self._store.rows("SELECT group_name FROM memberships WHERE username = ?", account.username)
        joined = {row["group_name"] for row in rows}
        return [group for group in self.names() if group in joined]

    def members(self, group: str) -> set[str]:
        """The usernames in a group. Raises ResourceNotFoundException for an unknown group."""
        self._require(group)
        rows = self._store.rows("SELECT username FROM memberships WHERE group_name = ?", group)
        return {row["username"] for row in rows}

    def join(self, account: Account, group: str) -> None:
        """Put the user into the group; nothing happens when they are in it."""
        self._require(group)
        self._store.run("INSERT OR IGNORE INTO memberships VALUES (?, ?)", account.username, group)

    def leave(self, account: Account, group: str) -> None:
        """Take the user out of the group; nothing happens when they are not in it."""
        self._require(group)
        self._store.run("DELETE FROM memberships WHERE username = ? AND group_name = ?", account.username, group)

    def _require(self, group: str) -> None:
        if group not in self.names():
            raise not_found("Group not found.")


def new_username() -> str:
    """The `sub` of somebody new."""
    return str(uuid.uuid4())


def parse_attributes(pool: PoolConfig, listed: Sequence[Mapping[str, str]]) -> dict[str, str]:
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


def _account(row: sqlite3.Row) -> Account:
    values = {name: row[name] for name in Account.__dataclass_fields__}
    return Account(**values | {"enabled": bool(row["enabled"]), "attributes": json.loads(row["attributes"])})


def _values(account: Account) -> dict[str, Any]:
    return vars(account) | {"login": account.email.lower(), "attributes": json.dumps(dict(account.attributes))}
