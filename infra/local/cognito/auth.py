"""Signing in: passwords and how often they may be guessed, challenges, refreshes, and the tokens that come of them.

Used by `service` (InitiateAuth and its kin) and by the hosted pages, which ask `identify` and then hand out a code.
Source: AWS, "Lockout behavior for failed sign-in attempts": after five failures a user is locked out for one second,
then for twice as long with every further failure, up to about 15 minutes; 15 quiet minutes forget them all. Names
nobody has are counted alike, so that a lock tells nothing about who exists.
"""

import json
from dataclasses import dataclass, replace
from typing import Any

from infra.local.cognito import passwords
from infra.local.cognito.codes import OneTimeTokens
from infra.local.cognito.errors import invalid_parameter, not_authorized
from infra.local.cognito.pool import SDK_SCOPE, ClientConfig, PoolConfig, Pools
from infra.local.cognito.sessions import Session, Sessions
from infra.local.cognito.store import Clock, Store
from infra.local.cognito.tokens import Tokens
from infra.local.cognito.users import CONFIRMED, FORCE_CHANGE_PASSWORD, UNCONFIRMED, Account, Accounts, Groups
from infra.local.endpoint.awsjson import ServiceError

FREE_FAILURES = 5
LONGEST_LOCK_SECONDS = 900


class LoginThrottle:
    """The table of failed sign-ins."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def begin(self, pool_id: str, login: str) -> None:
        """Count a try as failed until `succeed` takes it back, so that parallel guesses count too.

        Raises NotAuthorizedException "Password attempts exceeded" while the name is locked.
        """
        now, key = self._clock(), login.lower()
        with self._store.transaction() as db:
            db.execute("DELETE FROM attempts WHERE last_at < ?", (now - LONGEST_LOCK_SECONDS,))
            row = db.execute("SELECT * FROM attempts WHERE pool_id = ? AND login = ?", (pool_id, key)).fetchone()
            failures = row["failures"] if row else 0
            if row and now < row["last_at"] + lock_seconds(failures):
                raise not_authorized("Password attempts exceeded")
            db.execute("INSERT OR REPLACE INTO attempts VALUES (?, ?, ?, ?)", (pool_id, key, failures + 1, now))

    def succeed(self, pool_id: str, login: str) -> None:
        """The password was right: forget the failures."""
        self._store.run("DELETE FROM attempts WHERE pool_id = ? AND login = ?", pool_id, login.lower())


def lock_seconds(failures: int) -> float:
    """How long a name is locked after so many failures: 0 below five, then 1, 2, 4 … at most 900 seconds."""
    if failures < FREE_FAILURES:
        return 0
    return min(2.0 ** min(failures - FREE_FAILURES, 20), LONGEST_LOCK_SECONDS)


CHALLENGE = "challenge"
CHALLENGE_SECONDS = 180
Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Auth:
    """Checks who somebody is and gives them tokens."""

    pools: Pools
    accounts: Accounts
    groups: Groups
    login_throttle: LoginThrottle
    sessions: Sessions
    tokens: Tokens
    one_time_tokens: OneTimeTokens
    clock: Clock

    def initiate(self, request: Request) -> Answer:
        """InitiateAuth: USER_PASSWORD_AUTH, REFRESH_TOKEN_AUTH (also REFRESH_TOKEN)."""
        pool, client = self.pools.client(request["ClientId"])
        flow, parameters = request["AuthFlow"], request.get("AuthParameters", {})
        if flow in ("REFRESH_TOKEN_AUTH", "REFRESH_TOKEN"):
            _require_flow(client, "REFRESH_TOKEN_AUTH")
            result = self.refreshed(client, _required(parameters, "REFRESH_TOKEN"))
            return {"ChallengeParameters": {}, "AuthenticationResult": result}
        if flow != "USER_PASSWORD_AUTH":
            raise invalid_parameter(f"The laptop imitates USER_PASSWORD_AUTH and REFRESH_TOKEN_AUTH, not {flow}.")
        _require_flow(client, flow)
        account = self.identify(pool, _required(parameters, "USERNAME"), _required(parameters, "PASSWORD"))
        return self._admit(account, client)

    def respond(self, request: Request) -> Answer:
        """RespondToAuthChallenge for NEW_PASSWORD_REQUIRED; the session of the challenge works once."""
        pool, client = self.pools.client(request["ClientId"])
        if request["ChallengeName"] != "NEW_PASSWORD_REQUIRED":
            raise invalid_parameter(f"Challenge {request['ChallengeName']} is not emulated.")
        answers = request.get("ChallengeResponses", {})
        name, password = _required(answers, "USERNAME"), _required(answers, "NEW_PASSWORD")
        account = self._challenged(client, request.get("Session", ""), name)
        passwords.require_policy(pool.password_policy, password)
        self.one_time_tokens.take(CHALLENGE, request["Session"])
        return {
            "ChallengeParameters": {},
            "AuthenticationResult": self._sdk_tokens(self.renew(account, password), client),
        }

    def refresh(self, request: Request) -> Answer:
        """GetTokensFromRefreshToken; a new refresh token comes along when the client rotates them."""
        _, client = self.pools.client(request["ClientId"])
        return {"AuthenticationResult": self.refreshed(client, request["RefreshToken"])}

    def revoke(self, request: Request) -> Answer:
        """RevokeToken: the refresh token and every token that came of the same sign-in."""
        self.pools.client(request["ClientId"])
        if request["Token"].count(".") == 2:
            raise ServiceError("UnsupportedTokenTypeException", "Only refresh tokens can be revoked.")
        self.sessions.revoke_token(request["Token"], request["ClientId"])
        return {}

    def identify(self, pool: PoolConfig, name: str, password: str) -> Account:
        """The user with that email and password, whatever their status; raises NotAuthorizedException."""
        self.login_throttle.begin(pool.pool_id, name)
        account = self.accounts.find(pool.pool_id, name)
        right = passwords.matches(account.password_hash if account else None, password)
        if account is None or not right:
            raise not_authorized()
        self.login_throttle.succeed(pool.pool_id, name)
        self._require_enabled(account)
        if account.password_expires is not None and account.password_expires < self.clock():
            raise not_authorized("Temporary password has expired and must be reset by an administrator.")
        return account

    def renew(self, account: Account, password: str) -> Account:
        """Give the user a permanent password that has already passed the policy."""
        hashed = passwords.hashed(password)
        return self.accounts.save(
            replace(account, status=CONFIRMED, password_hash=hashed, password_expires=None),
        )

    def sign_in(
        self, account: Account, client: ClientConfig, scopes: tuple[str, ...], auth_time: int, nonce: str | None = None
    ) -> Answer:
        """A new session's `AuthenticationResult`, refresh token included."""
        session, refresh_token = self.sessions.start(account, client, scopes, auth_time)
        return self._result(session, account, client, nonce) | {"RefreshToken": refresh_token}

    def refreshed(self, client: ClientConfig, refresh_token: str) -> Answer:
        """The `AuthenticationResult` for a refresh token; the user must still exist and be enabled."""
        session, replacement = self.sessions.refresh(refresh_token, client)
        account = self.accounts.find(session.pool_id, session.username)
        if account is None:
            raise not_authorized("Invalid Refresh Token")
        self._require_enabled(account)
        result = self._result(session, account, client, nonce=None)
        return result | ({"RefreshToken": replacement} if replacement else {})

    def challenge(self, account: Account, client: ClientConfig) -> Answer:
        """The NEW_PASSWORD_REQUIRED challenge of a user with a temporary password."""
        content = {"pool_id": account.pool_id, "client_id": client.client_id, "username": account.username}
        parameters = {
            "USER_ID_FOR_SRP": account.username,
            "requiredAttributes": "[]",
            "userAttributes": json.dumps(dict(account.attributes)),
        }
        session = self.one_time_tokens.issue(CHALLENGE, content, CHALLENGE_SECONDS)
        return {"ChallengeName": "NEW_PASSWORD_REQUIRED", "Session": session, "ChallengeParameters": parameters}

    def _admit(self, account: Account, client: ClientConfig) -> Answer:
        if account.status == UNCONFIRMED:
            raise ServiceError("UserNotConfirmedException", "User is not confirmed.")
        if account.status == FORCE_CHANGE_PASSWORD:
            return self.challenge(account, client)
        return {"ChallengeParameters": {}, "AuthenticationResult": self._sdk_tokens(account, client)}

    def _sdk_tokens(self, account: Account, client: ClientConfig) -> Answer:
        return self.sign_in(account, client, (SDK_SCOPE,), int(self.clock()))

    def _result(self, session: Session, account: Account, client: ClientConfig, nonce: str | None) -> Answer:
        groups = self.groups.of(self.pools.pool(account.pool_id), account)
        result = {
            "AccessToken": self.tokens.access_token(session, account, client, groups),
            "ExpiresIn": int(client.access_token_minutes * 60),
            "TokenType": "Bearer",
        }
        if {"openid", SDK_SCOPE} & set(session.scopes):
            result["IdToken"] = self.tokens.id_token(session, account, client, groups, nonce)
        return result

    def _challenged(self, client: ClientConfig, session: str, name: str) -> Account:
        content = self.one_time_tokens.read(CHALLENGE, session)
        if content is None or content["client_id"] != client.client_id:
            raise not_authorized("Invalid session for the user, session is expired.")
        account = self.accounts.find(content["pool_id"], name)
        if account is None or account.username != content["username"]:
            raise not_authorized("Invalid session for the user.")
        self._require_enabled(account)
        return account

    @staticmethod
    def _require_enabled(account: Account) -> None:
        if not account.enabled:
            raise not_authorized("User is disabled.")


def _require_flow(client: ClientConfig, flow: str) -> None:
    if not client.allows(flow):
        raise invalid_parameter(f"{flow} flow not enabled for this client")


def _required(parameters: dict[str, str], name: str) -> str:
    if not parameters.get(name):
        raise invalid_parameter(f"Missing required parameter {name}")
    return parameters[name]
