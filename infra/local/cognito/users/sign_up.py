"""Registering oneself: sign up, confirm with the code, have it sent again. Used by `api` and the hosted pages."""

from dataclasses import dataclass, replace
from typing import Any

from infra.local.cognito.config import ClientConfig
from infra.local.cognito.errors import code_expired, invalid_parameter, not_authorized, user_not_found
from infra.local.cognito.pools import Pools
from infra.local.cognito.triggers import SELF, Triggers
from infra.local.cognito.users import attributes, passwords
from infra.local.cognito.users.accounts import CONFIRMED, UNCONFIRMED, Account, Accounts, new_username
from infra.local.cognito.users.codes import SIGN_UP, Codes, delivery

Request = dict[str, Any]
Answer = dict[str, Any]


@dataclass(frozen=True)
class SignUp:
    """The three operations of registering."""

    pools: Pools
    accounts: Accounts
    codes: Codes
    triggers: Triggers

    def sign_up(self, request: Request) -> Answer:
        """SignUp: a user who still has to enter the announced code."""
        pool, client = self.pools.client(request["ClientId"])
        if not pool.allow_sign_up:
            raise not_authorized("SignUp is not permitted for this user pool")
        email = attributes.require_email(request["Username"])
        password = request.get("Password", "")
        passwords.require_policy(pool.password_policy, password)
        given = attributes.parse(pool, request.get("UserAttributes", ()))
        attributes.require_writable(client, given)
        # Whoever registers may not vouch for their own address.
        given |= {"email": email}
        username = new_username()
        self.triggers.before_sign_up(pool, username, SELF, given, request)
        given |= {"email_verified": "false"}
        account = self.accounts.add(Account(pool.pool_id, username, UNCONFIRMED, passwords.hashed(password), given))
        sent = self.codes.send(account, SIGN_UP)
        return {"UserConfirmed": False, "UserSub": account.username, "CodeDeliveryDetails": sent}

    def confirm(self, request: Request) -> Answer:
        """ConfirmSignUp: the code opens the account."""
        pool, client = self.pools.client(request["ClientId"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is None:
            raise _unknown(client)
        if account.status != UNCONFIRMED:
            raise not_authorized(f"User cannot be confirmed. Current status is {account.status}")
        self.codes.spend(account, SIGN_UP, request["ConfirmationCode"])
        self.open(account)
        return {}

    def resend(self, request: Request) -> Answer:
        """ResendConfirmationCode: a fresh code; one for nobody where existence is kept secret."""
        pool, client = self.pools.client(request["ClientId"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is None:
            if client.prevent_user_existence_errors:
                return {"CodeDeliveryDetails": delivery(request["Username"])}
            raise user_not_found()
        if account.status != UNCONFIRMED:
            raise invalid_parameter("User is already confirmed.")
        return {"CodeDeliveryDetails": self.codes.send(account, SIGN_UP)}

    def open(self, account: Account) -> Account:
        """Confirm a user and their address."""
        return self.accounts.save(replace(account, status=CONFIRMED).with_attributes(email_verified="true"))


def _unknown(client: ClientConfig) -> Exception:
    return code_expired() if client.prevent_user_existence_errors else user_not_found()
