"""Asks the pool's Lambda function before an account is made, as Cognito does. Used by `sign_up` and `users`.

Source: Amazon Cognito developer guide, "Customizing user pool workflows with Lambda triggers" (5 s for an answer, three
attempts) and "Pre sign-up Lambda trigger".
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from infra.local.cognito.config import PoolConfig
from infra.local.cognito.errors import no_answer_of_function, refused_by_function, strange_answer_of_function
from infra.local.cognito.unsupported import UnsupportedSetting
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
