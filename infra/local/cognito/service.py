"""The local Cognito put together: its tables, its services, and the three doors other modules use.

The runtime makes one `Cognito`; the edge sends JSON API calls to `call` and mounts `hosted_pages`; the local REST API's
authorizer asks `verify_id_token`.
"""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from infra.local.cognito import api
from infra.local.cognito.clock import Clock
from infra.local.cognito.config import PoolConfig
from infra.local.cognito.directory import Directory
from infra.local.cognito.oauth.authorize import Authorize
from infra.local.cognito.oauth.oauth import OAuth
from infra.local.cognito.pools import Pools
from infra.local.cognito.sign_in.auth import Auth
from infra.local.cognito.sign_in.keys import KeyRing
from infra.local.cognito.sign_in.login_throttle import LoginThrottle
from infra.local.cognito.sign_in.one_time_tokens import OneTimeTokens
from infra.local.cognito.sign_in.sessions import Sessions
from infra.local.cognito.sign_in.tokens import Claims, Tokens
from infra.local.cognito.store import Store
from infra.local.cognito.triggers import Invoke, Triggers, no_functions
from infra.local.cognito.users import passwords
from infra.local.cognito.users.accounts import CONFIRMED, Account, Accounts
from infra.local.cognito.users.codes import Announce, Codes
from infra.local.cognito.users.groups import Groups
from infra.local.cognito.users.recovery import Recovery
from infra.local.cognito.users.sign_up import SignUp
from infra.local.cognito.users.users import Users


class Cognito:
    """User pools on this computer. Safe to share between threads; accounts and keys live in the file `store`.

    `invoke` calls a Lambda function by its name; pools with a trigger need it.
    """

    def __init__(
        self,
        store: Path,
        pools: Sequence[PoolConfig],
        *,
        endpoint_url: str,
        announce: Announce = print,
        clock: Clock = time.time,
        invoke: Invoke = no_functions,
    ) -> None:
        self._store = Store(store)
        self.endpoint_url = endpoint_url.rstrip("/")
        self.pools = Pools(pools)
        self.keys = KeyRing(self._store, [pool.pool_id for pool in pools])
        self.one_time_tokens = OneTimeTokens(self._store, clock)
        self.accounts = Accounts(self._store, clock)
        self.groups = Groups(self._store)
        self.tokens = Tokens(self.keys, self.pools, self.endpoint_url, clock)
        codes = Codes(self._store, announce, clock)
        sessions, login_throttle = Sessions(self._store, clock), LoginThrottle(self._store, clock)
        self.auth = Auth(
            self.pools, self.accounts, self.groups, login_throttle, sessions, self.tokens, self.one_time_tokens, clock
        )
        triggers = Triggers(invoke)
        self.sign_up = SignUp(self.pools, self.accounts, codes, triggers)
        self.recovery = Recovery(self.pools, self.accounts, codes, self.auth)
        self.users = Users(self.pools, self.accounts, self.auth, announce, triggers)
        self.authorize = Authorize(self.pools, self.one_time_tokens, clock)
        self.oauth = OAuth(self.pools, self.one_time_tokens, self.auth, self.users)
        directory = Directory(self.pools, self.accounts, self.groups)
        self._operations = api.operations(self.sign_up, self.auth, self.recovery, self.users, directory)

    def call(self, operation: str, request: dict[str, Any], authorization: str | None = None) -> dict[str, Any]:
        """One operation of the cognito-idp JSON API; raises awsjson.ServiceError.

        `authorization` is the request's header: pass "" for a request without one and administrators' operations
        are refused as on AWS; None (a caller in this process) is trusted.
        """
        return api.dispatch(self._operations, operation, request, authorization)

    def verify_id_token(self, pool_id: str, token: str) -> Claims:
        """The claims of a pool's ID token; raises TokenInvalid or TokenExpired.

        As API Gateway's Cognito authorizer it checks signature, issuer, audience, use and expiry, not revocation.
        """
        return self.tokens.read_id(pool_id, token)

    def ensure_user(self, pool_id: str, email: str, password: str, groups: Sequence[str]) -> None:
        """A confirmed user with this password and at least these groups, made or put right."""
        pool = self.pools.pool(pool_id)
        account = self.accounts.find(pool_id, email)
        if account is None:
            given = {"email": email, "email_verified": "true"}
            account = self.accounts.add(Account(pool_id, "", CONFIRMED, passwords.hashed(password), given))
        elif account.status != CONFIRMED or not passwords.matches(account.password_hash, password):
            account = self.auth.renew(account.with_attributes(email_verified="true"), password)
        for group in groups:
            self.groups.join(pool, account, group)

    def close(self) -> None:
        """Give the file back."""
        self._store.close()
