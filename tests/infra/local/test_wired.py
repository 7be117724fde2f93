"""What the AWS services tell of the things that the templates wired, and what the laptop says to all other calls."""

from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import version
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.local.laptop import FaultyAws, client, running

STACKS = ["pushboard-cognito", "pushboard-backend"]


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    with running(tmp_path_factory.mktemp("var")) as one:
        yield one


def test_the_writer_of_answers_is_of_the_version_that_was_read() -> None:
    assert version("moto").startswith("5.2."), "compare the serializers with this version of moto"


def names(aws: FaultyAws, source: str) -> list[str]:
    return [one.name for one in aws.stacks.backend.schedules if one.source == source]


@pytest.mark.parametrize(
    ("service", "operation", "listed", "name", "there"),
    [
        ("lambda", "list_functions", "Functions", "FunctionName", lambda aws: aws.stacks.functions),
        (
            "events",
            "list_rules",
            "Rules",
            "Name",
            lambda aws: [one.name for one in aws.stacks.backend.rules] + names(aws, "aws.events"),
        ),
        ("scheduler", "list_schedules", "Schedules", "Name", lambda aws: names(aws, "aws.scheduler")),
        ("apigatewayv2", "get_apis", "Items", "ApiId", lambda aws: ["websocketapi"]),
        ("apigateway", "get_rest_apis", "items", "id", lambda aws: ["restapi"]),
        ("cloudformation", "describe_stacks", "Stacks", "StackName", lambda aws: STACKS),
    ],
)
def test_what_the_templates_wired_is_listed(
    aws: FaultyAws, service: str, operation: str, listed: str, name: str, there: Callable[[FaultyAws], Iterable[str]]
) -> None:
    found = [one[name] for one in getattr(client(aws, service), operation)()[listed]]
    assert sorted(found) == sorted(there(aws))


def test_one_stack_is_described_by_its_name(aws: FaultyAws) -> None:
    describe = client(aws, "cloudformation").describe_stacks
    assert [one["StackName"] for one in describe(StackName=STACKS[1])["Stacks"]] == STACKS[1:]
    with pytest.raises(ClientError, match="Stack with id nobody does not exist"):
        describe(StackName="nobody")


@pytest.mark.parametrize(
    ("service", "operation", "given"),
    [
        ("lambda", "get_function", {"FunctionName": "OnConnectFunction"}),
        ("events", "delete_rule", {"Name": "rule"}),
        ("cloudformation", "delete_stack", {"StackName": "pushboard-backend"}),
        ("iam", "list_roles", {}),
        ("ec2", "describe_instances", {}),
        ("logs", "describe_log_groups", {}),
        ("apigatewayv2", "create_api", {"Name": "api", "ProtocolType": "HTTP"}),
    ],
)
def test_anything_else_is_refused_in_a_sentence(
    aws: FaultyAws, service: str, operation: str, given: dict[str, Any]
) -> None:
    name = "".join(word.capitalize() for word in operation.split("_"))
    with pytest.raises(ClientError, match=f"The laptop does not imitate {name} of ") as refused:
        getattr(client(aws, service), operation)(**given)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
