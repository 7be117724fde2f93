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
_WAYS_BACK = {"ROLLBACK_IN_PROGRESS", "UPDATE_ROLLBACK_IN_PROGRESS"}
_HINTS = {
    "AWS::Cognito::UserPoolDomain": "If the prefix is taken, choose another DomainPrefix.",
    "AWS::CloudFront::Distribution": "A new account has to be verified by AWS support before it gets one.",
    "AWS::ECS::Service": "The tasks did not become healthy: the log group of the stack tells why.",
    "AWS::SSM::Parameter": "If the name is taken, by another deployment, choose other ...SSMParameterName.",
    "AWS::DynamoDB::Table": "If the name is taken, by another deployment, choose another DDBTableName.",
    "Custom::RedshiftSetup": "docs/warehouse.md tells what the setup of the warehouse needs.",
}

_ENOUGH = 12
"""Looks without news, about a minute, after which a person wants to hear something."""

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
    _looks_in_vain: int = 0

    def skip(self) -> None:
        """What has happened until now is not told."""
        self._told.update(event["EventId"] for event in self._last_operation())

    def news(self) -> list[str]:
        """A line for each resource that has come to an end since the last look; now and then, what is awaited."""
        operation = list(self._last_operation())
        fresh = list(takewhile(lambda event: event["EventId"] not in self._told, operation))
        self._told.update(event["EventId"] for event in fresh)
        self.begun = self.begun or bool(fresh)
        ended = [event for event in reversed(fresh) if not _is_under_way(event)]
        self._looks_in_vain = 0 if ended else self._looks_in_vain + 1
        if self._looks_in_vain == _ENOUGH:
            self._looks_in_vain = 0
            return _awaited(operation)
        return [f"  {event['ResourceStatus']:<20} {event['LogicalResourceId']}" for event in ended]

    def first_failure(self) -> Failure | None:
        """What failed first in the last operation, whatever failed on the way back."""
        return _first(self._last_operation())

    def last_obstacle(self) -> Failure | None:
        """What failed first since the last operation or, if it failed, the way back began: what is in the way now."""
        return _first(self._since(_BEGINNINGS | _WAYS_BACK))

    def _last_operation(self) -> Iterator[Event]:
        return self._since(_BEGINNINGS)

    def _since(self, statuses: set[str]) -> Iterator[Event]:
        """Backwards to where the stack as a whole came to one of these."""
        for event in self._all():
            yield event
            if event["ResourceType"] == _STACK and event["ResourceStatus"] in statuses:
                return

    def _all(self) -> Iterator[Event]:
        for page in self.client.get_paginator("describe_stack_events").paginate(StackName=self.stack_id):
            yield from page["StackEvents"]


def _is_under_way(event: Event) -> bool:
    return str(event["ResourceStatus"]).endswith("IN_PROGRESS")


def _awaited(operation: list[Event]) -> list[str]:
    """A line with the resources whose newest event is no end; none where there are none."""
    newest = {event["LogicalResourceId"]: event for event in reversed(operation) if event["ResourceType"] != _STACK}
    names = sorted(name for name, event in newest.items() if _is_under_way(event))
    return [f"  waiting for {', '.join(names)} ..."] if names else []


def _first(backwards: Iterator[Event]) -> Failure | None:
    """The earliest failure, of a resource if there is one."""
    failed = [event for event in backwards if event["ResourceStatus"].endswith("_FAILED")]
    resources = [event for event in failed if event["ResourceType"] != _STACK] or failed
    if not resources:
        return None
    first = resources[-1]
    return Failure(first["LogicalResourceId"], first["ResourceType"], first.get("ResourceStatusReason", ""))
