"""The local Cognito put together: its tables, its services, its operations, and the three doors other modules use.

The runtime makes one `Cognito`; the edge sends JSON API calls to `call` and mounts `hosted_pages`; the local REST API's
authorizer asks `verify_id_token`.
"""

import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from infra.local.cognito import passwords
from infra.local.cognito.admin import Directory, Users
from infra.local.cognito.auth import Auth, LoginThrottle
from infra.local.cognito.codes import Announce, Codes, OneTimeTokens
from infra.local.cognito.errors import invalid_parameter
from infra.local.cognito.pool import PoolConfig, Pools
from infra.local.cognito.sessions import Sessions
from infra.local.cognito.sign_up import Invoke, Recovery, SignUp, Triggers, no_functions
from infra.local.cognito.store import Clock, Store
from infra.local.cognito.tokens import Claims, KeyRing, Tokens
from infra.local.cognito.users import CONFIRMED, Account, Accounts, Groups
from infra.local.endpoint.awsjson import ServiceError


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
        directory = Directory(self.pools, self.accounts, self.groups)
        self._operations = operations(self.sign_up, self.auth, self.recovery, self.users, directory)

    def call(self, operation: str, request: dict[str, Any], authorization: str | None = None) -> dict[str, Any]:
        """One operation of the cognito-idp JSON API; raises awsjson.ServiceError.

        `authorization` is the request's header: pass "" for a request without one and administrators' operations
        are refused as on AWS; None (a caller in this process) is trusted.
        """
        return dispatch(self._operations, operation, request, authorization)

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


Operation = Callable[[dict[str, Any]], dict[str, Any]]

# Called with the user's own secrets instead of a signature by AWS credentials.
UNSIGNED = frozenset(
    {
        "SignUp",
        "ConfirmSignUp",
        "ResendConfirmationCode",
        "InitiateAuth",
        "RespondToAuthChallenge",
        "GetTokensFromRefreshToken",
        "RevokeToken",
        "ForgotPassword",
        "ConfirmForgotPassword",
        "GetUser",
        "GlobalSignOut",
    }
)


def operations(
    sign_up: SignUp, auth: Auth, recovery: Recovery, users: Users, directory: Directory
) -> Mapping[str, Operation]:
    """Every emulated operation."""
    return _of_people(sign_up, auth, recovery) | _on_users(users) | _on_groups(directory)


def _of_people(sign_up: SignUp, auth: Auth, recovery: Recovery) -> dict[str, Operation]:
    return {
        "SignUp": sign_up.sign_up,
        "ConfirmSignUp": sign_up.confirm,
        "ResendConfirmationCode": sign_up.resend,
        "InitiateAuth": auth.initiate,
        "RespondToAuthChallenge": auth.respond,
        "GetTokensFromRefreshToken": auth.refresh,
        "RevokeToken": auth.revoke,
        "ForgotPassword": recovery.forgot,
        "ConfirmForgotPassword": recovery.confirm,
    }


def _on_users(users: Users) -> dict[str, Operation]:
    return {
        "GetUser": users.get_self,
        "GlobalSignOut": users.sign_out_everywhere,
        "ListUsers": users.list,
        "AdminCreateUser": users.create,
        "AdminSetUserPassword": users.set_password,
        "AdminGetUser": users.get,
        "AdminUpdateUserAttributes": users.update,
        "AdminEnableUser": users.enable,
        "AdminDisableUser": users.disable,
        "AdminDeleteUser": users.delete,
    }


def _on_groups(directory: Directory) -> dict[str, Operation]:
    return {
        "ListUserPools": directory.list_pools,
        "DescribeUserPool": directory.describe_pool,
        "ListUserPoolClients": directory.list_clients,
        "ListGroups": directory.list_groups,
        "CreateGroup": directory.make_group,
        "ListUsersInGroup": directory.list_members,
        "AdminListGroupsForUser": directory.groups_of_user,
        "AdminAddUserToGroup": directory.join,
        "AdminRemoveUserFromGroup": directory.leave,
    }


def dispatch(
    table: Mapping[str, Operation], operation: str, request: dict[str, Any], authorization: str | None
) -> dict[str, Any]:
    """Run one operation. `authorization` is the request's header; "" is refused where AWS wants a signature,
    None means the caller is part of this process.
    """
    if operation not in table:
        raise ServiceError("UnknownOperationException", f"The laptop does not imitate {operation} of Amazon Cognito.")
    if operation not in UNSIGNED and authorization == "":
        raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")
    _require_text(request)
    return table[operation](request)


def _require_text(request: dict[str, Any]) -> None:
    """JSON can spell half a character (a lone surrogate), which neither hash nor database can hold."""
    try:
        json.dumps(request, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise invalid_parameter("The request holds text that is not valid Unicode.") from error
