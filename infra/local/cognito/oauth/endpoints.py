"""The OAuth endpoints for programs, on Flask: token, userInfo, revoke, keys and discovery. Mounted by `hosted`."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request
from werkzeug.datastructures import MultiDict

from infra.local.cognito.errors import OAuthError, PageError
from infra.local.cognito.service import Cognito
from infra.local.endpoint.awsjson import ServiceError

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Endpoints:
    """The views for programs; answers are JSON, errors as RFC 6749 writes them."""

    cognito: Cognito

    def register(self, blueprint: Blueprint) -> None:
        """Give the views their paths."""
        blueprint.add_url_rule("/oauth2/token", view_func=self.token, methods=["POST"])
        blueprint.add_url_rule("/oauth2/revoke", view_func=self.revoke, methods=["POST"])
        blueprint.add_url_rule("/oauth2/userInfo", view_func=self.user_info, methods=["GET", "POST"])
        blueprint.add_url_rule("/<pool_id>/.well-known/jwks.json", view_func=self.jwks)
        blueprint.add_url_rule("/<pool_id>/.well-known/openid-configuration", view_func=self.discovery)
        blueprint.register_error_handler(OAuthError, self.refuse)

    def token(self) -> Response:
        """Tokens for a code or a refresh token."""
        return _open(jsonify(self.cognito.oauth.token(_form())))

    def revoke(self) -> Response:
        """An empty 200, also for a token nobody knows."""
        self.cognito.oauth.revoke(_form())
        return _open(Response(status=200))

    def user_info(self) -> Response:
        """The attributes behind an access token."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise OAuthError("invalid_token", "A Bearer access token is needed.", status=401)
        return _open(jsonify(self.cognito.oauth.user_info(token.strip())))

    def jwks(self, pool_id: str) -> Response:
        """The public keys of a pool."""
        return self._of_pool(pool_id, self.cognito.keys.jwks)

    def discovery(self, pool_id: str) -> Response:
        """What a client library needs to know about a pool."""
        return self._of_pool(pool_id, self._configuration)

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

    def _of_pool(self, pool_id: str, read: Callable[[str], dict[str, Any]]) -> Response:
        try:
            self.cognito.pools.pool(pool_id)
        except ServiceError as error:
            return Response(error.message, 404, mimetype="text/plain")
        response = jsonify(read(pool_id))
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    def _configuration(self, pool_id: str) -> dict[str, Any]:
        base = self.cognito.endpoint_url
        issuer = self.cognito.tokens.issuer(pool_id)
        scopes = {scope for client in self.cognito.pools.pool(pool_id).clients for scope in client.scopes}
        return {
            "issuer": issuer,
            "jwks_uri": f"{issuer}/.well-known/jwks.json",
            "authorization_endpoint": f"{base}/oauth2/authorize",
            "token_endpoint": f"{base}/oauth2/token",
            "userinfo_endpoint": f"{base}/oauth2/userInfo",
            "revocation_endpoint": f"{base}/oauth2/revoke",
            "end_session_endpoint": f"{base}/logout",
            "response_types_supported": ["code"],
            "grant_types_supported": ["authorization_code", "refresh_token"],
            "scopes_supported": sorted(scopes),
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["none"],
        }


def single(values: MultiDict[str, str]) -> dict[str, str]:
    """The parameters, each given once (RFC 6749 section 3.1); raises PageError."""
    if any(len(given) > 1 for _, given in values.lists()):
        raise PageError("A part of the address was given twice.")
    return values.to_dict()


def see_other(address: str) -> Response:
    """Go on there with GET, whatever the method was."""
    return Response(status=303, headers={"Location": address, "Cache-Control": "no-store"})


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


def _open(response: Response) -> Response:
    """Readable by pages of any origin, as on AWS, and kept by nobody."""
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cache-Control"] = "no-store"
    return response
