"""What administrators do with users and groups, and what they look up of the pool. `service` names the operations."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from infra.local.cognito import passwords
from infra.local.cognito.auth import Auth
from infra.local.cognito.codes import Announce
from infra.local.cognito.errors import invalid_parameter
from infra.local.cognito.pool import PasswordPolicy, PoolConfig
from infra.local.cognito.sign_up import INVITED, Triggers
from infra.local.cognito.users import (
    FORCE_CHANGE_PASSWORD,
    Account,
    Accounts,
    Groups,
    new_username,
    parse_attributes,
    render_attributes,
    require_email,
)
from infra.local.endpoint.awsjson import ServiceError

Request = dict[str, Any]
Answer = dict[str, Any]

MAXIMUM_PAGE = 60


@dataclass(frozen=True)
class Admin:
    """The operations on users and on groups, and those that look at the pool."""

    pool: PoolConfig
    accounts: Accounts
    groups: Groups
    auth: Auth
    announce: Announce
    triggers: Triggers

    def create_user(self, request: Request) -> Answer:
        """AdminCreateUser: a user with a temporary password, announced unless MessageAction is SUPPRESS."""
        email = require_email(request["Username"])
        password = request.get("TemporaryPassword") or passwords.temporary(self.pool.password_policy)
        passwords.require_policy(self.pool.password_policy, password)
        again = request.get("MessageAction") == "RESEND"
        account = self._invited(email) if again else self._made(email, request)
        account = self._with_temporary(account, password)
        if request.get("MessageAction") != "SUPPRESS":
            self.announce(f"Temporary password for {account.email}: {password}")
        return {"User": describe_user(account)}

    def set_password(self, request: Request) -> Answer:
        """AdminSetUserPassword: a permanent password, or one to be changed at the next sign-in."""
        account, password = self._named(request), request["Password"]
        passwords.require_policy(self.pool.password_policy, password)
        give = self.auth.renew if request.get("Permanent", False) else self._with_temporary
        give(account, password)
        return {}

    def get_user(self, request: Request) -> Answer:
        """AdminGetUser."""
        described = describe_user(self._named(request))
        return {**described, "UserAttributes": described.pop("Attributes")}

    def update_attributes(self, request: Request) -> Answer:
        """AdminUpdateUserAttributes; a changed email counts as unverified unless said otherwise; "" removes."""
        account = self._named(request)
        changes = parse_attributes(self.pool, request["UserAttributes"])
        if changes.get("email", account.email) != account.email:
            changes = {"email_verified": "false"} | changes
        changed = {**account.attributes, **changes}
        kept = {name: value for name, value in changed.items() if value != ""}
        self.accounts.save(replace(account, attributes=kept))
        return {}

    def enable_user(self, request: Request) -> Answer:
        """AdminEnableUser."""
        self.accounts.save(replace(self._named(request), enabled=True))
        return {}

    def disable_user(self, request: Request) -> Answer:
        """AdminDisableUser: no more sign-ins, and the sessions end."""
        self.accounts.save(replace(self._named(request), enabled=False))
        return self.sign_user_out(request)

    def sign_user_out(self, request: Request) -> Answer:
        """AdminUserGlobalSignOut: every session of the user ends."""
        self.auth.sessions.revoke_all(self._named(request))
        return {}

    def delete_user(self, request: Request) -> Answer:
        """AdminDeleteUser."""
        self.accounts.delete(self._named(request))
        return {}

    def list_users(self, request: Request) -> Answer:
        """ListUsers, all of them."""
        if {"Filter", "AttributesToGet"} & set(request):
            raise invalid_parameter("The laptop does not imitate Filter and AttributesToGet of ListUsers.")
        users = [describe_user(account) for account in self.accounts.all()]
        return _page("Users", users, request, token="PaginationToken")  # noqa: S106 (a member's name)

    def list_groups(self, request: Request) -> Answer:
        """ListGroups."""
        return _page("Groups", [self._group(name) for name in self.groups.names()], request)

    def create_group(self, request: Request) -> Answer:
        """CreateGroup: for a department of one's own."""
        self.groups.make(request["GroupName"])
        return {"Group": self._group(request["GroupName"])}

    def list_members(self, request: Request) -> Answer:
        """ListUsersInGroup."""
        members = self.groups.members(request["GroupName"])
        users = [describe_user(account) for account in self.accounts.all() if account.username in members]
        return _page("Users", users, request)

    def groups_of_user(self, request: Request) -> Answer:
        """AdminListGroupsForUser."""
        return _page("Groups", [self._group(name) for name in self.groups.of(self._named(request))], request)

    def join_group(self, request: Request) -> Answer:
        """AdminAddUserToGroup."""
        self.groups.join(self._named(request), request["GroupName"])
        return {}

    def leave_group(self, request: Request) -> Answer:
        """AdminRemoveUserFromGroup."""
        self.groups.leave(self._named(request), request["GroupName"])
        return {}

    def list_pools(self, request: Request) -> Answer:
        """ListUserPools: the one there is."""
        return _page("UserPools", [{"Id": self.pool.pool_id, "Name": self.pool.name}], request, limit="MaxResults")

    def describe_pool(self, request: Request) -> Answer:  # noqa: ARG002 (an operation; which pool is checked before)
        """DescribeUserPool, as far as the template set it."""
        pool = self.pool
        described = {
            "Id": pool.pool_id,
            "Name": pool.name,
            "Policies": {"PasswordPolicy": _describe_policy(pool.password_policy)},
            "UsernameAttributes": ["email"],
            "AutoVerifiedAttributes": ["email"],
            "MfaConfiguration": "OFF",
            "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not pool.allow_sign_up},
            "LambdaConfig": {"PreSignUp": pool.pre_sign_up} if pool.pre_sign_up else {},
            "SchemaAttributes": [{"Name": name, "AttributeDataType": "String"} for name in pool.custom_attributes],
            "EstimatedNumberOfUsers": len(self.accounts.all()),
        }
        return {"UserPool": described}

    def list_clients(self, request: Request) -> Answer:
        """ListUserPoolClients."""
        pool = self.pool
        clients = [{"ClientId": c.client_id, "ClientName": c.name, "UserPoolId": pool.pool_id} for c in pool.clients]
        return _page("UserPoolClients", clients, request, limit="MaxResults")

    def _named(self, request: Request) -> Account:
        return self.accounts.get(request["Username"])

    def _group(self, name: str) -> Answer:
        return {"GroupName": name, "UserPoolId": self.pool.pool_id}

    def _made(self, email: str, request: Request) -> Account:
        given = parse_attributes(self.pool, request.get("UserAttributes", ())) | {"email": email}
        username = new_username()
        self.triggers.before_sign_up(username, INVITED, given, request)
        return self.accounts.add(Account(username, FORCE_CHANGE_PASSWORD, "", given))

    def _invited(self, email: str) -> Account:
        account = self.accounts.get(email)
        if account.status != FORCE_CHANGE_PASSWORD:
            raise ServiceError("UnsupportedUserStateException", "Resend not possible: the user is not invited.")
        return account

    def _with_temporary(self, account: Account, password: str) -> Account:
        expires = self.auth.clock() + self.pool.password_policy.temporary_password_days * 86400
        changes: dict[str, Any] = {"status": FORCE_CHANGE_PASSWORD, "password_expires": expires}
        return self.accounts.save(replace(account, password_hash=passwords.hashed(password), **changes))


def describe_user(account: Account) -> Answer:
    """AWS's UserType; times are epoch seconds on the wire."""
    return {
        "Username": account.username,
        "Attributes": render_attributes(account),
        "UserCreateDate": account.created,
        "UserLastModifiedDate": account.modified,
        "Enabled": account.enabled,
        "UserStatus": account.status,
    }


def _describe_policy(policy: PasswordPolicy) -> Answer:
    return {
        "MinimumLength": policy.minimum_length,
        "RequireUppercase": policy.require_uppercase,
        "RequireLowercase": policy.require_lowercase,
        "RequireNumbers": policy.require_numbers,
        "RequireSymbols": policy.require_symbols,
        "TemporaryPasswordValidityDays": policy.temporary_password_days,
    }


def _page(
    member: str,
    items: Sequence[Answer],
    request: Request,
    *,
    limit: str = "Limit",
    token: str = "NextToken",  # noqa: S107
) -> Answer:
    """A list under its name: at most and by default 60 items, and the token of the next ones, if more follow."""
    size, start = request.get(limit, MAXIMUM_PAGE), request.get(token, "0")
    if size > MAXIMUM_PAGE:
        raise invalid_parameter(f"Value '{size}' at 'limit' must be less than or equal to {MAXIMUM_PAGE}")
    if not re.fullmatch("[0-9]{1,9}", start):
        raise invalid_parameter("Invalid pagination token.")
    end = int(start) + max(size, 1)
    return {member: list(items[int(start) : end])} | ({token: str(end)} if end < len(items) else {})
