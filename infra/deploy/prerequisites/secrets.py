"""The secrets that the settings name: they are there. What is in them is read by nobody here. Used by `checks`."""

from collections.abc import Iterator

from infra.deploy.parameters.parameters import Settings
from infra.deploy.prerequisites.check import Check, Target, answer

_NAMED = (("backend", "SetupSecretArn"), ("cognito", "OidcClientSecretArn"))


def findings(target: Target) -> Iterator[str]:
    """A sentence for each that is missing."""
    for stack, name in _NAMED:
        arn = target.settings.value(stack, name)
        describe = target.client("secretsmanager").describe_secret
        if arn and not answer(describe, "ResourceNotFoundException", SecretId=arn):
            yield f"There is no secret {arn}: look at [{stack}] {name}."


def _any(settings: Settings) -> bool:
    return any(settings.value(stack, name) for stack, name in _NAMED)


CHECK = Check(
    "the secrets of [backend] SetupSecretArn and [cognito] OidcClientSecretArn are there "
    "(secretsmanager:DescribeSecret)",
    findings,
    _any,
)
