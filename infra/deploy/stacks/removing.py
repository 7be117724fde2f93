"""Takes one stack away, emptying first what CloudFormation does not delete. Used by `deploying` and `destroying`.

Source: AWS CloudFormation, "Delete a stack": buckets and repositories must be empty.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from infra.deploy.aws import Aws
from infra.deploy.errors import DeployError
from infra.deploy.stacks.emptying import empty_bucket, empty_repository
from infra.deploy.stacks.events import Events
from infra.deploy.stacks.stacks import NOTHING_NAMED, ONLY_PLANNED, Stack, Stacks

_ATTEMPTS = 3
"""A load balancer that is being removed still writes its log into a bucket that was empty."""
_GONE = {"DELETE_COMPLETE", "DELETE_SKIPPED"}


@dataclass(frozen=True)
class Removing:
    """Removes stacks of `account`."""

    aws: Aws
    stacks: Stacks
    account: str

    def remove(self, stack: Stack) -> None:
        """Empties and deletes the stack, and waits for it; `DeployError` with what could not be deleted."""
        left: Stack | None = stack
        for _ in range(_ATTEMPTS):
            if left is None:
                return
            left = self._once(left)
        if left is not None:
            first = Events(self.stacks.client, left.id).first_failure() or NOTHING_NAMED
            raise DeployError(f"{left.name} could not be removed. {first} Mend that, and run this again.")

    def _once(self, stack: Stack) -> Stack | None:
        """What is left of the stack."""
        for resource in self._resources(stack):
            self._empty(resource)
        events = Events(self.stacks.client, stack.id)
        events.skip()
        self.stacks.client.delete_stack(StackName=stack.id)
        if stack.status == ONLY_PLANNED:
            return None
        return self.stacks.wait(stack.name, events)

    def _resources(self, stack: Stack) -> Iterator[Mapping[str, Any]]:
        for page in self.stacks.client.get_paginator("list_stack_resources").paginate(StackName=stack.id):
            yield from (one for one in page["StackResourceSummaries"] if one["ResourceStatus"] not in _GONE)

    def _empty(self, resource: Mapping[str, Any]) -> None:
        name = resource.get("PhysicalResourceId")
        if name and resource["ResourceType"] == "AWS::S3::Bucket":
            self.stacks.say(f"  emptying the bucket {name} ...")
            empty_bucket(self.aws.client("s3"), name, self.account)
        if name and resource["ResourceType"] == "AWS::ECR::Repository":
            self.stacks.say(f"  emptying the repository {name} ...")
            empty_repository(self.aws.client("ecr"), name)
