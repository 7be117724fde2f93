"""What a hosted page puts into the browser: the page with its headers, its sentences for errors, and its cookies.

No script, no foreign resource: the Content-Security-Policy allows the style sheet by its hash, and forms to go here
and, through the redirect after signing in, to the application that asked. Cookies hold random tokens only; what they
stand for is in the store. All are HttpOnly and SameSite=Lax; they are not Secure, because this endpoint is plain HTTP
on loopback.
"""

import base64
import hashlib
import re
import secrets
from dataclasses import dataclass
from hmac import compare_digest
from pathlib import Path
from typing import Any

from flask import Response, request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from infra.local.cognito.codes import OneTimeTokens
from infra.local.cognito.store import Clock
from infra.local.cognito.users import Account, Accounts
from infra.local.endpoint.awsjson import ServiceError

TEMPLATES = Path(__file__).parent / "templates"


class Pages:
    """All templates, loaded once."""

    def __init__(self) -> None:
        # Not the host application's environment: template names there belong to others.
        loader = FileSystemLoader(TEMPLATES)
        self._templates = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
        self._style = (TEMPLATES / "style.css").read_text(encoding="utf-8")
        digest = base64.b64encode(hashlib.sha256(self._style.encode()).digest()).decode()
        self._style_source = f"'sha256-{digest}'"

    def draw(self, name: str, status: int = 200, *, form_target: str = "", **values: Any) -> Response:
        """The page as a response; `form_target` is the origin that a form's answer may redirect to."""
        template = self._templates.get_template(f"{name}.html")
        # The template inserts the sheet as it is: its hash is in the policy, and nothing of a request is in it.
        text = template.render(style=Markup(self._style), **values)  # noqa: S704
        response = Response(text, status, mimetype="text/html")
        response.headers.update(self._headers(form_target))
        return response

    def _headers(self, form_target: str) -> dict[str, str]:
        policy = (
            f"default-src 'none'; style-src {self._style_source}; img-src data:; "
            f"form-action 'self' {form_target}".rstrip()
            + "; frame-ancestors 'none'; base-uri 'none'"
        )
        return {
            "Content-Security-Policy": policy,
            "Cache-Control": "no-store",
            "X-Frame-Options": "DENY",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
        }


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

    def signed_in(self) -> tuple[Account, int] | None:
        """The user whom this browser's session belongs to and when they signed in, or None."""
        content = self._read(SESSION)
        if content is None:
            return None
        account = self.accounts.find(content["username"])
        return (account, content["auth_time"]) if account and account.enabled else None

    def sign_in(self, response: Response, account: Account, auth_time: int) -> None:
        """Start the one-hour session and forget the step that led here."""
        content = {"username": account.username, "auth_time": auth_time}
        self._write(response, SESSION, content, SESSION_SECONDS)
        self.end_step(response)

    def sign_out(self, response: Response) -> None:
        """End the session, here and in the store."""
        self.one_time_tokens.take(SESSION, request.cookies.get(SESSION, ""))
        response.delete_cookie(SESSION)

    def step(self, kind: str) -> dict[str, Any]:
        """What an earlier page left for this one: `{}` unless this browser is at that step."""
        content = self._read(STEP) or {}
        return content if content.get("kind") == kind else {}

    def begin_step(self, response: Response, kind: str, **content: Any) -> None:
        """Leave something for the next page."""
        self._write(response, STEP, {"kind": kind, **content}, STEP_SECONDS)

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


WRONG_PASSWORD = "The email or the password is not right."  # noqa: S105  (a sentence)
LOCKED = "There were too many attempts. Wait a moment, then try again."
FORM_EXPIRED = "This page was open for too long. Please try once more."
CONFIRMED_ALREADY = "This account is already confirmed. Sign in instead."
REFUSED_BY_FUNCTION = " failed with error "

BY_MESSAGE = {
    "Password attempts exceeded": LOCKED,
    "User is disabled.": "This account is switched off. Ask whoever runs Pushboard for you.",
    "User cannot be confirmed. Current status is CONFIRMED": CONFIRMED_ALREADY,
    "User is already confirmed.": CONFIRMED_ALREADY,
    "SignUp is not permitted for this user pool": "New accounts are made by whoever runs Pushboard for you.",
    "Temporary password has expired and must be reset by an administrator.": (
        "The temporary password has expired. Ask for a new one."
    ),
}
BY_CODE = {
    "NotAuthorizedException": WRONG_PASSWORD,
    "UsernameExistsException": "There is already an account with this email. Sign in instead.",
    "InvalidParameterException": "Please enter a valid email address.",
    "CodeMismatchException": "That code is not right. Check it and try again.",
    "ExpiredCodeException": "That code is no longer valid. Ask for a new one.",
    "TooManyFailedAttemptsException": "That code was wrong too often. Ask for a new one.",
    "LimitExceededException": "Too many codes were sent. Try again in an hour.",
}


def sentence(error: ServiceError, policy: str) -> str:
    """The sentence for an exception: for a refused password the pool's policy, for a refusing function its own."""
    if error.code == "InvalidPasswordException":
        return f"Please choose a stronger password. {policy}"
    if error.code == "UserLambdaValidationException":
        return error.message.partition(REFUSED_BY_FUNCTION)[2]
    return BY_MESSAGE.get(error.message) or BY_CODE.get(error.code, "That did not work. Please try again.")
