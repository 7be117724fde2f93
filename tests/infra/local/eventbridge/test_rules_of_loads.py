"""What AWS tells of a load by others becomes the event that turns pages, by the rules of the template.

The events are as the user guides of AWS Glue, Step Functions and S3 print them.
"""

from typing import Any

import pytest

from backend_lambdas.handlers import turn_pages
from infra.local.cloudformation.stack import Stack
from infra.local.cloudformation.template import resources_of
from infra.local.eventbridge.bus import EventBus
from infra.local.eventbridge.input_transformer import transformed
from tests.infra.test_templates import GIVEN, REPO

ARN = "arn:aws:states:us-east-1:123456789012:stateMachine:nightly"
LOADS = {
    "GlueJobName": "load fares",
    "GlueJobTables": "finance.fares,public.nyc_yellow_taxi",
    "StateMachineArn": ARN,
    "StateMachineTables": "finance.fares",
    "LakeBucket": "lake",
    "LakePrefix": "trips/",
    "LakeTables": "lake.trips",
}
OF_ALL = {"version": "0", "id": "abcdef00", "account": "123456789012", "time": "2026-11-30T09:31:00Z"}
GLUE = OF_ALL | {
    "source": "aws.glue",
    "detail-type": "Glue Job State Change",
    "region": "us-east-1",
    "resources": [],
    "detail": {
        "jobName": "load fares",
        "severity": "INFO",
        "state": "SUCCEEDED",
        "jobRunId": "jr_abc",
        "message": "Job run succeeded",
    },
}
STATES = OF_ALL | {
    "source": "aws.states",
    "detail-type": "Step Functions Execution Status Change",
    "region": "us-east-1",
    "resources": [f"{ARN.replace('stateMachine', 'execution')}:of-today"],
    "detail": {
        "executionArn": f"{ARN.replace('stateMachine', 'execution')}:of-today",
        "stateMachineArn": ARN,
        "name": "of-today",
        "status": "SUCCEEDED",
        "startDate": 1551225271984,
        "stopDate": 1551225291984,
        "input": "{}",
        "output": None,
    },
}
LAKE = OF_ALL | {
    "source": "aws.s3",
    "detail-type": "Object Created",
    "region": "us-east-1",
    "resources": ["arn:aws:s3:::lake"],
    "detail": {
        "version": "0",
        "bucket": {"name": "lake"},
        "object": {"key": 'trips/a "quoted".parquet', "size": 5, "etag": "b1946ac9", "sequencer": "617f08299329d189"},
        "reason": "PutObject",
    },
}


def heard(event: dict[str, Any], given: dict[str, str] = LOADS) -> list[tuple[str, dict[str, Any]]]:
    """Which functions hear of an event, and what."""
    stack = Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN | given)
    calls: list[tuple[str, dict[str, Any]]] = []
    EventBus(resources_of(stack).rules, lambda function, given: calls.append((function, given))).publish(event)
    return calls


@pytest.mark.parametrize(
    ("event", "tables", "by"),
    [
        (GLUE, {"finance.fares", "public.nyc_yellow_taxi"}, "load fares"),
        (STATES, {"finance.fares"}, "of-today"),
        (LAKE, {"lake.trips"}, 'trips/a "quoted".parquet'),
    ],
    ids=["glue", "step functions", "s3"],
)
def test_a_load_by_others_is_heard_of_as_a_change_of_its_tables(
    event: dict[str, Any], tables: set[str], by: str
) -> None:
    [(function, told)] = heard(event)
    assert (function, told["source"], told["detail-type"]) == ("TurnPagesFunction", turn_pages.SOURCE, "Tables Changed")
    assert turn_pages.tables_of(told) == tables
    assert turn_pages.changed_by(told) == by
    assert turn_pages.changed_at(told) == 1_796_031_060_000


@pytest.mark.parametrize(
    "event",
    [
        GLUE | {"detail": GLUE["detail"] | {"state": "FAILED"}},
        GLUE | {"detail": GLUE["detail"] | {"jobName": "another"}},
        STATES | {"detail": STATES["detail"] | {"status": "RUNNING"}},
        STATES | {"detail": STATES["detail"] | {"stateMachineArn": ARN + "2"}},
        LAKE | {"detail": LAKE["detail"] | {"bucket": {"name": "another"}}},
        LAKE | {"detail": LAKE["detail"] | {"object": {"key": "other/a.parquet"}}},
    ],
)
def test_what_loads_nothing_is_not_heard_of(event: dict[str, Any]) -> None:
    assert heard(event) == []


@pytest.mark.parametrize("event", [GLUE, STATES, LAKE])
def test_without_the_parameters_there_is_no_rule(event: dict[str, Any]) -> None:
    assert heard(event, {}) == []


def test_a_value_that_is_not_there_is_null() -> None:
    transformer = {"InputPathsMap": {"a": "$.detail.a.b"}, "InputTemplate": '{"detail": {"a": <a>}}'}
    assert transformed(transformer, {"detail": {"a": "text"}}) == {"detail": {"a": None}}


@pytest.mark.parametrize(("path", "template"), [("$.detail[0]", "{}"), ("$.detail", '"a text"')])
def test_what_is_not_imitated_is_refused(path: str, template: str) -> None:
    with pytest.raises(ValueError, match="the laptop"):
        transformed({"InputPathsMap": {"a": path}, "InputTemplate": template}, {"detail": {}})
