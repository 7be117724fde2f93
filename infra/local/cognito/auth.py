"""Signing in: passwords, challenges, refreshes, the tokens that come of them, and what people do by access token.

Used by `service` (InitiateAuth and its kin) and by the hosted pages, which ask `identify` and then hand out a code.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from infra.local.cognito import passwords
from infra.local.cognito.errors import TokenExpired, TokenInvalid, invalid_parameter, not_authorized
from infra.local.cognito.passwords import LoginThrottle
from infra.local.cognito.pool import SDK_SCOPE, ClientConfig, PoolConfig
from infra.local.cognito.sessions import Session, Sessions
from infra.local.cognito.store import Clock
from infra.local.cognito.tokens import Claims, Tokens
from infra.local.cognito.users import (
    CONFIRMED,
    FORCE_CHANGE_PASSWORD,
    UNCONFIRMED,
    Account,
    Accounts,
    Groups,
    render_attributes,
)
from infra.local.endpoint.awsjson import ServiceError

Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Auth:
    """Checks who somebody is and gives them tokens."""

    pool: PoolConfig
    accounts: Accounts
    groups: Groups
    login_throttle: LoginThrottle
    sessions: Sessions
    tokens: Tokens
    clock: Clock

    def initiate(self, request: Request) -> Answer:
        """InitiateAuth: USER_PASSWORD_AUTH, REFRESH_TOKEN_AUTH (also REFRESH_TOKEN)."""
        client = self.pool.client(request["ClientId"])
        flow, parameters = request["AuthFlow"], request.get("AuthParameters", {})
        if flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
            _require_flow(client, "REFRESH_TOKEN_AUTH")
            result = self.refreshed(client, _required(parameters, "REFRESH_TOKEN"))
            return {"ChallengeParameters": {}, "AuthenticationResult": result}
        if flow != "USER_PASSWORD_AUTH":
            raise invalid_parameter(f"The laptop imitates USER_PASSWORD_AUTH and REFRESH_TOKEN_AUTH, not {flow}.")
        _require_flow(client, flow)
        account = self.identify(_required(parameters, "USERNAME"), _required(parameters, "PASSWORD"))
        return self._admit(account, client)

    def refresh(self, request: Request) -> Answer:
        """GetTokensFromRefreshToken; a new refresh token comes along when the client rotates them."""
        client = self.pool.client(request["ClientId"])
        return {"AuthenticationResult": self.refreshed(client, request["RefreshToken"])}

    def revoke(self, request: Request) -> Answer:
        """RevokeToken: the refresh token and every token that came of the same sign-in."""
        if request["Token"].count(".") == 2:
            raise ServiceError("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
        self.sessions.revoke_token(request["Token"], request["ClientId"])
        return {}

    def get_user(self, request: Request) -> Answer:
        """GetUser, by access token: what its application reads."""
        account, claims = self.by_access_token(request["AccessToken"], SDK_SCOPE)
        client = self.pool.client(claims["client_id"])
        shown = [one for one in render_attributes(account) if one["Name"] == "sub" or client.reads(one["Name"])]
        return {"Username": account.username, "UserAttributes": shown}

    def sign_out_everywhere(self, request: Request) -> Answer:
        """GlobalSignOut: every session of the user ends; the browser's Cognito cookie is another matter."""
        account, _ = self.by_access_token(request["AccessToken"], SDK_SCOPE)
        self.sessions.revoke_all(account)
        return {}

    def by_access_token(self, token: str, scope: str) -> tuple[Account, Claims]:
        """The user an access token speaks for, and its claims; raises NotAuthorizedException."""
        try:
            claims = self.tokens.read_access(token)
        except TokenExpired as error:
            raise not_authorized("Access Token has expired") from error
        except TokenInvalid as error:
            raise not_authorized("Invalid Access Token") from error
        if not self.sessions.is_live(claims["origin_jti"]):
            raise not_authorized("Access Token has been revoked")
        if scope not in claims["scope"].split():
            raise not_authorized("Access Token does not have required scopes")
        return self.accounts.get(claims["sub"]), claims

    def identify(self, name: str, password: str) -> Account:
        """The user with that email and password, whatever their status; raises NotAuthorizedException."""
        self.login_throttle.begin(name)
        account = self.accounts.find(name)
        right = passwords.matches(account.password_hash if account else None, password)
        if account is None or not right:
            raise not_authorized()
        self.login_throttle.succeed(name)
        self._require_enabled(account)
        if account.password_expires is not None and account.password_expires < self.clock():
            raise not_authorized("Temporary password has expired and must be reset by an administrator.")
        return account

    def renew(self, account: Account, password: str) -> Account:
        """Give the user a permanent password that has already passed the policy."""
        changes: dict[str, Any] = {"status": CONFIRMED, "password_expires": None}
        return self.accounts.save(replace(account, password_hash=passwords.hashed(password), **changes))

    def sign_in(
        self, account: Account, client: ClientConfig, scopes: tuple[str, ...], auth_time: int, nonce: str | None = None
    ) -> Answer:
        """A new session's `AuthenticationResult`, refresh token included."""
        session, refresh_token = self.sessions.start(account, client, scopes, auth_time)
        return self._result(session, account, client, nonce) | {"RefreshToken": refresh_token}

    def refreshed(self, client: ClientConfig, refresh_token: str) -> Answer:
        """The `AuthenticationResult` for a refresh token; the user must still exist and be enabled."""
        session, replacement = self.sessions.refresh(refresh_token, client)
        account = self.accounts.find(session.username)
        if account is None:
            raise not_authorized("Invalid Refresh Token")
        self._require_enabled(account)
        result = self._result(session, account, client, nonce=None)
        return result | ({"RefreshToken": replacement} if replacement else {})

    def _admit(self, account: Account, client: ClientConfig) -> Answer:
        if account.status == UNCONFIRMED:
            raise ServiceError("UserNotConfirmedException", "User is not confirmed.")
        if account.status == FORCE_CHANGE_PASSWORD:
            # The sign-in page takes the new password; by API the laptop does not.
            return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "ChallengeParameters": _challenge_of(account)}
        result = self.sign_in(account, client, (SDK_SCOPE,), int(self.clock()))
        return {"ChallengeParameters": {}, "AuthenticationResult": result}

    def _result(self, session: Session, account: Account, client: ClientConfig, nonce: str | None) -> Answer:
        groups = self.groups.of(account)
        result = {
            "AccessToken": self.tokens.access_token(session, account, client, groups),
            "ExpiresIn": int(client.access_token_minutes * 60),
            "TokenType": "Bearer",
        }
        if {"openid", SDK_SCOPE} & set(session.scopes):
            result["IdToken"] = self.tokens.id_token(session, account, client, groups, nonce)
        return result

    @staticmethod
    def _require_enabled(account: Account) -> None:
        if not account.enabled:
            raise not_authorized("User is disabled.")


def _challenge_of(account: Account) -> dict[str, str]:
    attributes = json.dumps(dict(account.attributes))
    return {"USER_ID_FOR_SRP": account.username, "requiredAttributes": "[]", "userAttributes": attributes}


def _require_flow(client: ClientConfig, flow: str) -> None:
    if not client.allows(flow):
        raise invalid_parameter(f"{flow} flow not enabled for this client")


def _required(parameters: dict[str, str], name: str) -> str:
    if not parameters.get(name):
        raise invalid_parameter(f"Missing required parameter {name}")
    return parameters[name]
