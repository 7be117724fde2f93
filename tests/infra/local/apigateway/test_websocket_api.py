"""The WebSocket API as a real client sees it, compared with what was observed on AWS."""

import gc
import json
import queue
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
import websocket

from infra.local.apigateway.handshake_turns import AT_ONCE
from infra.local.apigateway.websocket_api import WORKERS, Limits
from tests.infra.local.endpoints import Endpoint, allow, endpoint, ok


class Recorder:
    """A handler that remembers its events."""

    def __init__(self, answer: Any = None) -> None:
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()
        self.answer = {"statusCode": 200} if answer is None else answer

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        self.events.put(event)
        return self.answer

    def next(self) -> dict[str, Any]:
        return self.events.get(timeout=5)


def failing(event: dict[str, Any], context: Any) -> Any:
    raise RuntimeError("broken")


@pytest.fixture(scope="module")
def one_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with endpoint(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def there(one_endpoint: Endpoint) -> Iterator[Endpoint]:
    yield one_endpoint
    one_endpoint.settle()


def connect(
    there: Endpoint, *, header: str | None = "Bearer token", query: str = "", patience: float = 5
) -> websocket.WebSocket:
    headers, url = [f"Authorization: {header}"] if header is not None else [], there.websocket_url + query
    return websocket.create_connection(url, timeout=patience, header=headers, suppress_origin=True)


def status_of(there: Endpoint, **options: Any) -> int:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        connect(there, **options)
    return int(refused.value.status_code)


def closing_code(client: websocket.WebSocket) -> int:
    try:
        while True:
            opcode, data = client.recv_data(control_frame=True)
            if opcode == websocket.ABNF.OPCODE_CLOSE:
                return int.from_bytes(data[:2], "big")
    finally:
        client.shutdown()


# ------------------------------------------------------------------------------------------------------- the handshake


def test_connect_function_runs_before_the_upgrade_with_the_authorizers_context(there: Endpoint) -> None:
    connected = there.handlers["Connect"] = Recorder()
    connect(there, query="?a=1&a=2").close()
    event = connected.next()
    assert event["requestContext"]["routeKey"] == "$connect"
    assert event["requestContext"]["eventType"] == "CONNECT"
    assert event["requestContext"]["authorizer"]["email"] == "ana@example.com"
    assert event["requestContext"]["authorizer"]["principalId"] == "ana"
    assert event["headers"]["Authorization"] == "Bearer token"
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"]}
    assert event["queryStringParameters"] == {"a": "2"}


def test_an_authorizer_gets_the_request_and_the_method_arn(there: Endpoint) -> None:
    asked: list[dict[str, Any]] = []
    there.handlers["Authorize"] = lambda event, context: asked.append(event) or allow(event, context)
    connect(there).close()
    assert asked[0]["type"] == "REQUEST"
    assert asked[0]["methodArn"] == "arn:aws:execute-api:us-east-1:000000000000:websocketapi/prod/$connect"


@pytest.mark.parametrize("header", [None, ""])
def test_without_identity_source_the_answer_is_401_and_the_authorizer_is_not_asked(
    there: Endpoint, header: str | None
) -> None:
    asked = there.handlers["Authorize"] = Recorder()
    assert status_of(there, header=header) == 401
    assert asked.events.empty()


def test_a_denying_policy_is_403(there: Endpoint) -> None:
    policy = {"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}
    there.handlers["Authorize"] = Recorder({"principalId": "x", "policyDocument": policy})
    assert status_of(there) == 403


def test_an_authorizer_that_raises_unauthorized_is_401(there: Endpoint) -> None:
    def refuse(event: dict[str, Any], context: Any) -> Any:
        raise PermissionError("Unauthorized")

    there.handlers["Authorize"] = refuse
    assert status_of(there) == 401


@pytest.mark.parametrize("verdict", [{}, None, "yes", {"principalId": "x"}])
def test_an_unreadable_policy_is_500(there: Endpoint, verdict: Any) -> None:
    there.handlers["Authorize"] = lambda event, context: verdict
    assert status_of(there) == 500


def test_lists_in_the_authorizers_context_are_refused_as_on_aws(there: Endpoint) -> None:
    there.handlers["Authorize"] = lambda event, context: allow(event, context) | {"context": {"groups": ["a"]}}
    assert status_of(there) == 500


@pytest.mark.parametrize("status", [400, 403, 404, 429, 503])
def test_the_connect_functions_status_is_the_handshakes(there: Endpoint, status: int) -> None:
    there.handlers["Connect"] = Recorder({"statusCode": status})
    assert status_of(there) == status


def test_a_connect_function_that_raises_is_502(there: Endpoint) -> None:
    there.handlers["Connect"] = failing
    assert status_of(there) == 502
    assert "broken" in there.logged[0]


@pytest.mark.parametrize("length", [8_250, 70_000])
def test_a_handshake_with_a_long_header_is_refused_and_not_left_waiting(there: Endpoint, length: int) -> None:
    assert status_of(there, header="x" * length) == 431


def test_a_crowd_of_one_account_keeps_no_other_out(there: Endpoint) -> None:
    """However many handshakes of the account wait for functions, and each is answered in its turn."""
    begun, go_on, count = threading.Semaphore(0), threading.Event(), WORKERS + 8

    def held(event: dict[str, Any], context: Any) -> Any:
        if event["headers"]["Authorization"] == "Bearer crowd":
            begun.release()
            assert go_on.wait(30), "the test has gone"
        return allow(event, context)

    there.handlers["Authorize"] = held
    with ThreadPoolExecutor(count) as pool:
        crowd = [pool.submit(connect, there, header="Bearer crowd", patience=30) for _ in range(count)]
        try:
            assert begun.acquire(timeout=30)
            connect(there, header="Bearer other").close()
            assert not any(one.done() for one in crowd)
        finally:
            go_on.set()
        for one in crowd:
            one.result().close()


def test_a_refused_handshake_leads_to_no_disconnect(there: Endpoint) -> None:
    gone = there.handlers["Disconnect"] = Recorder()
    there.handlers["Connect"] = Recorder({"statusCode": 403})
    status_of(there)
    there.handlers["Connect"] = ok
    connect(there).close()
    gone.next()
    assert gone.events.empty()


def test_an_unknown_api_or_stage_is_403(there: Endpoint) -> None:
    for path in ("nosuchapi/prod", "websocketapi/test"):
        url = there.url.replace("http", "ws") + "/_aws/execute-api/" + path
        with pytest.raises(websocket.WebSocketBadStatusException) as refused:
            websocket.create_connection(url, timeout=5, header=["Authorization: x"], suppress_origin=True)
        assert refused.value.status_code == 403


def test_a_page_from_elsewhere_cannot_open_a_socket(there: Endpoint) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(
            there.websocket_url, timeout=5, header=["Authorization: x"], origin="https://evil.example"
        )
    assert refused.value.status_code == 403


# ------------------------------------------------------------------------------------------------------------ messages


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ('{"action":"run"}', "Run"),
        ('{"action":"nosuch"}', "Default"),
        ('{"action":"$connect"}', "Default"),
        ('{"action":7}', "Default"),
        ('["run"]', "Default"),
        ("run", "Default"),
        ("", "Default"),
    ],
)
def test_messages_are_routed_by_their_action(there: Endpoint, text: str, route: str) -> None:
    recorders = {name: Recorder() for name in ("Run", "Default")}
    there.handlers |= recorders
    client = connect(there)
    client.send(text)
    event = recorders[route].next()
    assert event["body"] == text
    assert event["requestContext"]["routeKey"] == {"Run": "run", "Default": "$default"}[route]
    client.close()


def test_message_events_carry_ids_and_authorizer_but_no_headers(there: Endpoint) -> None:
    connected, ran = Recorder(), Recorder()
    there.handlers |= {"Connect": connected, "Run": ran}
    client = connect(there)
    client.send('{"action":"run"}')
    event, context = ran.events.get(timeout=5), connected.next()["requestContext"]
    assert "headers" not in event
    assert event["requestContext"]["messageId"]
    assert event["requestContext"]["connectionId"] == context["connectionId"]
    assert event["requestContext"]["connectedAt"] == context["connectedAt"]
    assert event["requestContext"]["authorizer"]["email"] == "ana@example.com"
    client.close()


def test_what_a_route_returns_goes_nowhere_and_a_failure_becomes_a_frame(there: Endpoint) -> None:
    there.handlers["Default"] = Recorder({"statusCode": 500, "body": "unheard"})
    there.handlers["Run"] = failing
    client = connect(there)
    client.send("hello")
    client.send('{"action":"run"}')
    frame = json.loads(client.recv())
    assert frame["message"] == "Internal server error"
    assert frame["connectionId"]
    assert frame["requestId"]
    client.send("still open")
    client.close()


def test_messages_of_one_connection_run_side_by_side(there: Endpoint) -> None:
    both, met = threading.Barrier(2), threading.Semaphore(0)

    def meet(event: dict[str, Any], context: Any) -> Any:
        both.wait(timeout=4)
        met.release()
        return {"statusCode": 200}

    there.handlers["Default"] = meet
    client = connect(there)
    client.send("one")
    client.send("two")
    assert met.acquire(timeout=5)
    client.close()


@pytest.mark.parametrize("size", [33 * 1024, 129 * 1024])
def test_too_large_a_frame_closes_with_1009(there: Endpoint, size: int) -> None:
    client = connect(there)
    client.send("x" * size)
    assert closing_code(client) == 1009


def test_a_message_in_small_frames_may_have_128_kb_and_no_more(there: Endpoint) -> None:
    received = there.handlers["Default"] = Recorder()
    client = connect(there)
    _send_in_frames(client, 4, 32 * 1024)
    assert len(received.next()["body"]) == 128 * 1024
    _send_in_frames(client, 5, 32 * 1024)
    assert closing_code(client) == 1009


def _send_in_frames(client: websocket.WebSocket, count: int, size: int) -> None:
    for number in range(count):
        opcode = websocket.ABNF.OPCODE_TEXT if number == 0 else websocket.ABNF.OPCODE_CONT
        client.send_frame(websocket.ABNF.create_frame("x" * size, opcode, fin=int(number == count - 1)))


# -------------------------------------------------------------------------------------------------- the end of a socket


def test_disconnect_comes_once_with_the_clients_code(there: Endpoint) -> None:
    gone = there.handlers["Disconnect"] = Recorder()
    client = connect(there)
    client.close(status=1000, reason=b"bye")
    event = gone.next()
    assert event["requestContext"]["eventType"] == "DISCONNECT"
    assert event["requestContext"]["disconnectStatusCode"] == 1000
    assert event["requestContext"]["disconnectReason"] == "bye"
    assert event["requestContext"]["authorizer"]["email"] == "ana@example.com"
    assert event["headers"]["x-restapi"] == ""
    assert gone.events.empty()


def test_a_socket_that_just_vanishes_is_a_disconnect_too(there: Endpoint) -> None:
    gone = there.handlers["Disconnect"] = Recorder()
    client = connect(there)
    client.sock.close()
    assert gone.next()["requestContext"]["disconnectStatusCode"] in (1005, 1006)


def test_disconnects_that_wait_for_their_turn_when_the_gateway_closes_end(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Their functions are not called any more, and nobody is told of an error."""
    go_on, begun = threading.Event(), threading.Semaphore(0)

    def held(event: dict[str, Any], context: Any) -> Any:
        begun.release()
        assert go_on.wait(30), "the test has gone"

    with endpoint(tmp_path, {"Disconnect": held}) as there:
        for client in [connect(there) for _ in range(AT_ONCE + 2)]:
            client.close()
        assert begun.acquire(timeout=30)
        there.websocket.close(patience=0)
        go_on.set()
        there.settle()
        assert not there.websocket.is_busy()
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


def test_an_idle_connection_is_closed(tmp_path: Path) -> None:
    with endpoint(tmp_path, limits=Limits(idle=0.3)) as there:
        client = connect(there)
        time_open = time.monotonic()
        assert closing_code(client) == 1001
        assert time.monotonic() - time_open > 0.2


def test_an_old_connection_is_closed_though_it_talks(tmp_path: Path) -> None:
    with endpoint(tmp_path, limits=Limits(age=0.5)) as there:
        client = connect(there)
        client.send("busy")
        assert closing_code(client) == 1001


# --------------------------------------------------------------------------------------------------------- @connections


def connection_id(recorder: Recorder) -> str:
    return str(recorder.next()["requestContext"]["connectionId"])


def test_functions_post_to_a_connection(there: Endpoint) -> None:
    connected = there.handlers["Connect"] = Recorder()
    client = connect(there)
    there.management().post_to_connection(ConnectionId=connection_id(connected), Data=b'{"type":"pong"}')
    assert client.recv() == '{"type":"pong"}'
    client.close()


def test_a_connection_is_described_and_deleted(there: Endpoint) -> None:
    connected, gone = Recorder(), Recorder()
    there.handlers |= {"Connect": connected, "Disconnect": gone}
    client = connect(there)
    one, management = connection_id(connected), there.management()
    seen = management.get_connection(ConnectionId=one)
    assert seen["ConnectedAt"] <= seen["LastActiveAt"]
    assert seen["Identity"]["SourceIp"] in ("127.0.0.1", "::1")
    management.delete_connection(ConnectionId=one)
    closing_code(client)
    gone.next()
    with pytest.raises(management.exceptions.GoneException):
        management.get_connection(ConnectionId=one)


def test_posting_to_a_closed_or_unknown_connection_is_gone(there: Endpoint) -> None:
    connected, gone = Recorder(), Recorder()
    there.handlers |= {"Connect": connected, "Disconnect": gone}
    management = there.management()
    connect(there).close()
    gone.next()
    for one in (connection_id(connected), "never="):
        with pytest.raises(management.exceptions.GoneException) as error:
            management.post_to_connection(ConnectionId=one, Data=b"x")
        assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410


def test_posting_while_the_connect_function_runs_is_gone(there: Endpoint) -> None:
    outcomes: list[str] = []
    management = there.management()

    def post_early(event: dict[str, Any], context: Any) -> Any:
        try:
            management.post_to_connection(ConnectionId=event["requestContext"]["connectionId"], Data=b"x")
        except management.exceptions.GoneException:
            outcomes.append("gone")
        return {"statusCode": 200}

    there.handlers["Connect"] = post_early
    connect(there).close()
    assert outcomes == ["gone"]


def test_more_than_128_kb_cannot_be_posted(there: Endpoint) -> None:
    connected = there.handlers["Connect"] = Recorder()
    client = connect(there)
    url = f"{there.url}/_aws/execute-api/websocketapi/prod/@connections/{connection_id(connected)}"
    answer = requests.post(url, data=b"x" * (128 * 1024 + 1), timeout=5)
    assert answer.status_code == 413
    assert answer.headers["x-amzn-ErrorType"] == "PayloadTooLargeException"
    assert requests.post(url, data=b"x" * (128 * 1024), timeout=5).status_code == 200
    assert len(client.recv()) == 128 * 1024
    client.close()
