"""What calls a function by itself: the `Events` of a SAM function as routes, rules and schedules. Used by `template`.

Source: AWS SAM, "EventSource"; Amazon EventBridge user guide, "Rate expressions".
"""

import re
from collections.abc import Mapping
from typing import Any

from infra.local.cloudformation.intrinsics import TemplateError
from infra.local.cloudformation.stack import Resource
from infra.local.cloudformation.stack_resources import EventRule, RestRoute, Schedule

_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
_SECONDS = {"minute": 60, "hour": 3600, "day": 86_400}

# How often EventBridge tries to hand an event to Lambda has no meaning where Lambda always takes it.
_OF_SCHEDULES = {"Name", "Description", "RetryPolicy", "DeadLetterConfig"}
_WIRED = {
    "Api": {"RestApiId", "Method", "Path", "Auth"},
    "EventBridgeRule": {"Pattern", "RetryPolicy", "DeadLetterConfig", "Target"},
    "Schedule": _OF_SCHEDULES | {"Schedule"},
    "ScheduleV2": _OF_SCHEDULES | {"ScheduleExpression"},
}
# SAM makes the first a rule of EventBridge, the second a schedule of its Scheduler, whose events say so.
_EXPRESSIONS = {"Schedule": ("Schedule", "aws.events"), "ScheduleV2": ("ScheduleExpression", "aws.scheduler")}

Event = Mapping[str, Any]


def rest_routes(function: Resource, api_id: str, default_authorizer: str) -> list[RestRoute]:
    """The routes of one REST API that lead to the function."""
    calls = [event["Properties"] for _, event in _events(function, "Api")]
    return [
        RestRoute(
            method=call["Method"].upper(),
            path=call["Path"],
            function=function.logical_id,
            authorized=call.get("Auth", {}).get("Authorizer", default_authorizer) != "NONE",
        )
        for call in calls
        if call["RestApiId"] == api_id
    ]


def rules(function: Resource) -> list[EventRule]:
    """The event patterns of which the function hears."""
    return [
        EventRule(
            f"{function.logical_id}{name}",
            event["Properties"]["Pattern"],
            function.logical_id,
            _dead_letters_to(event),
        )
        for name, event in _events(function, "EventBridgeRule")
    ]


def schedules(function: Resource) -> list[Schedule]:
    """The rates at which the function is called; raises `TemplateError` for a schedule that is no rate."""
    return [
        _schedule(function.logical_id, name, event, expression, source)
        for kind, (expression, source) in _EXPRESSIONS.items()
        for name, event in _events(function, kind)
    ]


def _schedule(function: str, name: str, event: Event, expression: str, source: str) -> Schedule:
    return Schedule(
        name=event["Properties"].get("Name", f"{function}{name}"),
        function=function,
        every_seconds=_every_seconds(f"{function}: the schedule {name}", event["Properties"][expression]),
        dead_letters_to=_dead_letters_to(event),
        source=source,
    )


def queue_name(arn: str | None) -> str | None:
    """The name in the ARN of a queue."""
    return arn.rsplit(":", 1)[-1] if arn else None


def _events(function: Resource, kind: str) -> list[tuple[str, Event]]:
    """The function's events of a type; raises `TemplateError` if any of its events says more than is wired."""
    events = function.properties.get("Events", {})
    for name, event in events.items():
        unsupported = sorted(set(event.get("Properties", {})) - _WIRED.get(event["Type"], set()))
        if unsupported or event["Type"] not in _WIRED:
            what = f"{function.logical_id}: the event {name} of type {event['Type']}"
            raise TemplateError(f"{what} has more than is wired: {unsupported}.")
    return [(name, event) for name, event in events.items() if event["Type"] == kind]


def _every_seconds(what: str, expression: str) -> float:
    """The period of a rate expression: a unit is singular after 1 and plural after any other number, as on AWS."""
    match = _RATE.fullmatch(expression)
    if match is None or (match[1] == "1") is bool(match[3]):
        raise TemplateError(f"{what} is {expression}; only rates such as rate(5 minutes) are wired.")
    return int(match[1]) * _SECONDS[match[2]]


def _dead_letters_to(event: Event) -> str | None:
    return queue_name(event["Properties"].get("DeadLetterConfig", {}).get("Arn"))
