"""What administrators do with users, and users with themselves by access token. Used by `api` and `oauth`."""

from dataclasses import dataclass, replace
from typing import Any

from infra.local.cognito.config import SDK_SCOPE, PoolConfig
from infra.local.cognito.errors import TokenExpired, TokenInvalid, not_authorized
from infra.local.cognito.paging import page
from infra.local.cognito.pools import Pools
from infra.local.cognito.sign_in.auth import Auth
from infra.local.cognito.sign_in.tokens import Claims
from infra.local.cognito.triggers import INVITED, Triggers
from infra.local.cognito.users import attributes, passwords
from infra.local.cognito.users.accounts import (
    CONFIRMED,
    FORCE_CHANGE_PASSWORD,
    UNCONFIRMED,
    Account,
    Accounts,
    new_username,
)
from infra.local.cognito.users.codes import Announce
from infra.local.cognito.users.filters import predicate
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
        email = attributes.require_email(request["Username"])
        password = request.get("TemporaryPassword") or passwords.temporary(pool.password_policy)
        passwords.require_policy(pool.password_policy, password)
        if request.get("MessageAction") == "RESEND":
            account = self._reinvite(self.accounts.get(pool.pool_id, email))
        else:
            given = attributes.parse(pool, request.get("UserAttributes", ())) | {"email": email}
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

    def confirm(self, request: Request) -> Answer:
        """AdminConfirmSignUp: no code needed; the address stays unverified, as on AWS."""
        _, account = self._named(request)
        if account.status != UNCONFIRMED:
            raise not_authorized(f"User cannot be confirmed. Current status is {account.status}")
        self.accounts.save(replace(account, status=CONFIRMED))
        return {}

    def get(self, request: Request) -> Answer:
        """AdminGetUser."""
        _, account = self._named(request)
        described = describe(account)
        return {**described, "UserAttributes": described.pop("Attributes")}

    def update(self, request: Request) -> Answer:
        """AdminUpdateUserAttributes; a changed email counts as unverified unless said otherwise; "" removes."""
        pool, account = self._named(request)
        changes = attributes.parse(pool, request["UserAttributes"])
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
        """ListUsers, filtered and paged."""
        pool = self.pools.pool(request["UserPoolId"])
        found = [a for a in self.accounts.all(pool.pool_id) if predicate(request.get("Filter"))(a)]
        shown, following = page(found, request.get("Limit"), request.get("PaginationToken"))
        users = [describe(account, request.get("AttributesToGet")) for account in shown]
        return {"Users": users} | ({"PaginationToken": following} if following else {})

    def get_self(self, request: Request) -> Answer:
        """GetUser, by access token: what its application reads."""
        account, claims = self.by_access_token(request["AccessToken"], SDK_SCOPE)
        _, client = self.pools.client(claims["client_id"])
        shown = [one for one in attributes.render(account) if one["Name"] == "sub" or client.reads(one["Name"])]
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


def describe(account: Account, only: list[str] | None = None) -> Answer:
    """AWS's UserType; times are epoch seconds on the wire."""
    shown = [a for a in attributes.render(account) if only is None or a["Name"] in only]
    return {
        "Username": account.username,
        "Attributes": shown,
        "UserCreateDate": account.created,
        "UserLastModifiedDate": account.modified,
        "Enabled": account.enabled,
        "UserStatus": account.status,
    }
