"""CloudFormation for the tests: stacks that are made, changed and removed while one looks, or fail as they are told to.

Statuses, events and what is refused in which status are CloudFormation's.
Source: AWS CloudFormation API reference; "Understand stack creation events".
"""

import datetime
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.infra.deploy.fakes.aws import ACCOUNT, REGION, Refusal

LOOKS = 3
"""How often a stack is looked at before it has come to an end."""

NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."
_CAN_BE_UPDATED = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}
_STACK = "AWS::CloudFormation::Stack"
_START = datetime.datetime(2026, 11, 27, 12, 0, tzinfo=datetime.UTC)


@dataclass(frozen=True)
class Thing:
    """A resource that each stack of a name has."""

    logical_id: str
    type: str
    physical_id: str = ""
    retained: bool = False
    policy_action: str = ""


@dataclass
class FakeStack:
    """A stack as CloudFormation keeps it."""

    name: str
    id: str
    status: str
    parameters: dict[str, str] = field(default_factory=dict)
    template: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    description: str = "Pushboard, a stack"
    events: list[dict[str, Any]] = field(default_factory=list)
    ends: list[str] = field(default_factory=list)
    failed: tuple[str, str] | None = None
    lag: int = 0
    looks: int = 0


@dataclass
class FakeCloudFormation:
    """`things` and `outputs` are by a stack's name. `failures` says of a name which resource fails next, and why.

    An order shows after `lag` looks. `meanwhile` happens before each look.
    """

    things: Mapping[str, list[Thing]] = field(default_factory=dict)
    outputs: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    failures: dict[str, tuple[str, str]] = field(default_factory=dict)
    lag: int = 0
    endless: bool = False
    stacks: dict[str, FakeStack] = field(default_factory=dict)
    deployed: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None

    def __post_init__(self) -> None:
        self._numbers = itertools.count(1)
        self._change_sets: dict[str, dict[str, Any]] = {}

    # ------------------------------------------------------------------------------------------- for the tests' use
    def add(self, name: str, status: str, **more: Any) -> FakeStack:
        """A stack that is there already."""
        number = next(self._numbers)
        stack = FakeStack(name, f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/{name}/{number}", status, **more)
        self.stacks[stack.id] = stack
        return stack

    def under_way(self, name: str, begun: str, end: str, failed: tuple[str, str] | None = None) -> FakeStack:
        """A stack that somebody else's run is just changing."""
        stack = self.add(name, begun, outputs=self.outputs.get(name, {}))
        self.begin(stack, begun, [end], failed)
        stack.status = begun
        return stack

    def status(self, name: str) -> str | None:
        """The status of the stack with the name, None if there is none."""
        stack = self._named(name)
        return stack.status if stack else None

    # ------------------------------------------------------------------------------------------------- what is called
    def describe_stacks(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        self.meanwhile()
        self._look(self._found(StackName))
        stack = self._found(StackName)
        shown = {
            "StackName": stack.name,
            "StackId": stack.id,
            "StackStatus": stack.status,
            "Description": stack.description,
            "CreationTime": _START,
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in stack.parameters.items()],
            "Outputs": [{"OutputKey": key, "OutputValue": value} for key, value in stack.outputs.items()],
        }
        return {"Stacks": [shown]}

    def create_change_set(self, **given: Any) -> dict[str, Any]:
        name, kind = given["StackName"], given["ChangeSetType"]
        stack = self._named(name)
        there = stack is not None and stack.status != "REVIEW_IN_PROGRESS"
        if there != (kind == "UPDATE"):
            raise Refusal("ValidationError", f"Stack [{name}] {'already exists' if there else 'does not exist'}")
        if stack is not None and there and stack.status not in _CAN_BE_UPDATED:
            raise Refusal("ValidationError", f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        if stack is None:
            stack = self.add(name, "REVIEW_IN_PROGRESS")
        change_set_id = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:changeSet/{given['ChangeSetName']}/1"
        self._change_sets[change_set_id] = given | {"stack": stack}
        return {"Id": change_set_id, "StackId": stack.id}

    def describe_change_set(self, ChangeSetName: str, **_: Any) -> dict[str, Any]:  # noqa: N803
        given = self._change_sets[ChangeSetName]
        stack, looks = given["stack"], given.get("looks", 0)
        self._change_sets[ChangeSetName]["looks"] = looks + 1
        answer = {"ChangeSetId": ChangeSetName, "StackId": stack.id, "StackName": stack.name}
        if not looks:
            return answer | {"Status": "CREATE_IN_PROGRESS"}
        if given["ChangeSetType"] == "UPDATE" and (_parameters(given), _template(given)) == (
            stack.parameters,
            stack.template,
        ):
            return answer | {"Status": "FAILED", "ExecutionStatus": "UNAVAILABLE", "StatusReason": NO_CHANGES}
        action = "Add" if given["ChangeSetType"] == "CREATE" else "Modify"
        changes = [_change(action, thing) for thing in self.things.get(stack.name, ())]
        return answer | {"Status": "CREATE_COMPLETE", "ExecutionStatus": "AVAILABLE", "Changes": changes}

    def delete_change_set(self, ChangeSetName: str) -> dict[str, Any]:  # noqa: N803
        del self._change_sets[ChangeSetName]
        return {}

    def execute_change_set(self, ChangeSetName: str, RetainExceptOnCreate: bool) -> dict[str, Any]:  # noqa: N803
        assert RetainExceptOnCreate
        given = self._change_sets.pop(ChangeSetName)
        stack, kind = given["stack"], given["ChangeSetType"]
        failed = self.failures.pop(stack.name, None)
        if failed is None:
            stack.parameters, stack.template = _parameters(given), _template(given)
            stack.outputs = self.outputs.get(stack.name, {})
        self.deployed.append(stack.name)
        back = ["ROLLBACK_COMPLETE"] if kind == "CREATE" else ["UPDATE_ROLLBACK_COMPLETE"]
        self.begin(stack, f"{kind}_IN_PROGRESS", back if failed else [f"{kind}_COMPLETE"], failed)
        return {}

    def delete_stack(self, StackName: str) -> None:  # noqa: N803
        stack = self._found(StackName)
        failed = self.failures.pop(stack.name, None)
        if stack.status == "REVIEW_IN_PROGRESS":
            stack.status = "DELETE_COMPLETE"
            return
        self.begin(stack, "DELETE_IN_PROGRESS", ["DELETE_FAILED" if failed else "DELETE_COMPLETE"], failed)

    def describe_stack_events(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        return {"StackEvents": list(reversed(self._found(StackName).events))}

    def list_stacks(self, StackStatusFilter: list[str]) -> dict[str, Any]:  # noqa: N803
        found = [stack for stack in self.stacks.values() if stack.status in StackStatusFilter]
        summaries = [
            {"StackName": one.name, "StackId": one.id, "StackStatus": one.status, "CreationTime": _START}
            for one in found
        ]
        return {"StackSummaries": summaries}

    def list_stack_resources(self, StackName: str) -> dict[str, Any]:  # noqa: N803
        stack = self._found(StackName)
        gone = stack.status == "DELETE_COMPLETE"
        return {"StackResourceSummaries": [_summary(thing, gone) for thing in self.things.get(stack.name, ())]}

    # --------------------------------------------------------------------------------------------------- how it goes on
    def _named(self, name: str) -> FakeStack | None:
        return next((one for one in self.stacks.values() if one.name == name and one.status != "DELETE_COMPLETE"), None)

    def _found(self, name_or_id: str) -> FakeStack:
        stack = self.stacks.get(name_or_id) or self._named(name_or_id)
        if stack is None:
            raise Refusal("ValidationError", f"Stack with id {name_or_id} does not exist")
        return stack

    def begin(self, stack: FakeStack, status: str, ends: list[str], failed: tuple[str, str] | None) -> None:
        """What is ordered shows at once, or after as many looks as `lag` says."""
        stack.lag, stack.looks = self.lag, 0
        stack.ends = [status, *ends]
        stack.failed = failed
        if not stack.lag:
            self._start(stack)

    def _start(self, stack: FakeStack) -> None:
        stack.status = stack.ends.pop(0)
        self.note(stack, stack.name, _STACK, stack.status, "User Initiated")
        verb = stack.status.partition("_")[0]
        failed, stack.failed = stack.failed, None
        for thing in self.things.get(stack.name, ()):
            self.note(stack, thing.logical_id, thing.type, f"{verb}_IN_PROGRESS")
        for thing in self.things.get(stack.name, ()):
            if failed is None:
                self.note(stack, thing.logical_id, thing.type, f"{verb}_COMPLETE")
            elif failed[0] == thing.logical_id:
                self.note(stack, thing.logical_id, thing.type, f"{verb}_FAILED", failed[1])
        if failed:
            for thing in self.things[stack.name]:
                if thing.logical_id != failed[0]:
                    self.note(stack, thing.logical_id, thing.type, f"{verb}_FAILED", "Resource creation cancelled")

    def _look(self, stack: FakeStack) -> None:
        if stack.lag:
            stack.lag -= 1
            if not stack.lag:
                self._start(stack)
            return
        stack.looks += 1
        if stack.ends and stack.looks > LOOKS and not self.endless:
            stack.status = stack.ends.pop(0)
            self.note(stack, stack.name, _STACK, stack.status)

    def note(self, stack: FakeStack, logical_id: str, kind: str, status: str, reason: str = "") -> None:
        """One more event of the stack."""
        event = {
            "StackId": stack.id,
            "EventId": f"{logical_id}-{next(self._numbers)}",
            "StackName": stack.name,
            "LogicalResourceId": logical_id,
            "ResourceType": kind,
            "ResourceStatus": status,
            "Timestamp": _START,
        }
        stack.events.append(event | ({"ResourceStatusReason": reason} if reason else {}))


def _parameters(given: Mapping[str, Any]) -> dict[str, str]:
    return {one["ParameterKey"]: one["ParameterValue"] for one in given["Parameters"]}


def _template(given: Mapping[str, Any]) -> dict[str, str]:
    return {key: given[key] for key in ("TemplateBody", "TemplateURL") if key in given}


def _change(action: str, thing: Thing) -> dict[str, Any]:
    change = {"Action": action, "LogicalResourceId": thing.logical_id, "ResourceType": thing.type}
    if action == "Modify" and thing.policy_action:
        change |= {"PolicyAction": thing.policy_action, "PhysicalResourceId": thing.physical_id, "Replacement": "True"}
    return {"Type": "Resource", "ResourceChange": change}


def _summary(thing: Thing, gone: bool) -> dict[str, Any]:
    status = ("DELETE_SKIPPED" if thing.retained else "DELETE_COMPLETE") if gone else "CREATE_COMPLETE"
    return {
        "LogicalResourceId": thing.logical_id,
        "PhysicalResourceId": thing.physical_id or thing.logical_id.lower(),
        "ResourceType": thing.type,
        "ResourceStatus": status,
        "LastUpdatedTimestamp": _START,
    }
