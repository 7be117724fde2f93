"""What administrators do with users and groups, what they look up of the pool, and GetUser and GlobalSignOut."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from infra.local.cognito import passwords
from infra.local.cognito.auth import Auth
from infra.local.cognito.codes import Announce
from infra.local.cognito.errors import TokenExpired, TokenInvalid, invalid_parameter, not_authorized
from infra.local.cognito.pool import SDK_SCOPE, PoolConfig, Pools
from infra.local.cognito.sign_up import INVITED, Triggers
from infra.local.cognito.tokens import Claims
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


@dataclass(frozen=True)
class Users:
    """The operations on single users, and the list of them."""

    pools: Pools
    accounts: Accounts
    auth: Auth
    announce: Announce
    triggers: Triggers

    def create(self, request: Request) -> Answer:
        """AdminCreateUser: a user with a temporary password, announced unless MessageAction is SUPPRESS."""
        pool = self.pools.pool(request["UserPoolId"])
        email = require_email(request["Username"])
        password = request.get("TemporaryPassword") or passwords.temporary(pool.password_policy)
        passwords.require_policy(pool.password_policy, password)
        if request.get("MessageAction") == "RESEND":
            account = self._reinvite(self.accounts.get(pool.pool_id, email))
        else:
            given = parse_attributes(pool, request.get("UserAttributes", ())) | {"email": email}
            username = new_username()
            self.triggers.before_sign_up(pool, username, INVITED, given, request)
            account = self.accounts.add(Account(pool.pool_id, username, FORCE_CHANGE_PASSWORD, "", given))
        account = self._with_temporary(pool, account, password)
        if request.get("MessageAction") != "SUPPRESS":
            self.announce(f"Temporary password for {account.email}: {password}")
        return {"User": describe(account)}

    def set_password(self, request: Request) -> Answer:
        """AdminSetUserPassword: a permanent password, or one to be changed at the next sign-in."""
        pool, account = self._named(request)
        passwords.require_policy(pool.password_policy, request["Password"])
        if request.get("Permanent", False):
            self.auth.renew(account, request["Password"])
        else:
            self._with_temporary(pool, account, request["Password"])
        return {}

    def get(self, request: Request) -> Answer:
        """AdminGetUser."""
        _, account = self._named(request)
        described = describe(account)
        return {**described, "UserAttributes": described.pop("Attributes")}

    def update(self, request: Request) -> Answer:
        """AdminUpdateUserAttributes; a changed email counts as unverified unless said otherwise; "" removes."""
        pool, account = self._named(request)
        changes = parse_attributes(pool, request["UserAttributes"])
        if changes.get("email", account.email) != account.email:
            changes = {"email_verified": "false"} | changes
        changed = {**account.attributes, **changes}
        kept = {name: value for name, value in changed.items() if value != ""}
        self.accounts.save(replace(account, attributes=kept))
        return {}

    def enable(self, request: Request) -> Answer:
        """AdminEnableUser."""
        _, account = self._named(request)
        self.accounts.save(replace(account, enabled=True))
        return {}

    def disable(self, request: Request) -> Answer:
        """AdminDisableUser: no more sign-ins, and the sessions end."""
        _, account = self._named(request)
        self.accounts.save(replace(account, enabled=False))
        self.auth.sessions.revoke_all(account)
        return {}

    def delete(self, request: Request) -> Answer:
        """AdminDeleteUser."""
        _, account = self._named(request)
        self.accounts.delete(account)
        return {}

    def list(self, request: Request) -> Answer:
        """ListUsers, paged."""
        pool = self.pools.pool(request["UserPoolId"])
        if {"Filter", "AttributesToGet"} & set(request):
            raise invalid_parameter("The laptop does not imitate Filter and AttributesToGet of ListUsers.")
        shown, following = page(self.accounts.all(pool.pool_id), request.get("Limit"), request.get("PaginationToken"))
        users = [describe(account) for account in shown]
        return {"Users": users} | ({"PaginationToken": following} if following else {})

    def get_self(self, request: Request) -> Answer:
        """GetUser, by access token: what its application reads."""
        account, claims = self.by_access_token(request["AccessToken"], SDK_SCOPE)
        _, client = self.pools.client(claims["client_id"])
        shown = [one for one in render_attributes(account) if one["Name"] == "sub" or client.reads(one["Name"])]
        return {"Username": account.username, "UserAttributes": shown}

    def sign_out_everywhere(self, request: Request) -> Answer:
        """GlobalSignOut: every session of the user ends; the browser's Cognito cookie is another matter."""
        account, _ = self.by_access_token(request["AccessToken"], SDK_SCOPE)
        self.auth.sessions.revoke_all(account)
        return {}

    def by_access_token(self, token: str, scope: str) -> tuple[Account, Claims]:
        """The user an access token speaks for, and its claims; raises NotAuthorizedException."""
        try:
            pool_id, claims = self.auth.tokens.read_access(token)
        except TokenExpired as error:
            raise not_authorized("Access Token has expired") from error
        except TokenInvalid as error:
            raise not_authorized("Invalid Access Token") from error
        if not self.auth.sessions.is_live(claims["origin_jti"]):
            raise not_authorized("Access Token has been revoked")
        if scope not in claims["scope"].split():
            raise not_authorized("Access Token does not have required scopes")
        return self.accounts.get(pool_id, claims["sub"]), claims

    def _named(self, request: Request) -> tuple[PoolConfig, Account]:
        pool = self.pools.pool(request["UserPoolId"])
        return pool, self.accounts.get(pool.pool_id, request["Username"])

    def _with_temporary(self, pool: PoolConfig, account: Account, password: str) -> Account:
        expires = self.auth.clock() + pool.password_policy.temporary_password_days * 86400
        changes: dict[str, Any] = {"status": FORCE_CHANGE_PASSWORD, "password_expires": expires}
        return self.accounts.save(replace(account, password_hash=passwords.hashed(password), **changes))

    @staticmethod
    def _reinvite(account: Account) -> Account:
        if account.status != FORCE_CHANGE_PASSWORD:
            raise ServiceError("UnsupportedUserStateException", "Resend not possible: the user is not invited.")
        return account


def describe(account: Account) -> Answer:
    """AWS's UserType; times are epoch seconds on the wire."""
    return {
        "Username": account.username,
        "Attributes": render_attributes(account),
        "UserCreateDate": account.created,
        "UserLastModifiedDate": account.modified,
        "Enabled": account.enabled,
        "UserStatus": account.status,
    }


@dataclass(frozen=True)
class Directory:
    """What the template set up, and who is in which group."""

    pools: Pools
    accounts: Accounts
    groups: Groups

    def list_pools(self, request: Request) -> Answer:
        """ListUserPools."""
        shown, following = page(list(self.pools), request.get("MaxResults"), request.get("NextToken"))
        return _paged("UserPools", [{"Id": pool.pool_id, "Name": pool.name} for pool in shown], following)

    def describe_pool(self, request: Request) -> Answer:
        """DescribeUserPool."""
        pool = self.pools.pool(request["UserPoolId"])
        return {"UserPool": describe_pool(pool) | {"EstimatedNumberOfUsers": len(self.accounts.all(pool.pool_id))}}

    def list_clients(self, request: Request) -> Answer:
        """ListUserPoolClients."""
        pool = self.pools.pool(request["UserPoolId"])
        shown, following = page(pool.clients, request.get("MaxResults"), request.get("NextToken"))
        clients = [{"ClientId": c.client_id, "ClientName": c.name, "UserPoolId": pool.pool_id} for c in shown]
        return _paged("UserPoolClients", clients, following)

    def list_groups(self, request: Request) -> Answer:
        """ListGroups."""
        pool = self.pools.pool(request["UserPoolId"])
        shown, following = page(self.groups.names(pool), request.get("Limit"), request.get("NextToken"))
        return _paged("Groups", _groups(pool, shown), following)

    def make_group(self, request: Request) -> Answer:
        """CreateGroup: for a department of one's own."""
        pool = self.pools.pool(request["UserPoolId"])
        self.groups.make(pool, request["GroupName"])
        return {"Group": _groups(pool, [request["GroupName"]])[0]}

    def list_members(self, request: Request) -> Answer:
        """ListUsersInGroup."""
        pool = self.pools.pool(request["UserPoolId"])
        members = self.groups.members(pool, request["GroupName"])
        found = [account for account in self.accounts.all(pool.pool_id) if account.username in members]
        shown, following = page(found, request.get("Limit"), request.get("NextToken"))
        return _paged("Users", [describe(account) for account in shown], following)

    def groups_of_user(self, request: Request) -> Answer:
        """AdminListGroupsForUser."""
        pool = self.pools.pool(request["UserPoolId"])
        joined = self.groups.of(pool, self.accounts.get(pool.pool_id, request["Username"]))
        shown, following = page(joined, request.get("Limit"), request.get("NextToken"))
        return _paged("Groups", _groups(pool, shown), following)

    def join(self, request: Request) -> Answer:
        """AdminAddUserToGroup."""
        pool = self.pools.pool(request["UserPoolId"])
        self.groups.join(pool, self.accounts.get(pool.pool_id, request["Username"]), request["GroupName"])
        return {}

    def leave(self, request: Request) -> Answer:
        """AdminRemoveUserFromGroup."""
        pool = self.pools.pool(request["UserPoolId"])
        self.groups.leave(pool, self.accounts.get(pool.pool_id, request["Username"]), request["GroupName"])
        return {}


def describe_pool(pool: PoolConfig) -> Answer:
    """AWS's UserPoolType, as far as the template set it."""
    policy = pool.password_policy
    return {
        "Id": pool.pool_id,
        "Name": pool.name,
        "Policies": {
            "PasswordPolicy": {
                "MinimumLength": policy.minimum_length,
                "RequireUppercase": policy.require_uppercase,
                "RequireLowercase": policy.require_lowercase,
                "RequireNumbers": policy.require_numbers,
                "RequireSymbols": policy.require_symbols,
                "TemporaryPasswordValidityDays": policy.temporary_password_days,
            }
        },
        "UsernameAttributes": ["email"],
        "AutoVerifiedAttributes": ["email"],
        "MfaConfiguration": "OFF",
        "AdminCreateUserConfig": {"AllowAdminCreateUserOnly": not pool.allow_sign_up},
        "LambdaConfig": {"PreSignUp": pool.pre_sign_up} if pool.pre_sign_up else {},
        "SchemaAttributes": [{"Name": name, "AttributeDataType": "String"} for name in pool.custom_attributes],
    }


def _groups(pool: PoolConfig, names: list[str]) -> list[Answer]:
    return [{"GroupName": name, "UserPoolId": pool.pool_id} for name in names]


def _paged(member: str, items: list[Answer], following: str | None) -> Answer:
    return {member: items} | ({"NextToken": following} if following else {})


MAXIMUM = 60

Item = TypeVar("Item")


def page(items: Sequence[Item], limit: int | None, token: str | None) -> tuple[list[Item], str | None]:
    """Up to `limit` (at most and by default 60) items after the token's place, and the next token, if more follow."""
    size = MAXIMUM if limit is None else limit
    if size > MAXIMUM:
        raise invalid_parameter(f"Value '{size}' at 'limit' must be less than or equal to {MAXIMUM}")
    start = _offset(token)
    end = start + max(size, 1)
    following = base64.urlsafe_b64encode(str(end).encode()).decode() if end < len(items) else None
    return list(items[start:end]), following


def _offset(token: str | None) -> int:
    if token is None:
        return 0
    try:
        offset = int(base64.urlsafe_b64decode(token.encode("ascii")))
    except (ValueError, binascii.Error) as error:
        raise invalid_parameter("Invalid pagination token.") from error
    if offset < 0:
        raise invalid_parameter("Invalid pagination token.")
    return offset
