"""What calls a function by itself, read from templates."""

from pathlib import Path

import pytest

from infra.local.cloudformation.intrinsics import TemplateError
from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.stack_resources import EventRule, RestRoute, Schedule, StackResources
from infra.local.cloudformation.template import resources_of


def wired(tmp_path: Path, events: str) -> StackResources:
    """A stack with one function of these events."""
    file = tmp_path / "template.yaml"
    file.write_text(f"""
Resources:
  Api: {{Type: AWS::Serverless::Api, Properties: {{StageName: prod}}}}
  Dead: {{Type: AWS::SQS::Queue}}
  F:
    Type: AWS::Serverless::Function
    Properties:
      Handler: module.handler
      Events: {events}
""")
    return resources_of(Stack.read(file, {}))


def schedule(tmp_path: Path, expression: str) -> Schedule:
    (one,) = wired(tmp_path, f"{{Tick: {{Type: Schedule, Properties: {{Schedule: {expression}}}}}}}").schedules
    return one


def test_a_schedule_is_wired_with_its_function_rate_and_queue(tmp_path: Path) -> None:
    properties = """{Schedule: rate(5 minutes), Description: Often, RetryPolicy: {MaximumRetryAttempts: 0},
      DeadLetterConfig: {Arn: !GetAtt Dead.Arn}}"""
    stack = wired(tmp_path, f"{{Tick: {{Type: Schedule, Properties: {properties}}}}}")
    assert stack.schedules == (Schedule("FTick", "F", 300, "Dead", "aws.events"),)
    assert stack.rules == ()


def test_a_schedule_of_the_scheduler_is_wired_too(tmp_path: Path) -> None:
    properties = "{ScheduleExpression: rate(1 hour), Name: hourly}"
    stack = wired(tmp_path, f"{{Tick: {{Type: ScheduleV2, Properties: {properties}}}}}")
    assert stack.schedules == (Schedule("hourly", "F", 3600, None, "aws.scheduler"),)


@pytest.mark.parametrize(
    ("expression", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(15 minutes)", 900),
        ("rate(1 hour)", 3600),
        ("rate(12 hours)", 43_200),
        ("rate(1 day)", 86_400),
        ("rate(7 days)", 604_800),
    ],
)
def test_rates_become_seconds(tmp_path: Path, expression: str, seconds: int) -> None:
    assert schedule(tmp_path, expression).every_seconds == seconds


@pytest.mark.parametrize(
    "expression",
    ["cron(0 9 * * ? *)", "rate(0 minutes)", "rate(1 minutes)", "rate(5 minute)", "rate(30 seconds)", "at(2026-01-01)"],
)
def test_any_other_schedule_stops_the_start_and_is_named(tmp_path: Path, expression: str) -> None:
    with pytest.raises(TemplateError, match="F: the schedule Tick is ") as error:
        schedule(tmp_path, f"'{expression}'")
    assert expression in str(error.value)


def test_rules_and_routes_stand_beside_schedules(tmp_path: Path) -> None:
    stack = wired(
        tmp_path,
        """
        Ended: {Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3]}}}
        Get: {Type: Api, Properties: {RestApiId: !Ref Api, Method: get, Path: /things}}
        Tick: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}""",
    )
    assert stack.rules == (EventRule("FEnded", {"source": ["aws.s3"]}, "F", None),)
    assert stack.rest_apis[0].routes == (RestRoute("GET", "/things", "F", False),)
    assert [one.name for one in stack.schedules] == ["FTick"]


@pytest.mark.parametrize(
    "event",
    [
        "{Type: Schedule, Properties: {Schedule: rate(1 minute), Enabled: false}}",
        "{Type: Schedule, Properties: {Schedule: rate(1 minute), Input: '{}'}}",
        "{Type: ScheduleV2, Properties: {ScheduleExpression: rate(1 minute), StartDate: '2026-01-01T00:00:00Z'}}",
        "{Type: EventBridgeRule, Properties: {Pattern: {source: [aws.s3]}, InputPath: $.detail}}",
        "{Type: SQS, Properties: {Queue: !GetAtt Dead.Arn}}",
        "{Type: SNS}",
    ],
)
def test_what_is_not_wired_stops_the_start_and_is_named(tmp_path: Path, event: str) -> None:
    with pytest.raises(TemplateError, match="F: the event Odd of type"):
        wired(tmp_path, f"{{Odd: {event}}}")
