"""The user pool, as an OpenID provider: sign-in by code with PKCE, renewal, revocation; used by `routes`.

Source of the endpoints and claims: Amazon Cognito's federation endpoints and ID token pages.
"""

import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self
from urllib.parse import urlencode

import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration, OAuth, OAuthError
from flask import Flask, Response, redirect, request
from joserfc.errors import JoseError

from dashboard.auth.pending_sign_ins import PendingSignIns
from dashboard.errors import SessionEnded, SignInFailed, SignInUnavailable
from dashboard.settings import Settings

log = logging.getLogger(__name__)

TIMEOUT = 10.0  # seconds for any one call to the user pool
CLOCK_SKEW = 30  # seconds two clocks may differ


@dataclass(frozen=True)
class User:
    """Who is signed in. `sub` is the user pool's stable id; `groups` are departments, or `admins`."""

    sub: str
    email: str
    groups: tuple[str, ...]
    name: str

    @property
    def is_admin(self) -> bool:
        """Whether the pages of administrators are worth showing; what they show, the backend decides."""
        return "admins" in self.groups

    @property
    def is_author(self) -> bool:
        """Whether the pages of authors are worth showing; as above."""
        return bool({"admins", "authors"} & set(self.groups))


@dataclass(frozen=True)
class Login:
    """One signed-in browser: the user, the tokens, and when the ID token ends (epoch seconds)."""

    user: User
    id_token: str = field(repr=False)
    refresh_token: str = field(repr=False)
    expires_at: int

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> Self:
        """The log-in that made `record`; raises ValueError for a record with other fields, as another version has."""
        try:
            user = User(**{**record["user"], "groups": tuple(record["user"]["groups"])})
            login = cls(**{**record, "user": user})
        except (TypeError, KeyError) as error:
            raise ValueError("other fields") from error
        texts = (user.sub, user.email, user.name, *user.groups, login.id_token, login.refresh_token)
        if not all(isinstance(text, str) for text in texts) or not isinstance(login.expires_at, int):
            raise ValueError("other types")
        return login

    def record(self) -> dict[str, Any]:
        """The log-in as plain values, for a store."""
        return asdict(self)


class UserPool:
    """The provider named by `settings`, whose tokens `issuer` signs."""

    def __init__(self, app: Flask, settings: Settings, issuer: str) -> None:
        self._settings = settings
        self._issuer = issuer
        self._pending = PendingSignIns(settings.secret_key, settings.secure)
        self._client: Any = _oauth(app, self._pending).register(
            "cognito",
            client_id=settings.user_pool_client_id,
            server_metadata_url=f"{issuer}/.well-known/openid-configuration",
            client_kwargs={
                "scope": "openid email profile",
                "code_challenge_method": "S256",
                "token_endpoint_auth_method": "none",
                "default_timeout": TIMEOUT,
            },
        )

    def authorize(self, next_path: str) -> Response:
        """Send the browser to the sign-in page; where it wanted to go is remembered beside state and nonce."""
        redirect_uri = f"{self._settings.public_url}/auth/callback"
        try:
            authorization = self._client.create_authorization_url(redirect_uri)
        except (requests.RequestException, RuntimeError) as error:
            log.warning("the user pool's metadata cannot be read: %s", error)
            raise SignInUnavailable from error
        self._client.save_authorize_data(redirect_uri=redirect_uri, next=next_path, **authorization)
        return redirect(authorization["url"])  # type: ignore[return-value]

    def wanted_path(self) -> str | None:
        """Where the returning browser wanted to go; None when this browser did not begin this sign-in."""
        return (self._pending.get(request.args.get("state")) or {}).get("next")

    def finish(self) -> Login:
        """The log-in, from the browser's return; raises `SignInFailed` where none was begun by this browser."""
        try:
            tokens = self._client.authorize_access_token(claims_options=self._claims(), leeway=CLOCK_SKEW)
            return _login(tokens, tokens["userinfo"])
        except requests.RequestException as error:
            log.warning("the user pool did not answer: %s", error)
            raise SignInUnavailable from error
        except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
            log.warning("sign-in refused: %s", type(error).__name__)
            raise SignInFailed from error

    def renew(self, login: Login) -> Login:
        """The same log-in with new tokens; `SessionEnded` when the refresh token is over."""
        try:
            tokens = self._client.fetch_access_token(grant_type="refresh_token", refresh_token=login.refresh_token)
            claims = self._client.parse_id_token(tokens, None, claims_options=self._claims(), leeway=CLOCK_SKEW)
            return _login({"refresh_token": login.refresh_token, **tokens}, claims)
        except requests.RequestException as error:
            log.warning("the user pool did not answer: %s", error)
            raise SignInUnavailable from error
        except OAuthError as error:
            log.info("renewal refused: %s", error.error)
            raise SessionEnded from error
        except (AuthlibBaseError, JoseError, KeyError, TypeError, ValueError) as error:
            log.warning("renewal gave an unusable token: %s", type(error).__name__)
            raise SessionEnded from error

    def revoke(self, login: Login) -> None:
        """End the refresh token and what came of it; a user pool that does not answer must not keep the user in."""
        form = {"token": login.refresh_token, "client_id": self._settings.user_pool_client_id}
        try:
            answer = requests.post(f"{self._settings.cognito_domain}/oauth2/revoke", data=form, timeout=TIMEOUT)
            answer.raise_for_status()
        except requests.RequestException as error:
            log.warning("a refresh token could not be revoked: %s", type(error).__name__)

    def logout_url(self) -> str:
        """Where the browser ends the user pool's own session, to come back to our signed-out page."""
        leave = {
            "client_id": self._settings.user_pool_client_id,
            "logout_uri": f"{self._settings.public_url}/signed-out",
        }
        return f"{self._settings.cognito_domain}/logout?{urlencode(leave)}"

    def _claims(self) -> dict[str, dict[str, Any]]:
        return {
            "iss": {"essential": True, "value": self._issuer},
            "aud": {"essential": True, "value": self._settings.user_pool_client_id},
            "token_use": {"essential": True, "value": "id"},
        }


def _oauth(app: Flask, pending: PendingSignIns) -> OAuth:
    """Authlib, with the state of a sign-in in a cookie of its own instead of the session."""

    class Integration(FlaskIntegration):
        def get_state_data(self, session: Any, state: Any) -> dict[str, Any] | None:  # noqa: ARG002
            return pending.get(state)

        def set_state_data(self, session: Any, state: Any, data: Any) -> None:  # noqa: ARG002
            pending.add(state, data)

        def clear_state_data(self, session: Any, state: Any) -> None:  # noqa: ARG002
            pending.remove(state)

    class Client(OAuth):
        framework_integration_cls = Integration

    return Client(app)


def _login(tokens: Mapping[str, Any], claims: Mapping[str, Any]) -> Login:
    email = claims.get("email", "")
    user = User(
        sub=claims["sub"],
        email=email,
        groups=tuple(claims.get("cognito:groups", ())),
        name=claims.get("name") or email,
    )
    return Login(user, tokens["id_token"], tokens["refresh_token"], int(claims["exp"]))
