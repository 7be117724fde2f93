"""Random secrets with an expiry that stand for something: an authorization code, a browser session, an open challenge.

Used by `oauth` (codes), `auth` (challenges) and `browser` (cookies). Only a digest of the secret is stored.
"""

import json
import secrets
from typing import Any

from infra.local.cognito.clock import Clock
from infra.local.cognito.store import Store, digest


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
