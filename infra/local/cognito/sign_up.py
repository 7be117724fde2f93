"""Registering oneself, and the way back after a forgotten password. Used by `service` and the hosted pages.

Before an account is made, here or by an administrator, the pool's Lambda function is asked, as Cognito does.
Source: Amazon Cognito developer guide, "Customizing user pool workflows with Lambda triggers" (5 s for an answer, three
attempts) and "Pre sign-up Lambda trigger".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from infra.local.cognito import passwords
from infra.local.cognito.auth import Auth
from infra.local.cognito.codes import RESET, SIGN_UP, Codes, delivery
from infra.local.cognito.errors import (
    code_expired,
    code_mismatch,
    invalid_parameter,
    no_answer_of_function,
    not_authorized,
    refused_by_function,
    strange_answer_of_function,
)
from infra.local.cognito.pool import PoolConfig, Pools, UnsupportedSetting
from infra.local.cognito.users import (
    CONFIRMED,
    UNCONFIRMED,
    Account,
    Accounts,
    new_username,
    parse_attributes,
    require_email,
    require_writable,
)
from infra.local.lambda_.errors import FunctionError, FunctionTimeout

Invoke = Callable[[str, Any, float | None], Any]

SELF = "PreSignUp_SignUp"
INVITED = "PreSignUp_AdminCreateUser"

PATIENCE = 5.0
ATTEMPTS = 3

_NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
_UNDECIDED = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}


def no_functions(name: str, *_: Any) -> Any:
    """For pools without triggers; the others must be given what calls their functions."""
    raise UnsupportedSetting(f"LambdaConfig: nothing here can call {name}.")


@dataclass(frozen=True)
class Triggers:
    """The functions that the pools name, each called by its name through `invoke`."""

    invoke: Invoke

    def before_sign_up(
        self, pool: PoolConfig, username: str, source: str, attributes: Mapping[str, str], request: Mapping[str, Any]
    ) -> None:
        """Returns when the pool's function lets the account be made; otherwise raises one of AWS's three exceptions."""
        if pool.pre_sign_up is None:
            return
        answer = self._answer(pool.pre_sign_up, pre_sign_up_event(pool, username, source, attributes, request))
        if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
            raise strange_answer_of_function()
        if any(answer["response"].get(name) for name in _UNDECIDED):
            raise UnsupportedSetting("PreSignUp: confirming or verifying for a function is not emulated.")

    def _answer(self, arn: str, event: dict[str, Any]) -> Any:
        for _ in range(ATTEMPTS):
            try:
                return self.invoke(arn.rpartition(":")[2], event, PATIENCE)
            except FunctionTimeout:
                continue
            except FunctionError as error:
                raise refused_by_function("PreSignUp", error.message) from error
        raise no_answer_of_function("PreSignUp")


def pre_sign_up_event(
    pool: PoolConfig, username: str, source: str, attributes: Mapping[str, str], request: Mapping[str, Any]
) -> dict[str, Any]:
    """What the function gets about a SignUp or AdminCreateUser request."""
    validation = {entry["Name"]: entry.get("Value", "") for entry in request.get("ValidationData", ())}
    asked: dict[str, Any] = {"userAttributes": dict(attributes), "validationData": validation or None}
    if "ClientMetadata" in request:
        asked["clientMetadata"] = request["ClientMetadata"]
    return {
        "version": "1",
        "region": pool.pool_id.partition("_")[0],
        "userPoolId": pool.pool_id,
        "userName": username,
        "callerContext": {
            "awsSdkVersion": "aws-sdk-unknown-unknown",
            "clientId": request.get("ClientId", _NO_CLIENT),
        },
        "triggerSource": source,
        "request": asked,
        "response": dict(_UNDECIDED),
    }


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
        email = require_email(request["Username"])
        password = request.get("Password", "")
        passwords.require_policy(pool.password_policy, password)
        given = parse_attributes(pool, request.get("UserAttributes", ()))
        require_writable(client, given)
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
        pool, _ = self.pools.client(request["ClientId"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is None:
            raise code_expired()
        if account.status != UNCONFIRMED:
            raise not_authorized(f"User cannot be confirmed. Current status is {account.status}")
        self.codes.spend(account, SIGN_UP, request["ConfirmationCode"])
        self.open(account)
        return {}

    def resend(self, request: Request) -> Answer:
        """ResendConfirmationCode: a fresh code; the same is said for nobody."""
        pool, _ = self.pools.client(request["ClientId"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is None:
            return {"CodeDeliveryDetails": delivery(request["Username"])}
        if account.status != UNCONFIRMED:
            raise invalid_parameter("User is already confirmed.")
        return {"CodeDeliveryDetails": self.codes.send(account, SIGN_UP)}

    def open(self, account: Account) -> Account:
        """Confirm a user and their address."""
        return self.accounts.save(replace(account, status=CONFIRMED).with_attributes(email_verified="true"))


@dataclass(frozen=True)
class Recovery:
    """The two operations of resetting one's own password."""

    pools: Pools
    accounts: Accounts
    codes: Codes
    auth: Auth

    def forgot(self, request: Request) -> Answer:
        """ForgotPassword: send a code; the same is said for nobody."""
        pool, _ = self.pools.client(request["ClientId"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is not None and _can_reset(account):
            return {"CodeDeliveryDetails": self.codes.send(account, RESET)}
        return {"CodeDeliveryDetails": delivery(request["Username"])}

    def confirm(self, request: Request) -> Answer:
        """ConfirmForgotPassword: the code and a new password; every session of the user ends."""
        pool, _ = self.pools.client(request["ClientId"])
        # Before the user is looked for: a refusal only for known users would tell who exists.
        passwords.require_policy(pool.password_policy, request["Password"])
        account = self.accounts.find(pool.pool_id, request["Username"])
        if account is None:
            raise code_mismatch()
        self.codes.spend(account, RESET, request["ConfirmationCode"])
        self.auth.login_throttle.succeed(pool.pool_id, account.email)
        self.auth.renew(account, request["Password"])
        self.auth.sessions.revoke_all(account)
        return {}


def _can_reset(account: Account) -> bool:
    return account.enabled and account.status == CONFIRMED and account.email_verified
