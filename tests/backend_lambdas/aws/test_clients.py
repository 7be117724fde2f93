"""Clients, S3 paths and REST answers."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from boto3.dynamodb.conditions import Key
from botocore.exceptions import ParamValidationError

from backend_lambdas.aws import clients
from backend_lambdas.errors import Forbidden


def test_clients_can_be_made_by_many_threads_at_once() -> None:
    """On a laptop the functions of one process start cold together."""
    clients._session.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: clients.client("sqs"), range(16)))
    assert {client.meta.service_model.service_name for client in made} == {"sqs"}


@pytest.fixture
def _impatient_threads() -> Iterator[None]:
    """Threads that take turns all the time."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("_impatient_threads")
def test_threads_that_share_a_client_ask_with_values_of_their_own() -> None:
    """What numbers the values of a condition is no other thread's: one asked for the partition of another's prefix."""
    dynamodb, asked = clients.dynamodb(), []

    def answer(params: dict[str, Any], **_: Any) -> tuple[Any, dict[str, Any]]:
        asked.append(json.loads(params["body"]))
        return SimpleNamespace(status_code=200), {"Items": []}

    def ask(number: int) -> None:
        condition = Key("pk").eq(f"key {number}") & Key("sk").begins_with(f"prefix {number}")
        dynamodb.query(TableName="table", KeyConditionExpression=condition)

    dynamodb.meta.events.register("before-call.dynamodb.Query", answer)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(ask, range(400)))
    assert {one["KeyConditionExpression"] for one in asked} == {"(#n0 = :v0 AND begins_with(#n1, :v1))"}
    values = [one["ExpressionAttributeValues"] for one in asked]
    assert sorted(one[":v0"]["S"] for one in values) == sorted(f"key {number}" for number in range(400))
    assert all(one[":v1"]["S"].split()[1] == one[":v0"]["S"].split()[1] for one in values)


def test_every_call_has_a_timeout_and_an_end_of_tries() -> None:
    for client in (clients.client("s3"), clients.dynamodb()):
        config = client.meta.config
        assert config.connect_timeout <= 5
        assert config.read_timeout <= 20
        assert config.retries["total_max_attempts"] <= 4


@pytest.mark.parametrize("attempts", [1, 2])
def test_who_tries_again_himself_has_a_client_that_does_not(attempts: int) -> None:
    """Else each of his tries would be several."""
    config = clients.client("sqs", attempts=attempts).meta.config
    assert config.retries["total_max_attempts"] == attempts
    assert config.connect_timeout <= 5


def test_every_request_names_the_same_user_agent() -> None:
    """botocore takes it as it is set, where it would else put its own together for each request."""
    for client in (clients.client("sqs"), clients.dynamodb(), clients.signing_s3()):
        agent = client._user_agent_creator.to_string()
        assert agent.startswith("Pushboard Boto3/")
        assert client.meta.config.user_agent == agent


def test_parameters_of_many_small_calls_are_left_to_the_service() -> None:
    """DynamoDB and `@connections` refuse what is missing themselves; of other services botocore does it here."""
    gateway, s3 = clients.client("apigatewaymanagementapi", "https://api.invalid/prod"), clients.client("s3")
    dynamodb = clients.dynamodb()
    for client in (dynamodb, gateway):
        client.meta.events.register("before-call", lambda **_: (SimpleNamespace(status_code=200), {}))
    dynamodb.get_item(TableName="runs")
    gateway.post_to_connection(ConnectionId="a")
    with pytest.raises(ParamValidationError):
        s3.get_object(Bucket="bucket")


def test_the_callback_address_is_where_a_management_client_calls() -> None:
    client = clients.client("apigatewaymanagementapi", "https://api.invalid/prod")
    assert client.meta.endpoint_url == "https://api.invalid/prod"


@pytest.mark.parametrize("region", ["us-east-1", "eu-central-1", "ap-southeast-5"])
def test_a_link_is_for_the_buckets_own_host_in_its_region(region: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last of them was opened in 2024. A link for a host without its Region is redirected, and then refused."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", region)
    clients._session.cache_clear()
    try:
        s3 = clients.signing_s3()
        signed = urlsplit(s3.generate_presigned_url("get_object", Params={"Bucket": "exports-of-ours", "Key": "a/b"}))
    finally:
        clients._session.cache_clear()
    assert (signed.scheme, signed.netloc) == ("https", f"exports-of-ours.s3.{region}.amazonaws.com")
    query = parse_qs(signed.query)
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]
    assert query["X-Amz-Credential"][0].endswith(f"/{region}/s3/aws4_request")


def test_a_link_for_an_endpoint_by_number_has_the_bucket_in_its_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:4566")
    clients._session.cache_clear()
    try:
        s3 = clients.signing_s3()
        signed = s3.generate_presigned_url("get_object", Params={"Bucket": "exports-of-ours", "Key": "a/b"})
    finally:
        clients._session.cache_clear()
    assert signed.startswith("http://127.0.0.1:4566/exports-of-ours/a/b?")


@pytest.mark.parametrize(
    ("uri", "location"),
    [
        ("s3://bucket/a/b/", ("bucket", "a/b/")),
        ("s3://bucket/a/b", ("bucket", "a/b/")),
        ("s3://bucket/", ("bucket", "")),
        ("s3://bucket", ("bucket", "")),
    ],
)
def test_an_s3_path_is_a_bucket_and_a_prefix(uri: str, location: tuple[str, str]) -> None:
    assert clients.s3_location(uri) == location


@pytest.mark.parametrize("uri", ["", "bucket/a", "https://bucket/a", "s3:///a", "file:///etc/passwd"])
def test_anything_else_is_no_s3_path(uri: str) -> None:
    with pytest.raises(ValueError, match="Not an S3 path"):
        clients.s3_location(uri)


def test_an_error_has_the_one_shape_of_rest_errors() -> None:
    answer = clients.rest_error(Forbidden())
    assert answer["statusCode"] == 403
    assert json.loads(answer["body"]) == {
        "error": {"code": "forbidden", "message": "You do not have access to this report."}
    }


def test_no_answer_is_stored_by_proxies() -> None:
    """Whose rows they are depends on the token."""
    assert clients.rest_answer({})["headers"]["Cache-Control"] == "no-store"
