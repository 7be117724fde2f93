"""The cookies of the hosted pages: who is signed in, which step a person is at, and the form's own secret.

Used by `hosted`. Cookies hold random tokens only; what they stand for is in the store. All are HttpOnly and
SameSite=Lax; they are not Secure, because this endpoint is plain HTTP on loopback.
"""

import re
import secrets
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from flask import Response, request

from infra.local.cognito.clock import Clock
from infra.local.cognito.sign_in.one_time_tokens import OneTimeTokens
from infra.local.cognito.users.accounts import Account, Accounts

SESSION = "cognito"
STEP = "cognito-step"
FORM = "cognito-form"

SESSION_SECONDS = 3600
STEP_SECONDS = 24 * 3600
FORM_SECRET = re.compile(r"[A-Za-z0-9_-]{43}")


@dataclass(frozen=True)
class Browser:
    """Reads the current request's cookies and writes the response's."""

    one_time_tokens: OneTimeTokens
    accounts: Accounts
    clock: Clock

    def signed_in(self, pool_id: str) -> tuple[Account, int] | None:
        """The user whom this browser's session belongs to and when they signed in, or None."""
        content = self._read(SESSION)
        if content is None or content["pool_id"] != pool_id:
            return None
        account = self.accounts.find(pool_id, content["username"])
        return (account, content["auth_time"]) if account and account.enabled else None

    def sign_in(self, response: Response, account: Account, auth_time: int) -> None:
        """Start the one-hour session and forget the step that led here."""
        content = {"pool_id": account.pool_id, "username": account.username, "auth_time": auth_time}
        self._write(response, SESSION, content, SESSION_SECONDS)
        self.end_step(response)

    def sign_out(self, response: Response) -> None:
        """End the session, here and in the store."""
        self.one_time_tokens.take(SESSION, request.cookies.get(SESSION, ""))
        response.delete_cookie(SESSION)

    def step(self, kind: str, pool_id: str) -> dict[str, Any]:
        """What an earlier page left for this one: `{}` unless this browser is at that step."""
        content = self._read(STEP) or {}
        return content if (content.get("kind"), content.get("pool_id")) == (kind, pool_id) else {}

    def begin_step(self, response: Response, kind: str, pool_id: str, **content: Any) -> None:
        """Leave something for the next page."""
        self._write(response, STEP, {"kind": kind, "pool_id": pool_id, **content}, STEP_SECONDS)

    def end_step(self, response: Response) -> None:
        """Forget what was left."""
        self.one_time_tokens.take(STEP, request.cookies.get(STEP, ""))
        response.delete_cookie(STEP)

    @staticmethod
    def form_secret() -> str:
        """The secret that this browser's forms carry; a new one when it has none yet."""
        cookie = request.cookies.get(FORM, "")
        return cookie if FORM_SECRET.fullmatch(cookie) else secrets.token_urlsafe(32)

    @staticmethod
    def keep_form_secret(response: Response, secret: str) -> None:
        """Let the browser prove with its next form that it got the page from here."""
        response.set_cookie(FORM, secret, httponly=True, samesite="Lax")

    @staticmethod
    def form_is_ours() -> bool:
        """Whether the posted form carries the secret of this browser's cookie (no forged cross-site form can)."""
        cookie, field = request.cookies.get(FORM, ""), request.form.get("form_secret", "")
        return bool(FORM_SECRET.fullmatch(cookie)) and compare_digest(cookie.encode(), field.encode())

    def _read(self, cookie: str) -> dict[str, Any] | None:
        return self.one_time_tokens.read(cookie, request.cookies.get(cookie, ""))

    def _write(self, response: Response, cookie: str, content: dict[str, Any], seconds: int) -> None:
        secret = self.one_time_tokens.issue(cookie, content, seconds)
        response.set_cookie(cookie, secret, max_age=seconds, httponly=True, samesite="Lax")
