"""What CloudWatch watches: alarms and dashboard name metrics that exist, and every alarm is in the runbook."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from backend_lambdas import errors
from backend_lambdas.aws import telemetry
from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.template import resources_of
from tests.infra.test_templates import GIVEN, REPO

RUNBOOK = REPO / "docs" / "operations.md"
AWS_METRICS = {
    ("AWS/ApiGateway", "5XXError"): {"ApiName"},
    ("AWS/ApiGateway", "ConnectCount"): {"ApiId"},
    ("AWS/ApiGateway", "MessageCount"): {"ApiId"},
    ("AWS/ApiGateway", "IntegrationError"): {"ApiId"},
    ("AWS/ApiGateway", "ExecutionError"): {"ApiId"},
    ("AWS/DynamoDB", "ReadThrottleEvents"): {"TableName"},
    ("AWS/DynamoDB", "WriteThrottleEvents"): {"TableName"},
    ("AWS/Lambda", "Duration"): {"FunctionName"},
    ("AWS/Lambda", "Errors"): {"FunctionName"},
    ("AWS/Lambda", "Invocations"): {"FunctionName"},
    ("AWS/Lambda", "Throttles"): {"FunctionName"},
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): {"QueueName"},
}
"""The metrics of AWS that are watched, with the dimensions by which each is documented."""

STATISTICS = {"Sum", "Maximum", "Minimum", "Average", "SampleCount"}
Metric = tuple[str, str, dict[str, str]]


@pytest.fixture(scope="module")
def backend() -> Stack:
    return Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN)


@pytest.fixture(scope="module")
def widgets(backend: Stack) -> list[dict[str, Any]]:
    (dashboard,) = backend.resources("AWS::CloudWatch::Dashboard")
    body = json.loads(dashboard.properties["DashboardBody"])
    assert set(body) == {"widgets"}
    return list(body["widgets"])


def alarms(backend: Stack) -> dict[str, dict[str, Any]]:
    return {one.logical_id: dict(one.properties) for one in backend.resources("AWS::CloudWatch::Alarm")}


def of_alarm(alarm: dict[str, Any]) -> Iterator[Metric]:
    found = [one["MetricStat"]["Metric"] for one in alarm.get("Metrics", ()) if "MetricStat" in one] or [alarm]
    for one in found:
        yield one["Namespace"], one["MetricName"], {item["Name"]: item["Value"] for item in one["Dimensions"]}


def of_widget(widget: dict[str, Any]) -> Iterator[Metric]:
    for row in widget["properties"].get("metrics", ()):
        names = [part for part in row if isinstance(part, str)]
        yield names[0], names[1], dict(zip(names[2::2], names[3::2], strict=True))


def problem(backend: Stack, metric: Metric) -> str:
    """Why there will never be data of a metric; empty if there may be."""
    namespace, name, dimensions = metric
    if namespace != telemetry.NAMESPACE:
        known = AWS_METRICS.get((namespace, name))
        if known != set(dimensions):
            return f"{namespace} {name} by {set(dimensions)} is none of AWS's metrics"
        return "" if set(dimensions.values()) <= _things(backend) else f"{dimensions} is nothing of this stack"
    if name not in telemetry.METRICS:
        return f"nothing counts {name}"
    if dimensions.get("stack") != backend.name or not set(dimensions) - {"stack"} <= set(telemetry.METRICS[name].by):
        return f"{name} is not counted by {dimensions}"
    codes = {kind.code for kind in _errors(errors.PushboardError)} | {"sql_error"}
    return "" if dimensions.get("code", "timeout") in codes else f"there is no code {dimensions['code']}"


def _things(backend: Stack) -> set[str]:
    """What the dimensions of AWS's own metrics may name here."""
    found = resources_of(backend)
    apis = {api.api_id for api in found.websocket_apis} | {f"{backend.name}-rest"}
    return set(found.functions) | set(found.queues) | {table.name for table in found.tables} | apis


def _errors(kind: type[errors.PushboardError]) -> Iterator[type[errors.PushboardError]]:
    for one in kind.__subclasses__():
        yield one
        yield from _errors(one)


def test_every_metric_of_the_dashboard_is_counted_or_documented(backend: Stack, widgets: list[dict[str, Any]]) -> None:
    found = [metric for widget in widgets for metric in of_widget(widget)]
    assert len(found) > 40
    assert [trouble for metric in found if (trouble := problem(backend, metric))] == []


def test_every_metric_of_an_alarm_is_counted_or_documented(backend: Stack) -> None:
    for name, alarm in alarms(backend).items():
        assert [trouble for metric in of_alarm(alarm) if (trouble := problem(backend, metric))] == [], name


def test_whatever_the_functions_count_is_shown(widgets: list[dict[str, Any]]) -> None:
    """But for sockets opened, of which API Gateway has a count of its own."""
    shown = {name for widget in widgets for namespace, name, _ in of_widget(widget) if namespace == "Pushboard"}
    assert set(telemetry.METRICS) - shown == {"SocketsOpened"}


def test_functions_count_by_the_stack_that_is_watched(backend: Stack) -> None:
    assert {one.environment["STACK_NAME"] for one in resources_of(backend).functions.values()} == {backend.name}


def test_functions_log_lines_of_json(backend: Stack) -> None:
    """Else there would be no metrics: CloudWatch reads them out of the lines."""
    for function in backend.resources("AWS::Serverless::Function"):
        logging = function.properties["LoggingConfig"]
        assert (logging["LogFormat"], logging["ApplicationLogLevel"]) == ("JSON", "INFO")


def test_widgets_lie_side_by_side_on_the_grid(widgets: list[dict[str, Any]]) -> None:
    """24 columns; nothing over anything else. Source: CloudWatch, "Dashboard body structure and syntax"."""
    taken: set[tuple[int, int]] = set()
    for widget in widgets:
        assert set(widget) == {"type", "x", "y", "width", "height", "properties"}
        assert widget["type"] in {"metric", "text", "log"}
        own = {
            (column, row)
            for column in range(widget["x"], widget["x"] + widget["width"])
            for row in range(widget["y"], widget["y"] + widget["height"])
        }
        assert max(column for column, _ in own) < 24
        assert not own & taken
        taken |= own


def test_every_widget_has_what_its_kind_needs(widgets: list[dict[str, Any]]) -> None:
    for widget in widgets:
        properties = widget["properties"]
        if widget["type"] == "text":
            assert properties["markdown"]
            continue
        assert properties["title"]
        assert properties["region"] == "us-east-1"
        if widget["type"] == "metric":
            assert properties["view"] == "timeSeries"
            assert properties["period"] % 60 == 0
            assert properties["stat"] in STATISTICS or re.fullmatch(r"p\d\d", properties["stat"])
        else:
            assert properties["query"].startswith("SOURCE 'FunctionsLogGroup' | ")


def test_every_alarm_tells_the_topic_when_it_rings_and_when_it_is_over(backend: Stack) -> None:
    topic = backend.attribute("AlarmTopic", None)
    for name, alarm in alarms(backend).items():
        assert (alarm["AlarmActions"], alarm["OKActions"]) == ([topic], [topic]), name
        assert alarm["TreatMissingData"] in {"notBreaching", "breaching"}, name


def test_an_alarm_that_reckons_uses_every_metric_it_names_and_returns_one_number(backend: Stack) -> None:
    for name, alarm in alarms(backend).items():
        if "Metrics" in alarm:
            (reckoning,) = [one for one in alarm["Metrics"] if "Expression" in one]
            used = set(re.findall(r"\b[a-z]+\b", reckoning["Expression"]))
            assert used == {one["Id"] for one in alarm["Metrics"] if "MetricStat" in one}, name
            assert [one["ReturnData"] for one in alarm["Metrics"]].count(True) == 1
            assert len(alarm["Metrics"]) <= 10, "CloudWatch's limit"


def test_only_the_schedule_rings_when_nothing_happens(backend: Stack) -> None:
    """A night without runs is none of anybody's sleep."""
    assert [name for name, alarm in alarms(backend).items() if alarm["TreatMissingData"] == "breaching"] == [
        "ReconcilerSilentAlarm"
    ]


def test_every_alarm_names_its_place_in_the_runbook_and_every_place_an_alarm(backend: Stack) -> None:
    text = RUNBOOK.read_text()
    sections = set(re.findall(r"^### (\w+Alarm)$", text, re.MULTILINE))
    assert sections == set(alarms(backend))
    for name, alarm in alarms(backend).items():
        assert alarm["AlarmDescription"].endswith(f"(docs/operations.md, {name})")


def test_a_slow_function_is_told_of_before_api_gateway_gives_up(backend: Stack) -> None:
    assert alarms(backend)["SlowFunctionsAlarm"]["Threshold"] < 29_000


def test_the_runbook_names_no_metric_that_is_not_counted() -> None:
    text = RUNBOOK.read_text()
    named = set(
        re.findall(r"`((?:Runs|Sockets|Waiters|Queue|Statement|TimeTo|Ends|Stray|Downloads|Exports|Links)\w+)`", text)
    )
    assert named - set(telemetry.METRICS) - _resources(REPO / "infra" / "backend-setup.yaml") == set()


def _resources(template: Path) -> set[str]:
    return set(re.findall(r"^  (\w+):$", template.read_text(), re.MULTILINE))


def test_the_table_of_costs_adds_up() -> None:
    table = RUNBOOK.read_text().partition("## What it costs")[2].partition("How much it is used")[0]
    rows = [[cell.strip(" *") for cell in line.split("|")[3:6]] for line in table.splitlines() if line.startswith("| ")]
    *parts, total = [[float(cell.replace(",", "")) for cell in row] for row in rows[1:]]
    assert [round(sum(column), 2) for column in zip(*parts, strict=True)] == total


def test_the_costs_are_of_as_many_alarms_and_graphs_as_there_are(backend: Stack, widgets: list[dict[str, Any]]) -> None:
    text = RUNBOOK.read_text()
    watched = sum(len(list(of_alarm(alarm))) for alarm in alarms(backend).values())
    shown = {json.dumps(metric) for widget in widgets for metric in of_widget(widget)}
    assert f"a metric watched, {watched} of them" in text
    assert f"this has {len(shown)}" in text
    assert len(shown) <= 50, "more are no longer free"
    assert f"{len(telemetry.METRICS)} by stack" in text
