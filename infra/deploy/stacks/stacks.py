"""Brings one stack to what its template says, by a change set, from whatever state an earlier deployment left it in.

Used by `deploying`; `removing` takes stacks away.
Source: AWS CloudFormation, "Understand stack creation events" (status codes) and "Update stacks using change sets".
"""

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError

from infra.deploy.errors import DeployError, code
from infra.deploy.stacks.events import Events
from infra.deploy.stacks.polling import Polling

Say = Callable[[str], None]

ONLY_PLANNED = "REVIEW_IN_PROGRESS"
"""A change set was made for a stack that does not exist yet: it waits for us, not we for it."""
NOTHING_NAMED = "CloudFormation names no resource."
NEVER_WORKED = {"CREATE_FAILED", "ROLLBACK_COMPLETE", "ROLLBACK_FAILED"}
_WORKS = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_STUCK = {
    "DELETE_FAILED": "its removal was begun and failed. End it by make destroy, then deploy again",
    "UPDATE_FAILED": "an update stopped half way. Run aws cloudformation rollback-stack --stack-name {name}, "
    "then deploy again",
    "UPDATE_ROLLBACK_FAILED": "an update failed, and so did the way back. Mend what is named below, run "
    "aws cloudformation continue-update-rollback --stack-name {name}, then deploy again",
}
_NOTHING_TO_DO = ("didn't contain changes", "No updates are to be performed")
_CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
_DATA = {"AWS::Cognito::UserPool", "AWS::DynamoDB::Table"}
_SIGNS = {"Add": "+", "Modify": "~", "Remove": "-"}


@dataclass(frozen=True)
class Stack:
    """A stack as CloudFormation knows it."""

    name: str
    id: str
    status: str
    outputs: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    description: str = ""

    @property
    def under_way(self) -> bool:
        """Whether something is being done to it."""
        return self.status.endswith("_IN_PROGRESS") and self.status != ONLY_PLANNED


@dataclass(frozen=True)
class Wanted:
    """What a stack is to be. `template` is `by_text` or `by_url`; every parameter has a value."""

    name: str
    template: Mapping[str, str]
    parameters: Mapping[str, str]


def by_text(text: str) -> dict[str, str]:
    """A template of up to 51,200 bytes."""
    return {"TemplateBody": text}


def by_url(url: str) -> dict[str, str]:
    """A template of up to 1 MB, in S3."""
    return {"TemplateURL": url}


@dataclass(frozen=True)
class Stacks:
    """The stacks of one account and Region. `client` is boto3's for cloudformation; `say` takes lines for a person.

    Without `replace_data`, no change leaves accounts or the audit behind.
    """

    client: Any
    say: Say
    polling: Polling = field(default_factory=Polling)
    replace_data: bool = False

    def find(self, name: str) -> Stack | None:
        """The stack by name or id, unless there is none. A name of a right form is refused only for not being there."""
        try:
            (found,) = self.client.describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if code(error) != "ValidationError":
                raise
            return None
        outputs = {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", ())}
        parameters = {one["ParameterKey"]: one["ParameterValue"] for one in found.get("Parameters", ())}
        description = found.get("Description", "")
        return Stack(found["StackName"], found["StackId"], found["StackStatus"], outputs, parameters, description)

    def resources(self, stack_id: str) -> Iterator[str]:
        """The physical names of a stack's resources."""
        for page in self.client.get_paginator("list_stack_resources").paginate(StackName=stack_id):
            yield from (
                one["PhysicalResourceId"] for one in page["StackResourceSummaries"] if "PhysicalResourceId" in one
            )

    def obstacle(self, stack: Stack) -> str | None:
        """What a person has to do before the stack can be deployed; None for most states."""
        if stack.status not in _STUCK:
            return None
        first = Events(self.client, stack.id).last_obstacle() or NOTHING_NAMED
        return f"{stack.name} is {stack.status}: {_STUCK[stack.status].format(name=stack.name)}. {first}"

    def settled(self, name: str) -> Stack | None:
        """The stack when nothing is being done to it any more, an interrupted deployment's doings first of all."""
        found = self.find(name)
        if found is None or not found.under_way:
            return found
        self.say(f"{name}: {found.status}, begun before; waiting for its end ...")
        return self.wait(name, Events(self.client, found.id))

    def wait(self, name: str, events: Events) -> Stack | None:
        """Waits until what was begun after the last event is over, and tells of it; None if the stack is gone then."""

        def ended() -> tuple[Stack | None] | None:
            self._say_all(events.news())
            begun, now = events.begun, self.find(events.stack_id)
            if now is not None and (now.under_way or not begun):
                return None
            self._say_all(events.news())
            return (now,)

        (now,) = self.polling.until(ended, f"What is being done to {name}")
        return None if now is None or now.status == "DELETE_COMPLETE" else now

    def _say_all(self, lines: list[str]) -> None:
        for line in lines:
            self.say(line)

    def deploy(self, wanted: Wanted, before: Stack | None) -> Stack:
        """The stack as it is wanted, made or changed if need be; `before` is what is there and settled.

        Raises `DeployError` with the resource that failed first.
        """
        obstacle = self.obstacle(before) if before is not None else None
        if obstacle:
            raise DeployError(obstacle)
        new = before is None or before.status == ONLY_PLANNED
        change_set = self._planned(wanted, "CREATE" if new else "UPDATE")
        if change_set is None and before is not None:
            self.say(f"{wanted.name}: nothing to change.")
            return before
        if change_set is None:
            raise DeployError(f"{wanted.name} would be a stack of nothing: its template has no resources.")
        return self._executed(wanted, change_set, new)

    def _planned(self, wanted: Wanted, kind: str) -> Mapping[str, Any] | None:
        """The change set, executable; None when it would change nothing."""
        made = self.client.create_change_set(
            StackName=wanted.name,
            ChangeSetName=f"deploy-{uuid.uuid4()}",
            ChangeSetType=kind,
            Parameters=[{"ParameterKey": name, "ParameterValue": text} for name, text in wanted.parameters.items()],
            Capabilities=_CAPABILITIES,
            **wanted.template,
        )

        def ended() -> Mapping[str, Any] | None:
            now: Mapping[str, Any] = self.client.describe_change_set(ChangeSetName=made["Id"])
            return now if now["Status"] in {"CREATE_COMPLETE", "FAILED"} else None

        change_set = self.polling.until(ended, f"The plan for {wanted.name}")
        if change_set["Status"] == "CREATE_COMPLETE":
            return change_set
        self.client.delete_change_set(ChangeSetName=made["Id"])
        reason = change_set.get("StatusReason", "")
        if any(text in reason for text in _NOTHING_TO_DO):
            return None
        raise DeployError(f"CloudFormation does not take the template of {wanted.name}: {' '.join(reason.split())}")

    def _executed(self, wanted: Wanted, change_set: Mapping[str, Any], new: bool) -> Stack:
        changes = list(self._changes(change_set["ChangeSetId"]))
        self._tell(wanted.name, changes, new)
        left = [change for change in changes if _leaves_data(change)]
        if left and not self.replace_data:
            self.client.delete_change_set(ChangeSetName=change_set["ChangeSetId"])
            raise DeployError(_left_behind(wanted.name, left[0]))
        events = Events(self.client, change_set["StackId"])
        events.skip()
        # What is meant to outlive its stack is not meant to outlive a stack that never was.
        self.client.execute_change_set(ChangeSetName=change_set["ChangeSetId"], RetainExceptOnCreate=True)
        done = self.wait(wanted.name, events)
        if done is not None and done.status in _WORKS:
            self.say(f"{wanted.name}: {'made' if new else 'changed'}.")
            return done
        raise DeployError(self._failed(wanted.name, events, new))

    def _tell(self, name: str, changes: list[Mapping[str, Any]], new: bool) -> None:
        self.say(f"{name}: making {len(changes)} resources ..." if new else f"{name}: changing")
        for change in () if new else changes:
            replaced = ", replaced" if change.get("Replacement") == "True" else ""
            sign = _SIGNS.get(change["Action"], "?")
            self.say(f"  {sign} {change['LogicalResourceId']} ({change['ResourceType']}){replaced}")

    def _changes(self, change_set_id: str) -> Iterator[Mapping[str, Any]]:
        for page in self.client.get_paginator("describe_change_set").paginate(ChangeSetName=change_set_id):
            yield from (change["ResourceChange"] for change in page.get("Changes", ()))

    def _failed(self, name: str, events: Events, new: bool) -> str:
        what = "could not be made" if new else "could not be changed and is as it was"
        after = "then deploy again; what is left of it is removed first" if new else "then deploy again"
        first = events.first_failure()
        hint = f"{first.hint} " if first and first.hint else ""
        return f"{name} {what}. {first or NOTHING_NAMED} {hint}Mend that, {after}."


def _leaves_data(change: Mapping[str, Any]) -> bool:
    """Whether the change makes a new resource, or none, and keeps the old one with what is in it."""
    return change["ResourceType"] in _DATA and change.get("PolicyAction") in {"Retain", "ReplaceAndRetain"}


def _left_behind(name: str, change: Mapping[str, Any]) -> str:
    what = f"{change['LogicalResourceId']} ({change['ResourceType']}, {change.get('PhysicalResourceId', 'no name')})"
    return (
        f"{name} is not changed: {what} would be no part of it any more, and what is in it left behind. Take back what "
        "you changed there or, if that is meant, deploy with ARGS=--replace-data."
    )
