"""The local Cognito put together: its tables, its operations by name, and the three doors other modules use.

The runtime makes one `Cognito`; the edge sends JSON API calls to `call` and mounts `hosted_pages`; the local REST API's
authorizer asks `verify_id_token`.
"""

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from infra.local.cognito import passwords
from infra.local.cognito.admin import Admin
from infra.local.cognito.auth import Auth
from infra.local.cognito.codes import Announce, Codes, OneTimeTokens
from infra.local.cognito.errors import TokenInvalid, invalid_parameter, not_found
from infra.local.cognito.passwords import LoginThrottle
from infra.local.cognito.pool import PoolConfig
from infra.local.cognito.sessions import Sessions
from infra.local.cognito.sign_up import Invoke, SignUp, Triggers, no_functions
from infra.local.cognito.store import Clock, Store
from infra.local.cognito.tokens import Claims, Tokens
from infra.local.cognito.users import CONFIRMED, Account, Accounts, Groups, new_username
from infra.local.endpoint.awsjson import ServiceError

Operation = Callable[[dict[str, Any]], dict[str, Any]]


class Cognito:
    """The user pool on this computer. Safe to share between threads; accounts and keys live in the file `store`.

    `invoke` calls a Lambda function by its name; a pool with a trigger needs it.
    """

    def __init__(
        self,
        store: Path,
        pool: PoolConfig,
        *,
        endpoint_url: str,
        announce: Announce = print,
        clock: Clock = time.time,
        invoke: Invoke = no_functions,
    ) -> None:
        self._store = Store(store)
        self.endpoint_url = endpoint_url.rstrip("/")
        self.pool = pool
        self.one_time_tokens = OneTimeTokens(self._store, clock)
        self.accounts = Accounts(self._store, clock)
        self.groups = Groups(self._store, pool.groups)
        self.tokens = Tokens(self._store, pool, self.endpoint_url, clock)
        sessions, throttle = Sessions(self._store, clock), LoginThrottle(self._store, clock)
        self.auth = Auth(pool, self.accounts, self.groups, throttle, sessions, self.tokens, clock)
        triggers = Triggers(pool, invoke)
        self.sign_up = SignUp(pool, self.accounts, Codes(self._store, announce, clock), self.auth, triggers)
        admin = Admin(pool, self.accounts, self.groups, self.auth, announce, triggers)
        self._unsigned = _of_people(self.sign_up, self.auth)
        self._operations = self._unsigned | _on_users(admin) | _on_groups_and_pool(admin)

    def call(self, operation: str, request: dict[str, Any], authorization: str | None = None) -> dict[str, Any]:
        """One operation of the cognito-idp JSON API, whose shape `awsjson` has checked; raises awsjson.ServiceError.

        `authorization` is the request's header: pass "" for a request without one and administrators' operations
        are refused as on AWS; None (a caller in this process) is trusted.
        """
        if operation not in self._operations:
            message = f"The laptop does not imitate {operation} of Amazon Cognito."
            raise ServiceError("UnknownOperationException", message)
        if operation not in self._unsigned and authorization == "":
            raise ServiceError("MissingAuthenticationTokenException", "Missing Authentication Token")
        _require_text(request)
        if request.get("UserPoolId", self.pool.pool_id) != self.pool.pool_id:
            raise not_found(f"User pool {request['UserPoolId']} does not exist.")
        if "ClientId" in request:
            self.pool.client(request["ClientId"])
        return self._operations[operation](request)

    def verify_id_token(self, pool_id: str, token: str) -> Claims:
        """The claims of a pool's ID token; raises TokenInvalid or TokenExpired.

        As API Gateway's Cognito authorizer it checks signature, issuer, audience, use and expiry, not revocation.
        """
        if pool_id != self.pool.pool_id:
            raise TokenInvalid("The token is another pool's.")
        return self.tokens.read_id(token)

    def ensure_user(self, email: str, password: str, groups: Sequence[str]) -> None:
        """A confirmed user with this password and at least these groups, made or put right."""
        account = self.accounts.find(email)
        if account is None:
            given = {"email": email, "email_verified": "true"}
            account = self.accounts.add(Account(new_username(), CONFIRMED, passwords.hashed(password), given))
        elif account.status != CONFIRMED or not passwords.matches(account.password_hash, password):
            account = self.auth.renew(account.with_attributes(email_verified="true"), password)
        for group in groups:
            self.groups.join(account, group)

    def close(self) -> None:
        """Give the file back."""
        self._store.close()


def _of_people(sign_up: SignUp, auth: Auth) -> dict[str, Operation]:
    """Called with the user's own secrets instead of a signature by AWS credentials."""
    return {
        "SignUp": sign_up.sign_up,
        "ConfirmSignUp": sign_up.confirm,
        "ResendConfirmationCode": sign_up.resend,
        "ForgotPassword": sign_up.forgot_password,
        "ConfirmForgotPassword": sign_up.reset_password,
        "InitiateAuth": auth.initiate,
        "GetTokensFromRefreshToken": auth.refresh,
        "RevokeToken": auth.revoke,
        "GetUser": auth.get_user,
        "GlobalSignOut": auth.sign_out_everywhere,
    }


def _on_users(admin: Admin) -> dict[str, Operation]:
    return {
        "ListUsers": admin.list_users,
        "AdminCreateUser": admin.create_user,
        "AdminSetUserPassword": admin.set_password,
        "AdminGetUser": admin.get_user,
        "AdminUpdateUserAttributes": admin.update_attributes,
        "AdminEnableUser": admin.enable_user,
        "AdminDisableUser": admin.disable_user,
        "AdminUserGlobalSignOut": admin.sign_user_out,
        "AdminDeleteUser": admin.delete_user,
    }


def _on_groups_and_pool(admin: Admin) -> dict[str, Operation]:
    return {
        "ListGroups": admin.list_groups,
        "CreateGroup": admin.create_group,
        "ListUsersInGroup": admin.list_members,
        "AdminListGroupsForUser": admin.groups_of_user,
        "AdminAddUserToGroup": admin.join_group,
        "AdminRemoveUserFromGroup": admin.leave_group,
        "ListUserPools": admin.list_pools,
        "DescribeUserPool": admin.describe_pool,
        "ListUserPoolClients": admin.list_clients,
    }


def _require_text(request: dict[str, Any]) -> None:
    """JSON can spell half a character (a lone surrogate), which neither hash nor database can hold."""
    try:
        json.dumps(request, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise invalid_parameter("The request holds text that is not valid Unicode.") from error
