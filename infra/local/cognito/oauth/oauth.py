"""What an application asks after the browser came back: tokens for a code, fresh tokens, the profile, revocation.

Framework-free; `endpoints` puts it on HTTP. Source: the Cognito guide's pages on the token, userInfo and revoke
endpoints.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from infra.local.cognito.config import ClientConfig
from infra.local.cognito.errors import OAuthError
from infra.local.cognito.oauth.authorize import CODE
from infra.local.cognito.pools import Pools
from infra.local.cognito.sign_in.auth import Auth
from infra.local.cognito.sign_in.one_time_tokens import OneTimeTokens
from infra.local.cognito.sign_in.tokens import as_text, visible_attributes
from infra.local.cognito.users.users import Users
from infra.local.endpoint.awsjson import ServiceError

VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")

Form = Mapping[str, str]


@dataclass(frozen=True)
class OAuth:
    """The token, userInfo and revoke endpoints."""

    pools: Pools
    one_time_tokens: OneTimeTokens
    auth: Auth
    users: Users

    def token(self, form: Form) -> dict[str, Any]:
        """The token endpoint: grants `authorization_code` and `refresh_token`; raises OAuthError."""
        if "grant_type" not in form:
            raise OAuthError("invalid_request", "grant_type is missing.")
        client = self._client(form)
        grants = {"authorization_code": self._exchange, "refresh_token": self._refresh}
        if form["grant_type"] not in grants:
            raise OAuthError("unsupported_grant_type", "Only authorization_code and refresh_token are supported.")
        return _rfc6749(grants[form["grant_type"]](client, form))

    def user_info(self, access_token: str) -> dict[str, str]:
        """The user's attributes that the token's scopes open, all as text; raises OAuthError invalid_token (401)."""
        try:
            account, claims = self.users.by_access_token(access_token, "openid")
        except ServiceError as error:
            raise OAuthError("invalid_token", error.message, status=401) from error
        _, client = self.pools.client(claims["client_id"])
        shown = as_text(visible_attributes(account, claims["scope"].split(), client))
        return {"sub": account.username, **shown, "username": account.username}

    def revoke(self, form: Form) -> None:
        """The revoke endpoint: ends a refresh token's session; unknown tokens are ignored (RFC 7009)."""
        if not form.get("token"):
            raise OAuthError("invalid_request", "token is missing.")
        client = self._client(form)
        try:
            self.auth.revoke({"Token": form["token"], "ClientId": client.client_id})
        except ServiceError as error:
            code = {"UnsupportedTokenTypeException": "unsupported_token_type"}.get(error.code, "invalid_request")
            raise OAuthError(code, error.message) from error

    def _client(self, form: Form) -> ClientConfig:
        try:
            return self.pools.client(form.get("client_id", ""))[1]
        except ServiceError as error:
            raise OAuthError("invalid_client", "The client is not known.") from error

    def _exchange(self, client: ClientConfig, form: Form) -> dict[str, Any]:
        if not form.get("code") or not form.get("redirect_uri"):
            raise OAuthError("invalid_request", "code and redirect_uri are needed.")
        granted = self.one_time_tokens.take(CODE, form["code"])
        if granted is None:
            raise OAuthError("invalid_grant", "The code is unknown, used or expired.")
        if granted["client_id"] != client.client_id or granted["redirect_uri"] != form["redirect_uri"]:
            raise OAuthError("invalid_grant", "The code was issued for another client or address.")
        _check_verifier(granted["code_challenge"], form.get("code_verifier"))
        account = self.auth.accounts.find(granted["pool_id"], granted["username"])
        if account is None or not account.enabled:
            raise OAuthError("invalid_grant", "The user is gone or disabled.")
        return self.auth.sign_in(account, client, tuple(granted["scopes"]), granted["auth_time"], granted["nonce"])

    def _refresh(self, client: ClientConfig, form: Form) -> dict[str, Any]:
        if not form.get("refresh_token"):
            raise OAuthError("invalid_request", "refresh_token is missing.")
        try:
            return self.auth.refreshed(client, form["refresh_token"])
        except ServiceError as error:
            raise OAuthError("invalid_grant", error.message) from error


def challenge_of(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _check_verifier(challenge: str | None, verifier: str | None) -> None:
    """A code asked for with PKCE needs its verifier; one asked for without must not come with any (RFC 9700)."""
    if challenge is None and verifier is None:
        return
    if challenge is None or verifier is None or not VERIFIER.fullmatch(verifier):
        raise OAuthError("invalid_grant", "The code verifier does not fit the code.")
    if not compare_digest(challenge_of(verifier), challenge):
        raise OAuthError("invalid_grant", "The code verifier does not fit the code.")


def _rfc6749(result: Mapping[str, Any]) -> dict[str, Any]:
    """Cognito's `AuthenticationResult` under the names of RFC 6749."""
    names = {
        "IdToken": "id_token",
        "AccessToken": "access_token",
        "RefreshToken": "refresh_token",
        "ExpiresIn": "expires_in",
        "TokenType": "token_type",
    }
    return {new: result[old] for old, new in names.items() if old in result}
