"""What the AWS services tell of the things that the templates wired, and what the laptop says to all other calls."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.infra.local.laptop import FaultyAws, client, running


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FaultyAws]:
    with running(tmp_path_factory.mktemp("var")) as one:
        yield one


def test_the_writer_of_answers_is_of_the_version_that_was_read() -> None:
    assert version("moto").startswith("5.2."), "compare the serializers with this version of moto"


@pytest.mark.parametrize(
    ("service", "operation", "listed", "name", "there"),
    [
        ("lambda", "list_functions", "Functions", "FunctionName", "OnConnectFunction"),
        ("events", "list_rules", "Rules", "Name", "SendMessageFunction"),
        ("scheduler", "list_schedules", "Schedules", "Name", ""),
        ("apigatewayv2", "get_apis", "Items", "ApiId", "websocketapi"),
        ("apigateway", "get_rest_apis", "items", "id", "restapi"),
        ("cloudformation", "describe_stacks", "Stacks", "StackName", "pushboard-backend"),
    ],
)
def test_what_the_templates_wired_is_listed(
    aws: FaultyAws, service: str, operation: str, listed: str, name: str, there: str
) -> None:
    found = [one[name] for one in getattr(client(aws, service), operation)()[listed]]
    assert not there or any(one.startswith(there) for one in found), found
    assert there or not [one for one in aws.stacks.backend.schedules if one.source != "aws.events"]


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
    with pytest.raises(ClientError, match="The laptop does not imitate") as refused:
        getattr(client(aws, service), operation)(**given)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
