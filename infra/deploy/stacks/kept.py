"""What outlives its stack, by the templates' DeletionPolicy: found, told and, if wanted, deleted. Used by `destroying`.

It is found in what CloudFormation remembers of deleted stacks, so a removal that was interrupted can be ended.
Source: AWS CloudFormation, "ListStackResources": deleted stacks are known for 90 days, and what was kept of them has
the status DELETE_SKIPPED.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.aws import Aws
from infra.deploy.errors import code


@dataclass(frozen=True)
class Kind:
    """A type of resource that is kept. `ask` fails with the error `absent` when there is none.

    `delete` is None for what is not ours alone; `otherwise` says how to be rid of it.
    """

    what: str
    ask: Callable[[Aws, str], Any]
    absent: str
    delete: Callable[[Aws, str], None] | None
    otherwise: str = "make destroy ARGS=--data-too deletes it for ever"


@dataclass(frozen=True)
class Kept:
    """A resource that is still there though its stack is not."""

    kind: Kind
    name: str

    def __str__(self) -> str:
        return f"{self.kind.what}, {self.name}: {self.kind.otherwise}."


def kept(aws: Aws, stacks: set[str]) -> list[Kept]:
    """What is there of deleted stacks with these names."""
    return [
        Kept(_KINDS[resource["ResourceType"]], resource["PhysicalResourceId"])
        for stack_id in _deleted(aws, stacks)
        for resource in _skipped(aws, stack_id)
        if resource["ResourceType"] in _KINDS and _is_there(aws, resource)
    ]


def _deleted(aws: Aws, names: set[str]) -> Iterator[str]:
    pages = aws.client("cloudformation").get_paginator("list_stacks").paginate(StackStatusFilter=["DELETE_COMPLETE"])
    for page in pages:
        yield from (stack["StackId"] for stack in page["StackSummaries"] if stack["StackName"] in names)


def _skipped(aws: Aws, stack_id: str) -> Iterator[Mapping[str, Any]]:
    pages = aws.client("cloudformation").get_paginator("list_stack_resources").paginate(StackName=stack_id)
    for page in pages:
        yield from (one for one in page["StackResourceSummaries"] if one["ResourceStatus"] == "DELETE_SKIPPED")


def _is_there(aws: Aws, resource: Mapping[str, Any]) -> bool:
    kind = _KINDS[resource["ResourceType"]]
    try:
        kind.ask(aws, resource["PhysicalResourceId"])
    except ClientError as error:
        if code(error) != kind.absent:
            raise
        return False
    return True


def _ask_pool(aws: Aws, name: str) -> Any:
    return aws.client("cognito-idp").describe_user_pool(UserPoolId=name)


def _delete_pool(aws: Aws, name: str) -> None:
    """Cognito refuses while the pool is protected; what else this update sets back goes with the pool."""
    client = aws.client("cognito-idp")
    client.update_user_pool(UserPoolId=name, DeletionProtection="INACTIVE")
    client.delete_user_pool(UserPoolId=name)


def _ask_table(aws: Aws, name: str) -> Any:
    return aws.client("dynamodb").describe_table(TableName=name)


def _delete_table(aws: Aws, name: str) -> None:
    aws.client("dynamodb").delete_table(TableName=name)


def _ask_role(aws: Aws, name: str) -> Any:
    return aws.client("iam").get_role(RoleName=name)


_KINDS: Mapping[str, Kind] = {
    "AWS::Cognito::UserPool": Kind("The accounts", _ask_pool, "ResourceNotFoundException", _delete_pool),
    "AWS::DynamoDB::Table": Kind("Who took which rows away", _ask_table, "ResourceNotFoundException", _delete_table),
    "AWS::IAM::Role": Kind(
        "The role by which API Gateway writes logs",
        _ask_role,
        "NoSuchEntity",
        None,
        "other APIs of this Region may log by it; if none does, delete it in IAM",
    ),
}
