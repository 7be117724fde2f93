"""AWS calls of functions without a socket: what services see, what botocore gets, and which calls go over HTTP."""

import io
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError

from infra.local.endpoint import direct_calls
from infra.local.endpoint.direct_calls import Services
from infra.local.lambda_ import environments, stand_ins
from infra.local.lambda_.sandboxes import Killed, Sandbox, entered

ADDRESS = "localhost:1"
"""Nobody listens there: what is answered was answered without a socket."""


class Service:
    """A WSGI application that answers with what it is told, and remembers the last request."""

    def __init__(self) -> None:
        self.status, self.body = "200 OK", b"{}"
        self.is_open = True
        self.environ: dict[str, Any] = {}
        self.sent = b""
        self.variables: dict[str, str] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        self.environ, self.sent, self.variables = environ, environ["wsgi.input"].read(), dict(os.environ)
        start_response(self.status, [("Content-Type", "application/x-amz-json-1.0")])
        return [self.body]


@pytest.fixture
def service() -> Iterator[Service]:
    stand_ins.install()
    there = Service()
    disconnect = direct_calls.connect(ADDRESS, Services(there, lambda: there.is_open))
    yield there
    disconnect()
    stand_ins.remove()


def client(name: str) -> Any:
    config = Config(connect_timeout=1, read_timeout=1, retries={"total_max_attempts": 1, "mode": "standard"})
    session = boto3.Session("own-key", "secret", region_name="us-east-1")
    return session.client(name, endpoint_url=f"http://{ADDRESS}", config=config)


def within(do: Callable[[], Any], dies: Callable[[int], bool] = lambda call: False) -> Any:
    """As a function does it."""
    with environments.environment({"OWN": "yes"}), entered(Sandbox(dies)):
        return do()


def test_a_functions_call_is_answered_without_a_socket(service: Service) -> None:
    service.body = b'{"Item": {"pk": {"S": "one"}}}'
    found = within(lambda: client("dynamodb").get_item(TableName="runs", Key={"pk": {"S": "one"}}))
    assert found["Item"] == {"pk": {"S": "one"}}
    assert json.loads(service.sent) == {"TableName": "runs", "Key": {"pk": {"S": "one"}}}
    assert service.environ["HTTP_X_AMZ_TARGET"] == "DynamoDB_20120810.GetItem"
    assert "Credential=own-key/" in service.environ["HTTP_AUTHORIZATION"]
    assert (service.environ["HTTP_HOST"], service.environ["CONTENT_LENGTH"]) == (ADDRESS, str(len(service.sent)))


def test_a_path_arrives_as_it_was_sent(service: Service) -> None:
    within(lambda: client("apigatewaymanagementapi").post_to_connection(ConnectionId="a/b=", Data=b"{}"))
    scope = service.environ["asgi.scope"]
    assert (scope["raw_path"], service.environ["PATH_INFO"]) == (b"/@connections/a%2Fb%3D", "/@connections/a/b=")


def test_an_error_is_the_services_own(service: Service) -> None:
    service.status = "400 Bad Request"
    service.body = b'{"__type": "com.amazonaws#ResourceNotFoundException", "message": "no such table"}'
    with pytest.raises(ClientError, match="no such table") as raised:
        within(lambda: client("dynamodb").get_item(TableName="runs", Key={"pk": {"S": "one"}}))
    assert raised.value.response["Error"]["Code"] == "ResourceNotFoundException"


def test_a_service_that_fails_answers_500(service: Service) -> None:
    service.status = None  # type: ignore[assignment]
    with pytest.raises(ClientError, match="500"):
        within(lambda: client("dynamodb").list_tables())


def test_a_service_does_not_run_in_the_functions_environment(service: Service) -> None:
    within(lambda: client("dynamodb").list_tables())
    assert service.variables
    assert "OWN" not in service.variables


def test_a_killed_function_gets_no_answer(service: Service) -> None:
    with pytest.raises(Killed):
        within(lambda: client("dynamodb").list_tables(), dies=lambda call: True)
    assert service.environ == {}


def over_http(do: Callable[[], Any]) -> None:
    """Nobody listens, so that is where it fails."""
    with pytest.raises(EndpointConnectionError):
        do()


def test_only_functions_call_directly(service: Service) -> None:
    over_http(lambda: client("dynamodb").list_tables())


def test_calls_go_over_http_while_a_fault_is_switched_on(service: Service) -> None:
    service.is_open = False
    over_http(lambda: within(lambda: client("dynamodb").list_tables()))


def test_a_long_poll_goes_over_http(service: Service) -> None:
    poll = {"Id": "00000000-0000-0000-0000-000000000000", "WaitTimeSeconds": 6}
    over_http(lambda: within(lambda: client("redshift-data").describe_statement(**poll)))


def test_a_short_poll_is_answered_without_a_socket(service: Service) -> None:
    poll = {"Id": "00000000-0000-0000-0000-000000000000", "WaitTimeSeconds": 5}
    within(lambda: client("redshift-data").describe_statement(**poll))
    assert json.loads(service.sent) == poll


@pytest.mark.parametrize("read", [lambda body: body.read(), lambda body: b"".join(body.iter_chunks(2))])
def test_an_answer_that_is_read_as_a_stream_is_whole(service: Service, read: Callable[[Any], bytes]) -> None:
    service.body = b"an object"
    answer = within(lambda: client("s3").get_object(Bucket="bucket", Key="key"))
    assert read(answer["Body"]) == b"an object"


@pytest.mark.parametrize("body", [b"an object", io.BytesIO(b"an object")])
def test_an_object_in_memory_is_put_without_a_socket(service: Service, body: Any) -> None:
    service.body = b""
    within(lambda: client("s3").put_object(Bucket="bucket", Key="key", Body=body))
    assert service.sent == b"an object"


def test_a_body_from_a_file_goes_over_http(service: Service, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"an object")
    with file.open("rb") as body:
        over_http(lambda: within(lambda: client("s3").put_object(Bucket="bucket", Key="key", Body=body)))


def test_another_address_is_called_over_http(service: Service) -> None:
    elsewhere = boto3.Session("a", "b", region_name="us-east-1").client(
        "dynamodb", endpoint_url="http://localhost:2", config=Config(retries={"total_max_attempts": 1})
    )
    over_http(lambda: within(elsewhere.list_tables))
