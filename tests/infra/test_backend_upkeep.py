"""What the backend's stack owes its operator: encrypted, kept while needed, traced, logged, throttled, removable."""

import pytest

from infra.local.cloudformation.stack import Stack
from tests.infra.test_templates import GIVEN, REPO


@pytest.fixture(scope="module")
def backend() -> Stack:
    return Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN)


def test_tables_cost_what_is_asked_of_them_and_can_be_had_again_as_they_were(backend: Stack) -> None:
    for table in backend.resources("AWS::DynamoDB::Table"):
        assert table.properties["BillingMode"] == "PAY_PER_REQUEST"
        assert table.properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
        assert table.properties["TimeToLiveSpecification"] == {"AttributeName": "expiresAt", "Enabled": True}


def test_whatever_lies_somewhere_lies_there_encrypted(backend: Stack) -> None:
    tables, queues = backend.resources("AWS::DynamoDB::Table"), backend.resources("AWS::SQS::Queue")
    assert all(table.properties["SSESpecification"] == {"SSEEnabled": True} for table in tables)
    assert all(queue.properties["SqsManagedSseEnabled"] is True for queue in queues)
    assert all("BucketEncryption" in bucket.properties for bucket in backend.resources("AWS::S3::Bucket"))
    assert all("KmsMasterKeyId" in topic.properties for topic in backend.resources("AWS::SNS::Topic"))
    assert all(key.properties["EnableKeyRotation"] is True for key in backend.resources("AWS::KMS::Key"))


def test_functions_are_traced_and_their_logs_end(backend: Stack) -> None:
    groups = {backend.attribute(one.logical_id, None) for one in backend.resources("AWS::Logs::LogGroup")}
    for function in backend.resources("AWS::Serverless::Function"):
        properties = function.properties
        assert (properties["Runtime"], properties["Architectures"]) == ("python3.13", ["arm64"])
        assert properties["Tracing"] == "Active"
        assert properties["LoggingConfig"]["LogGroup"] in groups


@pytest.mark.parametrize("days", ["1", "365"])
def test_every_log_is_kept_as_long_as_the_operator_says(days: str) -> None:
    backend = Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN | {"LogRetentionDays": days})
    groups = backend.resources("AWS::Logs::LogGroup")
    assert {str(group.properties["RetentionInDays"]) for group in groups} == {days}


def test_both_apis_log_who_came_and_take_no_more_than_they_bear(backend: Stack) -> None:
    (stage,) = backend.resources("AWS::ApiGatewayV2::Stage")
    (api,) = backend.resources("AWS::Serverless::Api")
    (methods,) = api.properties["MethodSettings"]
    assert (methods["ResourcePath"], methods["HttpMethod"]) == ("/*", "*")
    for settings in (stage.properties["DefaultRouteSettings"], methods):
        assert 0 < settings["ThrottlingRateLimit"] <= settings["ThrottlingBurstLimit"]
    for settings in (stage.properties["AccessLogSettings"], api.properties["AccessLogSetting"]):
        assert settings["DestinationArn"].startswith("arn:aws:logs:")
        assert "$context.requestTime" in settings["Format"]
    assert api.properties["TracingEnabled"] is True


def test_limits_and_memory_are_the_operators_to_set() -> None:
    """Each by a parameter that says in a sentence what it does."""
    given = {"RequestsPerSecond": "20", "RequestBurst": "30", "FunctionMemory": "256", "SendMessageMemory": "300"}
    backend = Stack.read(REPO / "infra" / "backend-setup.yaml", GIVEN | given)
    (stage,) = backend.resources("AWS::ApiGatewayV2::Stage")
    (api,) = backend.resources("AWS::Serverless::Api")
    for settings in (stage.properties["DefaultRouteSettings"], *api.properties["MethodSettings"]):
        assert (settings["ThrottlingRateLimit"], settings["ThrottlingBurstLimit"]) == ("20", "30")
    memory = {one.logical_id: one.properties["MemorySize"] for one in backend.resources("AWS::Serverless::Function")}
    assert memory.pop("SendMessageFunction") == memory.pop("TurnPagesFunction") == "300"
    assert set(memory.values()) == {"256"}
    assert all(len(backend.document["Parameters"][name]["Description"]) > 40 for name in given)


def test_who_tells_a_thousand_has_a_whole_processor(backend: Stack) -> None:
    """Source: AWS Lambda, "Configure Lambda function memory": at 1,769 MB a function has one vCPU."""
    (function,) = [
        one for one in backend.resources("AWS::Serverless::Function") if one.logical_id == "SendMessageFunction"
    ]
    assert function.properties["MemorySize"] >= 1769


def test_what_goes_with_the_stack_is_what_nobody_misses(backend: Stack) -> None:
    """The audit is evidence, and the account's setting is others' as well; nothing else stays and costs."""
    kept = {
        name for name, body in backend.document["Resources"].items() if body.get("DeletionPolicy", "Delete") != "Delete"
    }
    assert kept == {"AuditTable", "ApiGatewayLogsRole", "ApiGatewayAccount"}
    for name in kept:
        assert backend.document["Resources"][name]["UpdateReplacePolicy"] == "Retain"
