"""Names that the stacks would take: free, or taken by these same stacks. Used by `checks`.

While a stack is being made or changed, it is not known yet which names are its own: they were free when that began.
"""

from collections.abc import Iterator

from infra.deploy.prerequisites.check import Check, Target, answer

_PARAMETERS = ("WebSocketEndpointSSMParameterName", "RestApiEndpointSSMParameterName")


def table(target: Target) -> Iterator[str]:
    """The table of the runs."""
    name = target.settings.value("backend", "DDBTableName")
    describe = target.client("dynamodb").describe_table
    if _must_be_free(target, "backend", name) and answer(describe, "ResourceNotFoundException", TableName=name):
        yield _taken(target, "backend", "DDBTableName", f"A table {name}")


def parameters(target: Target) -> Iterator[str]:
    """The parameters by which the dashboard finds the APIs."""
    wanted = {target.settings.value("backend", name): name for name in _PARAMETERS}
    found = target.client("ssm").get_parameters(Names=list(wanted))["Parameters"]
    for name in sorted({one["Name"] for one in found}):
        if _must_be_free(target, "backend", name):
            yield _taken(target, "backend", wanted[name], f"A parameter {name} of Systems Manager")


def domain(target: Target) -> Iterator[str]:
    """The address of the sign-in pages. That another account has it, Cognito may tell only when it is to be made."""
    prefix = target.settings.value("cognito", "DomainPrefix")
    pool = target.client("cognito-idp").describe_user_pool_domain(Domain=prefix)["DomainDescription"].get("UserPoolId")
    if pool and _must_be_free(target, "cognito", prefix) and pool not in _own(target, "cognito"):
        yield _taken(target, "cognito", "DomainPrefix", f"A sign-in address {prefix}")


def _must_be_free(target: Target, stack: str, name: str) -> bool:
    """Whether nobody may have the name yet: it is no resource of the stack, nor is the stack being made just now."""
    found = target.found.get(stack)
    return not (found is not None and found.under_way) and name not in _own(target, stack)


def _own(target: Target, stack: str) -> set[str]:
    """The physical names of the stack's resources, none if there is no such stack."""
    found = target.found.get(stack)
    return set() if found is None else set(target.stacks.resources(found.id))


def _taken(target: Target, stack: str, parameter: str, what: str) -> str:
    own = target.settings.stack_name(stack)
    return f"{what} is in {target.settings.region} already, and not of {own}: write another [{stack}] {parameter}."


CHECKS = (
    Check("the name of [backend] DDBTableName is free, or ours (dynamodb:DescribeTable)", table),
    Check("the names of the two parameters of Systems Manager are free, or ours (ssm:GetParameters)", parameters),
    Check("the prefix of [cognito] DomainPrefix is free, or ours (cognito-idp:DescribeUserPoolDomain)", domain),
)
