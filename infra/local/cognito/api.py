"""The cognito-idp operations by name. `Cognito.call` looks here; `awsjson.answer` has checked the request's shape."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from infra.local.cognito.directory import Directory
from infra.local.cognito.errors import invalid_parameter
from infra.local.cognito.sign_in.auth import Auth
from infra.local.cognito.users.recovery import Recovery
from infra.local.cognito.users.sign_up import SignUp
from infra.local.cognito.users.users import Users
from infra.local.endpoint.awsjson import ServiceError

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
        "AdminInitiateAuth": auth.admin_initiate,
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
        "AdminConfirmSignUp": users.confirm,
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
        "DescribeUserPoolClient": directory.describe_client,
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
        raise ServiceError("UnknownOperationException", f"{operation} is not emulated on the laptop.")
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
