"""A forgotten password: a mailed code, then a new password. Used by `api` and the hosted pages."""

from dataclasses import dataclass
from typing import Any

from infra.local.cognito.config import ClientConfig
from infra.local.cognito.errors import code_mismatch, invalid_parameter, user_not_found
from infra.local.cognito.pools import Pools
from infra.local.cognito.sign_in.auth import Auth
from infra.local.cognito.users import passwords
from infra.local.cognito.users.accounts import CONFIRMED, Account, Accounts
from infra.local.cognito.users.codes import RESET, Codes, delivery

Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class Recovery:
    """The two operations of resetting one's own password."""

    pools: Pools
    accounts: Accounts
    codes: Codes
    auth: Auth

    def forgot(self, request: Request) -> Answer:
        """ForgotPassword: send a code; say the same for nobody where existence is kept secret."""
        pool, client = self.pools.client(request["ClientId"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is not None and _can_reset(account):
            return {"CodeDeliveryDetails": self.codes.send(account, RESET)}
        if client.prevent_user_existence_errors:
            return {"CodeDeliveryDetails": delivery(request["Username"])}
        if account is None:
            raise user_not_found()
        raise invalid_parameter("Cannot reset password for the user as there is no registered/verified email")

    def confirm(self, request: Request) -> Answer:
        """ConfirmForgotPassword: the code and a new password; every session of the user ends."""
        pool, client = self.pools.client(request["ClientId"])
        # Before the user is looked for: a refusal only for known users would tell who exists.
        passwords.require_policy(pool.password_policy, request["Password"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is None:
            raise _unknown(client)
        self.codes.spend(account, RESET, request["ConfirmationCode"])
        self.auth.login_throttle.succeed(pool.pool_id, account.email)
        self.auth.renew(account, request["Password"])
        self.auth.sessions.revoke_all(account)
        return {}


def _can_reset(account: Account) -> bool:
    return account.enabled and account.status == CONFIRMED and account.email_verified


def _unknown(client: ClientConfig) -> Exception:
    return code_mismatch() if client.prevent_user_existence_errors else user_not_found()
