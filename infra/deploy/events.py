"""What CloudFormation did to a stack, by its events: told as it happens, and searched for the first failure.

Used by `stacks`.
Source: AWS CloudFormation, "DescribeStackEvents": all events of a stack, the newest first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

_STACK = "AWS::CloudFormation::Stack"
_BEGINNINGS = {"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "IMPORT_IN_PROGRESS"}
_HINTS = {
    "AWS::Cognito::UserPoolDomain": "If the prefix is taken, choose another DomainPrefix.",
    "AWS::CloudFront::Distribution": "A new account has to be verified by AWS support before it gets one.",
    "AWS::ECS::Service": "The tasks did not become healthy: the log group of the stack tells why.",
    "AWS::SSM::Parameter": "If the name is taken, by another deployment, choose other ...SSMParameterName.",
    "AWS::DynamoDB::Table": "If the name is taken, by another deployment, choose another DDBTableName.",
    "Custom::RedshiftSetup": "docs/warehouse.md tells what the setup of the warehouse needs.",
}

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Failure:
    """The resource that failed first, and why in CloudFormation's words. What failed later mostly failed by it."""

    logical_id: str
    type: str
    reason: str

    def __str__(self) -> str:
        reason = " ".join(self.reason.split()).rstrip(".") or "CloudFormation gives no reason"
        return f"{self.logical_id} ({self.type}): {reason}."

    @property
    def hint(self) -> str:
        """What mostly is behind it when such a resource could not be made; empty for most."""
        return _HINTS.get(self.type, "")


@dataclass
class Events:
    """The events of one stack, by its id: when it is removed, nothing has its name any more.

    `begun` says whether anything happened that was not skipped. A stack's status alone does not: just after an order it
    may still be the one before.
    """

    client: Any
    stack_id: str
    begun: bool = False
    _told: set[str] = field(default_factory=set)

    def skip(self) -> None:
        """What has happened until now is not told."""
        self._told.update(event["EventId"] for event in self._last_operation())

    def news(self) -> list[str]:
        """A line for each resource that has come to an end since the last look."""
        fresh = list(takewhile(lambda event: event["EventId"] not in self._told, self._last_operation()))
        self._told.update(event["EventId"] for event in fresh)
        self.begun = self.begun or bool(fresh)
        ended = [event for event in reversed(fresh) if not event["ResourceStatus"].endswith("IN_PROGRESS")]
        return [f"  {event['ResourceStatus']:<20} {event['LogicalResourceId']}" for event in ended]

    def first_failure(self) -> Failure | None:
        """What failed first in the last operation."""
        return next(iter(self.failures()), None)

    def failures(self) -> list[Failure]:
        """What failed in it, the first first."""
        failed = [one for one in self._last_operation() if one["ResourceStatus"].endswith("_FAILED")]
        resources = [one for one in failed if one["ResourceType"] != _STACK] or failed
        return [_failure(event) for event in reversed(resources)]

    def _last_operation(self) -> Iterator[Event]:
        """Backwards to where the stack as a whole began to be made, changed or removed."""
        for event in self._all():
            yield event
            if event["ResourceType"] == _STACK and event["ResourceStatus"] in _BEGINNINGS:
                return

    def _all(self) -> Iterator[Event]:
        for page in self.client.get_paginator("describe_stack_events").paginate(StackName=self.stack_id):
            yield from page["StackEvents"]


def _failure(event: Event) -> Failure:
    return Failure(event["LogicalResourceId"], event["ResourceType"], event.get("ResourceStatusReason", ""))
