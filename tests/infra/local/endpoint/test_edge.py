"""One endpoint for everything: who is let in, and which service answers."""

import asyncio
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from infra.local.endpoint.awsjson import ServiceError
from infra.local.endpoint.edge import JsonService, Signature
from infra.local.endpoint.server import _listening
from tests.infra.local.endpoints import Endpoint, endpoint, free_port


class FakeDataApi:
    """Answers describe_statement and remembers who asked."""

    def __init__(self) -> None:
        self.keys: list[str] = []

    def __call__(self, operation: str, request: dict[str, Any], signature: Signature) -> dict[str, Any]:
        self.keys.append(signature.access_key)
        if operation != "DescribeStatement":
            raise ServiceError("ResourceNotFoundException", "no such thing", ResourceId="x")
        return {"Id": request["Id"], "Status": "FINISHED"}


@pytest.fixture(scope="module")
def data_api() -> FakeDataApi:
    return FakeDataApi()


@pytest.fixture(scope="module")
def one_endpoint(tmp_path_factory: pytest.TempPathFactory, data_api: FakeDataApi) -> Iterator[Endpoint]:
    services = {"RedshiftData": JsonService("redshift-data", data_api)}
    with endpoint(tmp_path_factory.mktemp("s3"), json_services=services) as running:
        yield running


@pytest.fixture
def there(one_endpoint: Endpoint) -> Iterator[Endpoint]:
    yield one_endpoint
    one_endpoint.settle()


STATEMENT = "01234567-0123-0123-0123-0123456789ab"


def test_json_services_are_told_operation_request_and_access_key(there: Endpoint, data_api: FakeDataApi) -> None:
    answer = there.client("redshift-data").describe_statement(Id=STATEMENT)
    assert (answer["Id"], answer["Status"]) == (STATEMENT, "FINISHED")
    assert data_api.keys[-1] == "local"


def test_their_errors_reach_boto3_by_name(there: Endpoint) -> None:
    client = there.client("redshift-data")
    with pytest.raises(client.exceptions.ResourceNotFoundException) as error:
        client.cancel_statement(Id=STATEMENT)
    assert error.value.response["ResourceId"] == "x"


def test_rest_requests_reach_the_function_and_come_back(there: Endpoint) -> None:
    def show(event: dict[str, Any], context: Any) -> dict[str, Any]:
        seen = [event["pathParameters"], event["headers"]["User-Agent"], event["requestContext"]["authorizer"]]
        return {"statusCode": 201, "headers": {"X-Mine": "yes"}, "body": json.dumps(seen)}

    there.handlers["Result"] = show
    headers = {"Authorization": "u-1", "User-Agent": "test"}
    answer = requests.get(f"{there.rest_url}/results/a%20b", headers=headers, timeout=5)
    assert answer.status_code == 201
    assert answer.headers["X-Mine"] == "yes"
    assert answer.json() == [{"statementId": "a b"}, "test", {"claims": {"sub": "u-1"}}]


def test_gateway_errors_have_the_templates_shape(there: Endpoint) -> None:
    answer = requests.get(f"{there.rest_url}/reports", timeout=5)
    assert (answer.status_code, answer.json()) == (401, {"error": {"code": "unauthorized"}})


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/"), ("OPTIONS", "/reports"), ("POST", "/reports")])
def test_what_is_no_route_is_the_gateways_403(there: Endpoint, method: str, path: str) -> None:
    answer = requests.request(method, there.rest_url + path, timeout=5)
    assert (answer.status_code, answer.json()) == (403, {"message": "Missing Authentication Token"})


@pytest.mark.parametrize("service", ["dynamodb", "ssm", "sqs", "sts"])
def test_other_services_are_motos(there: Endpoint, service: str) -> None:
    calls = {
        "dynamodb": "list_tables",
        "ssm": "describe_parameters",
        "sqs": "list_queues",
        "sts": "get_caller_identity",
    }
    answer = getattr(there.client(service), calls[service])()
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert answer.get("Account", "000000000000") == "000000000000"


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "evil.example"},
        {"Host": "localhost.evil.example:4566"},
        {"Host": "[::1"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
    ],
)
@pytest.mark.parametrize("path", ["/", "/_aws/execute-api/restapi/prod/reports", "/bucket/key"])
def test_other_names_and_pages_from_elsewhere_are_refused(there: Endpoint, headers: dict[str, str], path: str) -> None:
    assert requests.get(there.url + path, headers=headers, timeout=5).status_code == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_computers_names_are_served(there: Endpoint, host: str) -> None:
    answer = requests.get(f"{there.rest_url}/reports", headers={"Host": host, "Authorization": "x"}, timeout=5)
    assert answer.status_code == 200


def test_no_answer_invites_other_origins(there: Endpoint) -> None:
    for path in ("/", "/bucket", "/_aws/execute-api/restapi/prod/reports"):
        answer = requests.get(there.url + path, headers={"Origin": "http://localhost:8050"}, timeout=5)
        assert "Access-Control-Allow-Origin" not in answer.headers


def test_motos_switches_are_out_of_reach(there: Endpoint) -> None:
    assert requests.post(f"{there.url}/moto-api/reset", timeout=5).status_code == 404


def test_small_answers_leave_without_nagles_delay() -> None:
    """40 ms a call would be a second for a page of panels: connections of the endpoint's sockets send at once."""

    async def sends_at_once(listener: socket.socket) -> bool:
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        async def accept(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            option = writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
            writer.close()
            await writer.wait_closed()
            found.set_result(option)

        async with await asyncio.start_server(accept, sock=listener):
            _, writer = await asyncio.open_connection(*listener.getsockname()[:2])
            option = await asyncio.wait_for(found, 20)
            writer.close()
            await writer.wait_closed()
        return option != 0

    with ThreadPoolExecutor(1) as loop_of_its_own:  # a browser's tests leave one running in the main thread
        for listener in _listening(free_port()):
            assert loop_of_its_own.submit(asyncio.run, sends_at_once(listener)).result(30)


def test_a_chunked_upload_arrives_whole(there: Endpoint) -> None:
    s3 = there.client("s3")
    s3.create_bucket(Bucket="bucket")
    url = s3.generate_presigned_url("put_object", Params={"Bucket": "bucket", "Key": "key"})
    chunks = [b"x" * 70_000, b"y" * 10]
    answer = requests.put(url, data=iter(chunks), timeout=5)
    assert answer.status_code == 200
    assert there.client("s3").get_object(Bucket="bucket", Key="key")["Body"].read() == b"".join(chunks)
