"""The request an application sends a browser to `/oauth2/authorize` with, and the redirects that answer it.

Free of Flask; `pages` reads every page's query string through `Authorize.read`, so the request survives all pages.
Source: RFC 6749 section 4.1, RFC 7636, OpenID Connect Core 3.1.2, and the Cognito guide's "Authorize endpoint".
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit, urlunsplit

from infra.local.cognito.codes import OneTimeTokens
from infra.local.cognito.errors import OAuthError, PageError
from infra.local.cognito.pool import ClientConfig, PoolConfig
from infra.local.cognito.users import Account
from infra.local.endpoint.awsjson import ServiceError

CODE = "authorization-code"
CODE_SECONDS = 300
CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")

Query = Mapping[str, str]


@dataclass(frozen=True)
class Wanted:
    """A checked authorization request: it may be answered at its `redirect_uri`."""

    client: ClientConfig
    redirect_uri: str
    scopes: tuple[str, ...]
    state: str | None = None
    nonce: str | None = None
    code_challenge: str | None = None

    @property
    def origin(self) -> str:
        """Where the answer goes, without path: what a page's Content-Security-Policy must let a form reach."""
        parts = urlsplit(self.redirect_uri)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True)
class Authorize:
    """Reads authorization requests and answers them with codes."""

    pool: PoolConfig
    one_time_tokens: OneTimeTokens

    def read(self, query: Query) -> Wanted:
        """The checked request. Raises PageError before the redirect address can be trusted, and OAuthError after."""
        client = self.client(query)
        redirect_uri = query.get("redirect_uri", "")
        if redirect_uri not in client.callback_urls:
            raise PageError("The address to return to is not registered for this application.")
        try:
            return _wanted(client, query)
        except OAuthError as error:
            target = self.refusal(redirect_uri, query.get("state"), error)
            raise OAuthError(error.code, error.description, redirect=target) from error

    def client(self, query: Query) -> ClientConfig:
        """The client the query names, or PageError."""
        try:
            return self.pool.client(query.get("client_id", ""))
        except ServiceError as error:
            raise PageError("The application that sent you here is not known.") from error

    def grant(self, wanted: Wanted, account: Account, auth_time: int) -> str:
        """The address to send the browser to, with a code that works once within five minutes."""
        content = {
            "client_id": wanted.client.client_id,
            "redirect_uri": wanted.redirect_uri,
            "username": account.username,
            "scopes": list(wanted.scopes),
            "nonce": wanted.nonce,
            "code_challenge": wanted.code_challenge,
            "auth_time": auth_time,
        }
        code = self.one_time_tokens.issue(CODE, content, CODE_SECONDS)
        return with_query(wanted.redirect_uri, {"code": code, "state": wanted.state})

    @staticmethod
    def refusal(redirect_uri: str, state: str | None, error: OAuthError) -> str:
        """The address that tells the application what went wrong."""
        told = {"error": error.code, "error_description": error.description, "state": state}
        return with_query(redirect_uri, told)

    def after_logout(self, query: Query) -> str:
        """Where `/logout` goes: a registered `logout_uri`. Raises PageError for another, and for none."""
        if query.get("logout_uri") not in self.client(query).logout_urls:
            raise PageError("The address to go to after signing out is not registered for this application.")
        return with_query(query["logout_uri"], {"state": query.get("state")})


def with_query(url: str, values: Mapping[str, str | None]) -> str:
    """The address with more query parameters; those without a value are left out."""
    parts = urlsplit(url)
    added = urlencode({name: value for name, value in values.items() if value})
    return urlunsplit(parts._replace(query="&".join(filter(None, [parts.query, added]))))


def _wanted(client: ClientConfig, query: Query) -> Wanted:
    if query.get("response_type") == "token":
        raise OAuthError("unauthorized_client", "Only response_type=code is allowed.")
    if query.get("response_type") != "code":
        raise OAuthError("invalid_request", "response_type must be code.")
    if "prompt" in query:
        raise OAuthError("invalid_request", "The laptop does not imitate prompt.")
    return Wanted(
        client=client,
        redirect_uri=query["redirect_uri"],
        scopes=_scopes(client, query.get("scope", "")),
        state=query.get("state"),
        nonce=query.get("nonce"),
        code_challenge=_code_challenge(query),
    )


def _scopes(client: ClientConfig, asked: str) -> tuple[str, ...]:
    """The scopes asked for, all of the client's when none are; `offline_access` means nothing to Cognito."""
    names = [name for name in dict.fromkeys(asked.split()) if name != "offline_access"]
    if not names:
        return client.scopes
    if set(names) - set(client.scopes):
        raise OAuthError("invalid_scope", "A scope is not allowed for this application.")
    return tuple(names)


def _code_challenge(query: Query) -> str | None:
    challenge, method = query.get("code_challenge"), query.get("code_challenge_method")
    if challenge is None and method is None:
        return None
    if method != "S256":
        raise OAuthError("invalid_request", "code_challenge_method must be S256.")
    if challenge is None or not CHALLENGE.fullmatch(challenge):
        raise OAuthError("invalid_request", "code_challenge is not a SHA-256 digest in base64url.")
    return challenge
