"""The `$connect` authorizer: no valid Cognito ID token, no socket.

API Gateway calls it once per connection, with the Authorization header; it verifies the token's signature against the
pool's JWKS, its issuer, audience, expiry and use. What it puts into the context goes next to `on_connect`.
Source: Amazon Cognito, "Verifying JSON web tokens"; API Gateway, "Lambda authorizer output".
"""

import os
from collections.abc import Mapping
from typing import Any

import jwt
from msgspec import Struct

from backend_lambdas import log_events
from backend_lambdas.access.principal import to_context
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.settings import Authorize


class Unauthorized(Exception):
    """API Gateway answers 401 when an authorizer fails with exactly this word."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class TokenVerifier(Struct, frozen=True):
    """Verifies the ID tokens of one pool for one client."""

    issuer: str
    audience: str
    keys: jwt.PyJWKClient

    def claims(self, token: str) -> dict[str, Any]:
        """The token's claims; raises `jwt.PyJWTError` for anything but a valid, current ID token."""
        key = self.keys.get_signing_key_from_jwt(token)
        claims = jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            audience=self.audience,
            issuer=self.issuer,
            options={"require": ["exp", "iat", "iss", "aud", "sub"]},
        )
        if claims.get("token_use") != "id":
            raise jwt.InvalidTokenError("This is not an ID token.")
        return claims


@at_start
def build() -> TokenVerifier:
    """The verifier of this function's environment, kept while the function is warm; its keys are cached with it."""
    settings = Authorize.from_environ(os.environ)
    issuer = f"{clients.client('cognito-idp').meta.endpoint_url}/{settings.user_pool_id}"
    return TokenVerifier(
        issuer, settings.user_pool_client_id, jwt.PyJWKClient(f"{issuer}/.well-known/jwks.json", timeout=5)
    )


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Allows the connection for a valid token; otherwise raises `Unauthorized`, which becomes a 401 handshake."""
    try:
        claims = build().claims(bearer_token(event.get("headers") or {}))
    except jwt.PyJWKClientConnectionError:
        raise  # the pool's keys could not be read: our fault, a 500, not the caller's
    except jwt.PyJWTError as error:
        log_events.socket_refused(f"{type(error).__name__}: {error}")
        raise Unauthorized from None
    return allow(claims, event["methodArn"])


def bearer_token(headers: Mapping[str, str]) -> str:
    """The token of the Authorization header, with or without `Bearer`; empty when there is none."""
    values = {name.lower(): value for name, value in headers.items()}
    return values.get("authorization", "").removeprefix("Bearer ").strip()


def allow(claims: Mapping[str, Any], resource: str) -> dict[str, Any]:
    """The authorizer's answer; context values may only be text, number or boolean."""
    statement = {"Action": "execute-api:Invoke", "Effect": "Allow", "Resource": resource}
    return {
        "principalId": claims["sub"],
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": {"claims": to_context(claims)},
    }
