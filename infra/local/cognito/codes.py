"""Secrets that work once: the six-digit codes that AWS would mail, announced in the terminal, and one-time tokens.

A code of sign-up lives 24 hours, one of a password reset one hour (AWS's quotas); five wrong guesses make it void.
One-time tokens stand for an authorization code, a browser's session or step. Only digests are stored.
"""

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from sqlite3 import Row
from typing import Any

from infra.local.cognito.errors import code_expired, code_mismatch
from infra.local.cognito.store import Clock, Store, digest
from infra.local.cognito.users import Account
from infra.local.endpoint.awsjson import ServiceError

Announce = Callable[[str], None]

MAXIMUM_FAILURES = 5
MAXIMUM_MAILS_PER_HOUR = 10


@dataclass(frozen=True)
class Purpose:
    """What a code is good for, and how long."""

    name: str
    title: str
    seconds: int


SIGN_UP = Purpose("sign-up", "Sign-up code", 24 * 3600)
RESET = Purpose("reset", "Password reset code", 3600)


class Codes:
    """The table of outstanding codes: at most one a user and purpose, the newest."""

    def __init__(self, store: Store, announce: Announce, clock: Clock) -> None:
        self._store = store
        self._announce = announce
        self._clock = clock

    def send(self, account: Account, purpose: Purpose) -> dict[str, str]:
        """Announce a fresh code; the one before it is void. Raises LimitExceededException after ten in an hour."""
        code = f"{secrets.randbelow(1_000_000):06d}"
        self._remember(account, purpose, code)
        self._announce(f"{purpose.title} for {account.email}: {code}")
        return delivery(account.email)

    def spend(self, account: Account, purpose: Purpose, code: str) -> None:
        """Use up the right code; raises CodeMismatch-, ExpiredCode- or TooManyFailedAttemptsException."""
        key = (account.username, purpose.name)
        with self._store.transaction() as db:
            sql = "SELECT * FROM codes WHERE username = ? AND purpose = ?"
            error = self._refusal(db.execute(sql, key).fetchone(), code)
            if error is None:
                db.execute("DELETE FROM codes WHERE username = ? AND purpose = ?", key)
            else:
                sql = "UPDATE codes SET failures = failures + 1 WHERE username = ? AND purpose = ?"
                db.execute(sql, key)
        # Raised only now: inside the block it would undo the count of failures.
        if error is not None:
            raise error

    def _refusal(self, row: Row | None, code: str) -> ServiceError | None:
        if row is None or row["expires_at"] < self._clock():
            return code_expired()
        if row["failures"] >= MAXIMUM_FAILURES:
            message = "Too many failed attempts for a given action."
            return ServiceError("TooManyFailedAttemptsException", message)
        return None if compare_digest(row["hash"], digest(code)) else code_mismatch()

    def _remember(self, account: Account, purpose: Purpose, code: str) -> None:
        now = self._clock()
        key = (account.username, purpose.name)
        with self._store.transaction() as db:
            sql = "SELECT sent, first_sent_at FROM codes WHERE username = ? AND purpose = ?"
            row = db.execute(sql, key).fetchone()
            if row is None or row["first_sent_at"] < now - 3600:
                row = {"sent": 0, "first_sent_at": now}
            if row["sent"] >= MAXIMUM_MAILS_PER_HOUR:
                message = "Attempt limit exceeded, please try after some time."
                raise ServiceError("LimitExceededException", message)
            values = (*key, digest(code), now + purpose.seconds, 0, row["sent"] + 1, row["first_sent_at"])
            db.execute("INSERT OR REPLACE INTO codes VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def delivery(email: str) -> dict[str, str]:
    """AWS's `CodeDeliveryDetails`, the address masked as there: `a***@e***`."""
    name, _, host = email.partition("@")
    return {"Destination": f"{name[:1]}***@{host[:1]}***", "DeliveryMedium": "EMAIL", "AttributeName": "email"}


class OneTimeTokens:
    """Tokens of several kinds; a secret of one kind is worth nothing as another."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def issue(self, kind: str, content: dict[str, Any], seconds: float) -> str:
        """A new secret for `content`, good for so many seconds; expired ones are cleared away meanwhile."""
        secret = secrets.token_urlsafe(32)
        now = self._clock()
        self._store.run("DELETE FROM one_time_tokens WHERE expires_at < ?", now)
        values = (kind, digest(secret), json.dumps(content), now + seconds)
        self._store.run("INSERT INTO one_time_tokens VALUES (?, ?, ?, ?)", *values)
        return secret

    def read(self, kind: str, secret: str) -> dict[str, Any] | None:
        """What the secret stands for, or None when it is unknown or expired."""
        sql = "SELECT content FROM one_time_tokens WHERE kind = ? AND hash = ? AND expires_at >= ?"
        row = self._store.row(sql, kind, digest(secret), self._clock())
        return json.loads(row["content"]) if row else None

    def take(self, kind: str, secret: str) -> dict[str, Any] | None:
        """As `read`, but of two takers at the same time only one gets it."""
        content = self.read(kind, secret)
        taken = self._store.run("DELETE FROM one_time_tokens WHERE kind = ? AND hash = ?", kind, digest(secret))
        return content if taken else None
