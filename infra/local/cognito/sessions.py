"""Signed-in sessions and their refresh tokens. Used by `auth`; `tokens` puts a session's facts into JWTs.

One session is one sign-in of one user at one client: its `origin_jti` is in every token that comes of it, and
revoking it voids them all. Refresh tokens are stored as digests.
Source: the Cognito guide's "Refresh tokens": rotation, retry grace period, revocation.
"""

import secrets
import uuid
from dataclasses import dataclass
from sqlite3 import Connection, Row

from infra.local.cognito.errors import not_authorized
from infra.local.cognito.pool import ClientConfig
from infra.local.cognito.store import Clock, Store, digest
from infra.local.cognito.users import Account
from infra.local.endpoint.awsjson import ServiceError

# An access token may outlive its session's refresh token; its revocation must be known as long (24 h at most).
KEPT_AFTER_EXPIRY_SECONDS = 86400


@dataclass(frozen=True)
class Session:
    """One sign-in of one user at one client."""

    origin_jti: str
    username: str
    scopes: tuple[str, ...]
    auth_time: int


class Sessions:
    """The tables of sessions and refresh tokens."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def start(
        self, account: Account, client: ClientConfig, scopes: tuple[str, ...], auth_time: int
    ) -> tuple[Session, str]:
        """A new session and its first refresh token."""
        expires_at = self._clock() + client.refresh_token_days * 86400
        jti = str(uuid.uuid4())
        with self._store.transaction() as db:
            db.execute("DELETE FROM sessions WHERE expires_at < ?", (self._clock() - KEPT_AFTER_EXPIRY_SECONDS,))
            values = (jti, account.username, client.client_id, " ".join(scopes), auth_time, expires_at)
            db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?, ?, ?, 0)", values)
            return Session(jti, account.username, scopes, auth_time), _new_token(db, jti)

    def refresh(self, token: str, client: ClientConfig) -> tuple[Session, str | None]:
        """The session behind a refresh token and, when the client rotates, the token that replaces it.

        Raises NotAuthorizedException, or RefreshTokenReuseException for a replaced token after its grace period.
        """
        now = self._clock()
        with self._store.transaction() as db:
            row = _find(db, token)
            if row is None or row["client_id"] != client.client_id:
                raise not_authorized("Invalid Refresh Token")
            _require_usable(row, client, now)
            if not client.rotation_enabled:
                return _session(row), None
            db.execute(
                "UPDATE refresh_tokens SET replaced_at = coalesce(replaced_at, ?) WHERE hash = ?", (now, digest(token))
            )
            return _session(row), _new_token(db, row["origin_jti"])

    def revoke_token(self, token: str, client_id: str) -> None:
        """End the session of a refresh token; unknown tokens are ignored, another client's raises."""
        with self._store.transaction() as db:
            row = _find(db, token)
            if row is None:
                return
            if row["client_id"] != client_id:
                raise ServiceError("UnauthorizedException", "The token was issued to another client.")
            db.execute("UPDATE sessions SET revoked = 1 WHERE origin_jti = ?", (row["origin_jti"],))

    def revoke_all(self, account: Account) -> None:
        """End every session of a user."""
        self._store.run("UPDATE sessions SET revoked = 1 WHERE username = ?", account.username)

    def is_live(self, origin_jti: object) -> bool:
        """Whether tokens of that origin still count."""
        return self._store.row("SELECT 1 FROM sessions WHERE origin_jti = ? AND revoked = 0", origin_jti) is not None


def _find(db: Connection, token: str) -> Row | None:
    sql = "SELECT * FROM refresh_tokens JOIN sessions USING (origin_jti) WHERE hash = ?"
    row: Row | None = db.execute(sql, (digest(token),)).fetchone()
    return row


def _require_usable(row: Row, client: ClientConfig, now: float) -> None:
    if row["revoked"]:
        raise not_authorized("Refresh Token has been revoked")
    if row["expires_at"] <= now:
        raise not_authorized("Refresh Token has expired")
    replaced_at = row["replaced_at"]
    if replaced_at is not None and now > replaced_at + client.rotation_grace_seconds:
        raise ServiceError("RefreshTokenReuseException", "The refresh token was already used and replaced.")


def _new_token(db: Connection, origin_jti: str) -> str:
    token = secrets.token_urlsafe(96)
    db.execute("INSERT INTO refresh_tokens VALUES (?, ?, NULL)", (digest(token), origin_jti))
    return token


def _session(row: Row) -> Session:
    return Session(row["origin_jti"], row["username"], tuple(row["scopes"].split()), row["auth_time"])
