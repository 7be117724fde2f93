"""The role by which the warehouse reads the sample (COPY) and writes exports (UNLOAD): attached, and trusting it.

Used by `checks` before anything is made. A role that the backend's stack makes can be attached only once it is there:
`deploying` tells the command after each deployment until that is done.
Source: Amazon Redshift Management Guide, "Authorizing COPY, UNLOAD ... operations using IAM roles" and "Restricting
access to IAM roles", which has the services by Region.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra.deploy.parameters.parameters import Settings
from infra.deploy.prerequisites.check import Check, Target, answer
from infra.deploy.prerequisites.warehouse import IN_SYNC, Warehouse, attach_command

BY_STACK = "stack"
"""The value of the two parameters that has the backend's stack make the role."""

_DEFAULT = "default"
_UNLOAD, _COPY = "RedshiftUnloadRoleArn", "RedshiftCopyRoleArn"


def findings(target: Target) -> Iterator[str]:
    """What is wrong with the roles that the settings name; each role is looked at once."""
    warehouse = target.warehouse
    if warehouse is None:
        return
    names = {target.settings.value("backend", name): name for name in _used(target.settings)}
    for value, name in names.items():
        if value == _DEFAULT and not warehouse.default_role:
            yield _no_default(warehouse, target.settings, name)
        elif value != BY_STACK:
            role = warehouse.default_role if value == _DEFAULT else value.partition(",")[0]
            yield from _of_role(target, warehouse, role)


def unattached(target: Target, role: str) -> str | None:
    """What is left to be done with the role that the stack made; None when the warehouse has it."""
    warehouse = target.warehouse
    if warehouse is None or warehouse.roles.get(role) == IN_SYNC:
        return None
    return (
        f"{warehouse.shown} has yet to be given the role by which it writes exports and reads the sample. Attach it, "
        f"once: {attach_command(warehouse, target.settings, role)}"
    )


def _used(settings: Settings) -> Iterator[str]:
    """The parameters whose role has something to do: without a sample, none is read."""
    if settings.sample_rows or settings.value("backend", "SampleDataS3Path"):
        yield _COPY
    yield _UNLOAD


def _no_default(warehouse: Warehouse, settings: Settings, name: str) -> str:
    command = attach_command(warehouse, settings, "ROLE_ARN", default=True)
    return (
        f'{warehouse.shown} has no default role, which [backend] {name} says: write "{BY_STACK}" there and the '
        f"backend's stack makes one, or attach one of yours by {command}"
    )


def _of_role(target: Target, warehouse: Warehouse, role: str) -> Iterator[str]:
    status = warehouse.roles.get(role)
    if status is None:
        command = attach_command(warehouse, target.settings, role)
        yield f"{warehouse.shown} does not have the role {role}: attach it by {command}"
        return
    if status != IN_SYNC:
        yield f"{warehouse.shown} has the role {role} as {status}: wait until it is {IN_SYNC}, and run this again."
    name = role.rpartition("/")[2]
    found = answer(target.client("iam").get_role, "NoSuchEntity", RoleName=name).get("Role")
    if found is None:
        yield f"The role {role} is gone, though {warehouse.shown} has it: name another in [backend] {_UNLOAD}."
    elif not _trusts(found["AssumeRolePolicyDocument"], _services(warehouse, target.settings.region)):
        yield _no_trust(warehouse, target.settings, name, found["AssumeRolePolicyDocument"])


def _services(warehouse: Warehouse, region: str) -> set[str]:
    """A trust policy may name a service for one Region only."""
    regional = {f"{name.partition('.')[0]}.{region}.{name.partition('.')[2]}" for name in warehouse.trusted}
    return {*warehouse.trusted, *regional}


def _trusts(policy: Mapping[str, Any], services: set[str]) -> bool:
    """Whether a statement lets one of the services assume the role, whatever conditions it has."""
    return any(
        statement.get("Effect") == "Allow"
        and {"sts:AssumeRole", "sts:*", "*"} & set(_listed(statement.get("Action", ())))
        and services & set(_listed(_principals(statement)))
        for statement in _listed(policy.get("Statement", ()))
    )


def _principals(statement: Mapping[str, Any]) -> Any:
    principal = statement.get("Principal", {})
    return principal.get("Service", ()) if isinstance(principal, dict) else ()


def _listed(value: Any) -> list[Any]:
    """Where one is enough, IAM takes it without its list."""
    return list(value) if isinstance(value, list | tuple) else [value]


def _no_trust(warehouse: Warehouse, settings: Settings, name: str, policy: Mapping[str, Any]) -> str:
    """With the whole policy, since the command replaces what was there."""
    trust = {"Effect": "Allow", "Principal": {"Service": list(warehouse.trusted)}, "Action": "sts:AssumeRole"}
    wanted = {"Version": "2012-10-17", **policy, "Statement": [*_listed(policy.get("Statement", [])), trust]}
    text = json.dumps(wanted, separators=(",", ":"))
    command = settings.command("iam", "update-assume-role-policy", "--role-name", name, "--policy-document", text)
    return f"{warehouse.shown} may not assume the role {name}, which does not trust it: let it by {command}"


CHECK = Check(
    "the roles of [backend] RedshiftUnloadRoleArn and, with a sample, RedshiftCopyRoleArn are attached and trust it "
    "(iam:GetRole)",
    findings,
    lambda settings: any(settings.value("backend", name) != BY_STACK for name in _used(settings)),
)
