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
from infra.local.cognito.errors import code_expired, code_mismatch, invalid_parameter, not_authorized
from infra.local.cognito.pool import PoolConfig, UnsupportedSetting
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
from infra.local.endpoint.awsjson import ServiceError
from infra.local.lambda_.errors import FunctionError, FunctionTimeout

Request = dict[str, Any]
Answer = dict[str, Any]
Invoke = Callable[[str, Any, float | None], Any]

SELF = "PreSignUp_SignUp"
INVITED = "PreSignUp_AdminCreateUser"

PATIENCE = 5.0
ATTEMPTS = 3

_NO_CLIENT = "CLIENT_ID_NOT_APPLICABLE"
_UNDECIDED = {"autoConfirmUser": False, "autoVerifyEmail": False, "autoVerifyPhone": False}


def no_functions(name: str, *_: Any) -> Any:
    """For a pool without a trigger; another must be given what calls its function."""
    raise UnsupportedSetting(f"LambdaConfig: nothing here can call {name}.")


@dataclass(frozen=True)
class Triggers:
    """The function that the pool names, called by its name through `invoke`."""

    pool: PoolConfig
    invoke: Invoke

    def before_sign_up(
        self, username: str, source: str, attributes: Mapping[str, str], request: Mapping[str, Any]
    ) -> None:
        """Returns when the pool's function lets the account be made; otherwise raises one of AWS's three exceptions."""
        if self.pool.pre_sign_up is None:
            return
        answer = self._answer(self.pool.pre_sign_up, self._event(username, source, attributes, request))
        if not isinstance(answer, dict) or not isinstance(answer.get("response"), dict):
            raise ServiceError("InvalidLambdaResponseException", "Unrecognizable lambda output")
        if any(answer["response"].get(name) for name in _UNDECIDED):
            raise UnsupportedSetting("PreSignUp: confirming or verifying for a function is not emulated.")

    def _answer(self, arn: str, event: dict[str, Any]) -> Any:
        for _ in range(ATTEMPTS):
            try:
                return self.invoke(arn.rpartition(":")[2], event, PATIENCE)
            except FunctionTimeout:
                continue
            except FunctionError as error:
                message = f"PreSignUp failed with error {error.message}."
                raise ServiceError("UserLambdaValidationException", message) from error
        message = "PreSignUp invocation failed due to error Socket timeout while invoking Lambda function."
        raise ServiceError("UnexpectedLambdaException", message)

    def _event(
        self, username: str, source: str, attributes: Mapping[str, str], request: Mapping[str, Any]
    ) -> dict[str, Any]:
        """What the function gets about a SignUp or AdminCreateUser request."""
        validation = {entry["Name"]: entry.get("Value", "") for entry in request.get("ValidationData", ())}
        asked: dict[str, Any] = {"userAttributes": dict(attributes), "validationData": validation or None}
        if "ClientMetadata" in request:
            asked["clientMetadata"] = request["ClientMetadata"]
        client_id = request.get("ClientId", _NO_CLIENT)
        return {
            "version": "1",
            "region": self.pool.pool_id.partition("_")[0],
            "userPoolId": self.pool.pool_id,
            "userName": username,
            "callerContext": {"awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": client_id},
            "triggerSource": source,
            "request": asked,
            "response": dict(_UNDECIDED),
        }


@dataclass(frozen=True)
class SignUp:
    """The operations of registering, and those of resetting one's own password."""

    pool: PoolConfig
    accounts: Accounts
    codes: Codes
    auth: Auth
    triggers: Triggers

    def sign_up(self, request: Request) -> Answer:
        """SignUp: a user who still has to enter the announced code."""
        if not self.pool.allow_sign_up:
            raise not_authorized("SignUp is not permitted for this user pool")
        email, password = require_email(request["Username"]), request.get("Password", "")
        passwords.require_policy(self.pool.password_policy, password)
        given = parse_attributes(self.pool, request.get("UserAttributes", ()))
        require_writable(self.pool.client(request["ClientId"]), given)
        # Whoever registers may not vouch for their own address.
        given |= {"email": email}
        username = new_username()
        self.triggers.before_sign_up(username, SELF, given, request)
        given |= {"email_verified": "false"}
        account = self.accounts.add(Account(username, UNCONFIRMED, passwords.hashed(password), given))
        sent = self.codes.send(account, SIGN_UP)
        return {"UserConfirmed": False, "UserSub": account.username, "CodeDeliveryDetails": sent}

    def confirm(self, request: Request) -> Answer:
        """ConfirmSignUp: the code opens the account and proves the address."""
        account = self.accounts.find(request["Username"])
        if account is None:
            raise code_expired()
        if account.status != UNCONFIRMED:
            raise not_authorized(f"User cannot be confirmed. Current status is {account.status}")
        self.codes.spend(account, SIGN_UP, request["ConfirmationCode"])
        self.accounts.save(replace(account, status=CONFIRMED).with_attributes(email_verified="true"))
        return {}

    def resend(self, request: Request) -> Answer:
        """ResendConfirmationCode: a fresh code; the same is said for nobody."""
        account = self.accounts.find(request["Username"])
        if account is None:
            return {"CodeDeliveryDetails": delivery(request["Username"])}
        if account.status != UNCONFIRMED:
            raise invalid_parameter("User is already confirmed.")
        return {"CodeDeliveryDetails": self.codes.send(account, SIGN_UP)}

    def forgot_password(self, request: Request) -> Answer:
        """ForgotPassword: a code for a proven address; the same is said for nobody."""
        account = self.accounts.find(request["Username"])
        if account is None or not (account.enabled and account.status == CONFIRMED and account.email_verified):
            return {"CodeDeliveryDetails": delivery(request["Username"])}
        return {"CodeDeliveryDetails": self.codes.send(account, RESET)}

    def reset_password(self, request: Request) -> Answer:
        """ConfirmForgotPassword: the code and a new password; every session of the user ends."""
        # Before the user is looked for: a refusal only for known users would tell who exists.
        passwords.require_policy(self.pool.password_policy, request["Password"])
        account = self.accounts.find(request["Username"])
        if account is None:
            raise code_mismatch()
        self.codes.spend(account, RESET, request["ConfirmationCode"])
        self.auth.login_throttle.succeed(account.email)
        self.auth.renew(account, request["Password"])
        self.auth.sessions.revoke_all(account)
        return {}
