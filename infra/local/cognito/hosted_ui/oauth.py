"""The OAuth endpoints for programs, on Flask: token, userInfo, revoke, keys and discovery. Mounted by `pages`.

Source: the Cognito guide's pages on the token, userInfo and revoke endpoints.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from infra.local.cognito.errors import OAuthError, PageError
from infra.local.cognito.hosted_ui.authorize import CODE
from infra.local.cognito.pool import ClientConfig
from infra.local.cognito.service import Cognito
from infra.local.cognito.tokens import as_text, visible_attributes
from infra.local.endpoint.awsjson import ServiceError

FORM = "application/x-www-form-urlencoded"
VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")
# What Cognito's `AuthenticationResult` is called by RFC 6749.
RESULT = {
    "IdToken": "id_token",
    "AccessToken": "access_token",
    "RefreshToken": "refresh_token",
    "ExpiresIn": "expires_in",
    "TokenType": "token_type",
}


@dataclass(frozen=True)
class Endpoints:
    """The views for programs; answers are JSON, errors as RFC 6749 writes them."""

    cognito: Cognito

    def register(self, blueprint: Blueprint) -> None:
        """Give the views their paths."""
        well_known = f"/{self.cognito.pool.pool_id}/.well-known"
        blueprint.add_url_rule("/oauth2/token", view_func=self.token, methods=["POST"])
        blueprint.add_url_rule("/oauth2/revoke", view_func=self.revoke, methods=["POST"])
        blueprint.add_url_rule("/oauth2/userInfo", view_func=self.user_info, methods=["GET", "POST"])
        blueprint.add_url_rule(f"{well_known}/jwks.json", view_func=self.jwks)
        blueprint.add_url_rule(f"{well_known}/openid-configuration", view_func=self.discovery)
        blueprint.register_error_handler(OAuthError, self.refuse)

    def token(self) -> Response:
        """Tokens for a code (grant `authorization_code`) or a refresh token (grant `refresh_token`)."""
        form = _form()
        if "grant_type" not in form:
            raise OAuthError("invalid_request", "grant_type is missing.")
        client = self._client(form)
        grants = {"authorization_code": self._exchange, "refresh_token": self._refresh}
        if form["grant_type"] not in grants:
            raise OAuthError("unsupported_grant_type", "Only authorization_code and refresh_token are supported.")
        result = grants[form["grant_type"]](client, form)
        return _open(jsonify({RESULT[name]: value for name, value in result.items()}))

    def revoke(self) -> Response:
        """Ends a refresh token's session; an empty 200 also for a token nobody knows (RFC 7009)."""
        form = _form()
        if not form.get("token"):
            raise OAuthError("invalid_request", "token is missing.")
        client = self._client(form)
        try:
            self.cognito.auth.revoke({"Token": form["token"], "ClientId": client.client_id})
        except ServiceError as error:
            code = {"UnsupportedTokenTypeException": "unsupported_token_type"}.get(error.code, "invalid_request")
            raise OAuthError(code, error.message) from error
        return _open(Response(status=200))

    def user_info(self) -> Response:
        """The user's attributes that the access token's scopes open, all as text."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise OAuthError("invalid_token", "A Bearer access token is needed.", status=401)
        try:
            account, claims = self.cognito.auth.by_access_token(token.strip(), "openid")
        except ServiceError as error:
            raise OAuthError("invalid_token", error.message, status=401) from error
        client = self.cognito.pool.client(claims["client_id"])
        shown = as_text(visible_attributes(account, claims["scope"].split(), client))
        return _open(jsonify({"sub": account.username, **shown, "username": account.username}))

    def jwks(self) -> Response:
        """The public keys."""
        return _public(self.cognito.tokens.jwks())

    def discovery(self) -> Response:
        """What a client library needs to know."""
        base, issuer = self.cognito.endpoint_url, self.cognito.tokens.issuer
        configuration = {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "authorization_endpoint": f"{base}/oauth2/authorize",
            "token_endpoint": f"{base}/oauth2/token",
            "userinfo_endpoint": f"{base}/oauth2/userInfo",
            "revocation_endpoint": f"{base}/oauth2/revoke",
            "end_session_endpoint": f"{base}/logout",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "scopes_supported": sorted({scope for client in self.cognito.pool.clients for scope in client.scopes}),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
        }
        return _public(configuration)

    def refuse(self, error: OAuthError) -> Response:
        """To the application by redirect when it asked through the browser, else as JSON."""
        if error.redirect:
            return see_other(error.redirect)
        response = jsonify({"error": error.code, "error_description": error.description})
        response.status_code = error.status
        if error.status == 401:
            challenge = f'Bearer error="{error.code}", error_description="{error.description}"'
            response.headers["WWW-Authenticate"] = challenge
        return _open(response)

    def _client(self, form: Mapping[str, str]) -> ClientConfig:
        try:
            return self.cognito.pool.client(form.get("client_id", ""))
        except ServiceError as error:
            raise OAuthError("invalid_client", "The client is not known.") from error

    def _exchange(self, client: ClientConfig, form: Mapping[str, str]) -> dict[str, Any]:
        if not form.get("code") or not form.get("redirect_uri"):
            raise OAuthError("invalid_request", "code and redirect_uri are needed.")
        granted = self.cognito.one_time_tokens.take(CODE, form["code"])
        if granted is None:
            raise OAuthError("invalid_grant", "The code is unknown, used or expired.")
        if granted["client_id"] != client.client_id or granted["redirect_uri"] != form["redirect_uri"]:
            raise OAuthError("invalid_grant", "The code was issued for another client or address.")
        if not _fits(granted["code_challenge"], form.get("code_verifier")):
            raise OAuthError("invalid_grant", "The code verifier does not fit the code.")
        account = self.cognito.accounts.find(granted["username"])
        if account is None or not account.enabled:
            raise OAuthError("invalid_grant", "The user is gone or disabled.")
        scopes, auth_time = tuple(granted["scopes"]), granted["auth_time"]
        return self.cognito.auth.sign_in(account, client, scopes, auth_time, granted["nonce"])

    def _refresh(self, client: ClientConfig, form: Mapping[str, str]) -> dict[str, Any]:
        if not form.get("refresh_token"):
            raise OAuthError("invalid_request", "refresh_token is missing.")
        try:
            return self.cognito.auth.refreshed(client, form["refresh_token"])
        except ServiceError as error:
            raise OAuthError("invalid_grant", error.message) from error


def challenge_of(verifier: str) -> str:
    """The S256 code challenge of a verifier (RFC 7636 section 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def single(values: MultiDict[str, str]) -> dict[str, str]:
    """The parameters, each given once (RFC 6749 section 3.1); raises PageError."""
    if any(len(given) > 1 for _, given in values.lists()):
        raise PageError("A part of the address was given twice.")
    return values.to_dict()


def see_other(address: str) -> Response:
    """Go on there with GET, whatever the method was."""
    return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


def _fits(challenge: str | None, verifier: str | None) -> bool:
    """A code asked for with PKCE needs its verifier; one asked for without must not come with any (RFC 9700)."""
    if challenge is None or verifier is None:
        return challenge is verifier
    return bool(VERIFIER.fullmatch(verifier)) and compare_digest(challenge_of(verifier), challenge)


def _form() -> dict[str, str]:
    """The posted form of a public client; raises OAuthError."""
    if request.mimetype != FORM:
        raise OAuthError("invalid_request", f"The body must be {FORM}.")
    if request.authorization is not None:
        raise OAuthError("invalid_client", "This client is public and has no secret to show.")
    try:
        return single(request.form)
    except PageError as error:
        raise OAuthError("invalid_request", "A parameter was given twice.") from error


def _public(content: dict[str, Any]) -> Response:
    response = jsonify(content)
    response.headers["Access-Control-Allow-Origin"] = "*"
    return response


def _open(response: Response) -> Response:
    """Readable by pages of any origin, as on AWS, and kept by nobody."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    return response
