"""Quotas of the account, which are low in a new one. Used by `checks`.

Those of Lambda are asked of Lambda, the others by their names in Service Quotas; one that has no such name is not told.
Source: AWS Lambda API reference, "AccountLimit"; Service Quotas API reference, "ListServiceQuotas".
"""

from collections.abc import Iterator, Mapping
from typing import Any

from infra.deploy.parameters.parameters import Settings
from infra.deploy.prerequisites.check import Check, Note, Target

_WANTED = "1000"
"""What AWS gives to an account that is not new."""

_TASKS = "Fargate On-Demand vCPU resource count"
_UNITS = 1024
"""Of Fargate's CPU, in a virtual processor."""


def functions(target: Target) -> Iterator[str]:
    """How many functions may run at once. What is reserved for others is not to be had."""
    limit = target.client("lambda").get_account_settings()["AccountLimit"]
    free, least = limit["UnreservedConcurrentExecutions"], target.settings.lambda_concurrency
    if free < least:
        command = _request(target.settings, "lambda", "L-B99A9384", _WANTED)
        yield (
            f"Lambda runs no more than {free} functions at once for this account in {target.settings.region}, and each "
            f"panel of an open page takes one for a moment: ask for more by {command} or, to try it alone, write "
            f"lambda_concurrency = {free} into [deploy]."
        )


def tasks(target: Target) -> Iterator[str]:
    """Whether the dashboard's tasks may run: all of the fewest, and of the most."""
    quota, settings = _quota(target, "fargate", _TASKS), target.settings
    if quota is None:
        return
    one = int(settings.value("webapp", "TaskCpu")) / _UNITS
    least, most = (one * int(settings.value("webapp", name)) for name in ("MinTasks", "MaxTasks"))
    command = _request(settings, "fargate", quota["QuotaCode"], f"{max(most, 6):.0f}")
    if quota["Value"] < least:
        yield (
            f"Fargate runs {quota['Value']:g} vCPU for this account, and the dashboard takes {least:g}: ask for more "
            f"by {command}"
        )
    elif quota["Value"] < most:
        yield Note(
            f"Fargate runs {quota['Value']:g} vCPU for this account, and the dashboard under load takes {most:g}: ask "
            f"for more by {command}"
        )


def builds(target: Target) -> Iterator[str]:
    """Whether CodeBuild may build the image, where Docker cannot. To some new accounts it allows no build at all."""
    if target.has_docker():
        return
    yield Note(
        "Docker cannot build for arm64 on this machine: CodeBuild builds the image, about 10 minutes, some cents."
    )
    quota = _quota(target, "codebuild", "Concurrently running builds for ARM/Small environment")
    if quota is not None and quota["Value"] < 1:
        command = _request(target.settings, "codebuild", quota["QuotaCode"], "1")
        yield (
            "Docker cannot build the image on this machine, and CodeBuild runs no build for this account: install "
            f"Docker with buildx for linux/arm64, or ask for a build by {command}"
        )


def _quota(target: Target, service: str, name: str) -> Mapping[str, Any] | None:
    pages = target.client("service-quotas").get_paginator("list_service_quotas").paginate(ServiceCode=service)
    return next((quota for page in pages for quota in page["Quotas"] if quota["QuotaName"] == name), None)


def _request(settings: Settings, service: str, quota: str, value: str) -> str:
    return settings.command(
        *("service-quotas", "request-service-quota-increase", "--service-code", service),
        *("--quota-code", quota, "--desired-value", value),
    )


CHECKS = (
    Check(
        "Lambda may run [deploy] lambda_concurrency functions at once (lambda:GetAccountSettings)",
        functions,
    ),
    Check(
        "Fargate may run the dashboard's tasks (servicequotas:ListServiceQuotas)",
        tasks,
        required=False,
    ),
    Check(
        "the image can be built: by Docker for arm64 on this machine, else by CodeBuild "
        "(servicequotas:ListServiceQuotas)",
        builds,
        required=False,
    ),
)
