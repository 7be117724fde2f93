"""The operations that look at pools, clients and groups, and that move users between groups. Used by `api`."""

from dataclasses import dataclass
from typing import Any

from infra.local.cognito.config import ClientConfig, PoolConfig
from infra.local.cognito.paging import page
from infra.local.cognito.pools import Pools
from infra.local.cognito.users.accounts import Accounts
from infra.local.cognito.users.groups import Groups
from infra.local.cognito.users.users import describe

Request = dict[str, Any]
Answer = dict[str, Any]


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

    def describe_client(self, request: Request) -> Answer:
        """DescribeUserPoolClient."""
        pool, client = self.pools.client_of(request["UserPoolId"], request["ClientId"])
        return {"UserPoolClient": describe_client(pool, client)}

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


def describe_client(pool: PoolConfig, client: ClientConfig) -> Answer:
    """AWS's UserPoolClientType; lifetimes in minutes (tokens) and days (refresh), as TokenValidityUnits says."""
    feature = "ENABLED" if client.rotation_enabled else "DISABLED"
    reads = {} if client.read_attributes is None else {"ReadAttributes": sorted(client.read_attributes)}
    return {
        "UserPoolId": pool.pool_id,
        "ClientId": client.client_id,
        "ClientName": client.name,
        "CallbackURLs": list(client.callback_urls),
        "LogoutURLs": list(client.logout_urls),
        "AllowedOAuthFlows": ["code"] if client.oauth_enabled else [],
        "AllowedOAuthFlowsUserPoolClient": client.oauth_enabled,
        "AllowedOAuthScopes": list(client.scopes),
        "SupportedIdentityProviders": ["COGNITO"],
        "WriteAttributes": sorted(client.write_attributes),
        "ExplicitAuthFlows": list(client.explicit_auth_flows),
        "PreventUserExistenceErrors": "ENABLED" if client.prevent_user_existence_errors else "LEGACY",
        "EnableTokenRevocation": True,
        "AuthSessionValidity": client.auth_session_minutes,
        "AccessTokenValidity": int(client.access_token_minutes),
        "IdTokenValidity": int(client.id_token_minutes),
        "RefreshTokenValidity": int(client.refresh_token_days),
        "TokenValidityUnits": {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "days"},
        "RefreshTokenRotation": {"Feature": feature, "RetryGracePeriodSeconds": client.rotation_grace_seconds},
    } | reads


def _groups(pool: PoolConfig, names: list[str]) -> list[Answer]:
    return [{"GroupName": name, "UserPoolId": pool.pool_id} for name in names]


def _paged(member: str, items: list[Answer], following: str | None) -> Answer:
    return {member: items} | ({"NextToken": following} if following else {})
