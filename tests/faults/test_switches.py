"""Calls, sockets and functions fail as they are told to, for real boto3 and WebSocket clients."""

import json
import queue
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import websocket
from botocore.exceptions import ClientError, ReadTimeoutError

from infra.local.endpoint.identities import access_key_of
from tests.infra.local.endpoints import Endpoint, endpoint
from tests.infra.local.laptop import until


@pytest.fixture(scope="module")
def one_endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Endpoint]:
    with endpoint(tmp_path_factory.mktemp("s3")) as running:
        key = {"AttributeName": "pk", "AttributeType": "S"}
        schema = [{"AttributeName": "pk", "KeyType": "HASH"}]
        running.client("dynamodb").create_table(
            TableName="t", AttributeDefinitions=[key], KeySchema=schema, BillingMode="PAY_PER_REQUEST"
        )
        yield running


@pytest.fixture
def there(one_endpoint: Endpoint) -> Iterator[Endpoint]:
    yield one_endpoint
    one_endpoint.settle()


def put(client: Any, key: str) -> None:
    client.put_item(TableName="t", Item={"pk": {"S": key}})


def has(there: Endpoint, key: str) -> bool:
    return "Item" in there.client("dynamodb").get_item(TableName="t", Key={"pk": {"S": key}})


def code_of(call: Callable[[], Any]) -> str:
    with pytest.raises(ClientError) as error:
        call()
    return str(error.value.response["Error"]["Code"])


class Recorder:
    """A handler that remembers its events."""

    def __init__(self) -> None:
        self.events: queue.Queue[dict[str, Any]] = queue.Queue()

    def __call__(self, event: dict[str, Any], context: Any) -> Any:
        self.events.put(event)
        return {"statusCode": 200}

    def next(self) -> dict[str, Any]:
        return self.events.get(timeout=5)


def connect(there: Endpoint) -> websocket.WebSocket:
    """A socket that the gateway knows to be open."""
    before = set(there.websocket._connections)
    header = ["Authorization: Bearer token"]
    client = websocket.create_connection(there.websocket_url, timeout=5, header=header, suppress_origin=True)
    until(lambda: bool(set(there.websocket._connections) - before))
    return client


def test_it_is_quiet_while_nothing_is_switched_on(there: Endpoint) -> None:
    """Then functions call the services directly."""
    assert there.faults.is_quiet
    there.faults.lose_events()
    assert not there.faults.is_quiet
    there.faults.mend()
    assert there.faults.is_quiet


# -------------------------------------------------------------------------------------------------------- refused calls


def test_the_next_calls_of_an_operation_are_refused_and_do_nothing(there: Endpoint) -> None:
    client = there.client("dynamodb")
    fault = there.faults.refuse("dynamodb", "PutItem", "ThrottlingException", times=2)
    for _ in range(2):
        assert code_of(lambda: put(client, "refused")) == "ThrottlingException"
    assert not has(there, "refused"), "and other operations go on"
    put(client, "refused")
    assert fault.happened == 2


def test_a_refused_upload_leaves_the_connection_in_order(there: Endpoint) -> None:
    """Its body waits for a go-ahead that a refusal is not."""
    s3 = there.client("s3")
    s3.create_bucket(Bucket="bucket")
    there.faults.refuse("s3", "PutObject", "SlowDown", http_status=503, times=5)
    for _ in range(5):
        assert code_of(lambda: s3.put_object(Bucket="bucket", Key="key", Body=b"x" * 100_000)) == "SlowDown"
        assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 0
    s3.put_object(Bucket="bucket", Key="key", Body=b"x")
    assert s3.list_objects_v2(Bucket="bucket")["KeyCount"] == 1


def test_every_operation_of_a_service_is_refused_until_mended(there: Endpoint) -> None:
    client = there.client("dynamodb")
    there.faults.refuse("dynamodb", "*", "InternalServerError", http_status=500)
    assert code_of(client.list_tables) == code_of(lambda: put(client, "x")) == "InternalServerError"
    assert there.client("sqs").list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
    there.faults.mend()
    assert client.list_tables()["TableNames"] == ["t"]


def test_one_fault_is_mended_and_the_other_stays(there: Endpoint) -> None:
    first = there.faults.refuse("dynamodb", "ListTables", "ThrottlingException")
    there.faults.refuse("sqs", "ListQueues", "ThrottlingException")
    there.faults.mend(first)
    assert there.client("dynamodb").list_tables()["TableNames"] == ["t"]
    assert code_of(there.client("sqs").list_queues) == "ThrottlingException"


@pytest.mark.parametrize(("by", "key"), [("someone", "someone"), ("SomeFunction", access_key_of("SomeFunction"))])
def test_only_the_named_caller_is_refused(there: Endpoint, by: str, key: str) -> None:
    """By its access key, or as a function by its name."""
    there.faults.refuse("dynamodb", "ListTables", "ThrottlingException", by=by)
    assert code_of(there.client("dynamodb", key=key).list_tables) == "ThrottlingException"
    assert there.client("dynamodb").list_tables()["TableNames"] == ["t"]


def test_a_connection_is_said_to_be_gone_though_it_is_not(there: Endpoint) -> None:
    connected = there.handlers["Connect"] = Recorder()
    client = connect(there)
    there.faults.refuse("apigatewaymanagementapi", "PostToConnection", "GoneException", times=1)
    management, one = there.management(), connected.next()["requestContext"]["connectionId"]
    with pytest.raises(management.exceptions.GoneException) as error:
        management.post_to_connection(ConnectionId=one, Data=b"refused")
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 410
    management.post_to_connection(ConnectionId=one, Data=b"sent")
    assert client.recv() == "sent"
    client.close()


# ----------------------------------------------------------------------------------------------------- unanswered calls


def test_a_call_is_not_answered_while_its_client_waits(there: Endpoint) -> None:
    there.faults.hang("dynamodb", "PutItem", seconds=60, times=1)
    with pytest.raises(ReadTimeoutError):
        put(there.client("dynamodb", read_timeout=0.2), "unanswered")
    assert not has(there, "unanswered")


def test_a_call_takes_effect_though_it_is_not_answered(there: Endpoint) -> None:
    there.faults.hang("dynamodb", "PutItem", seconds=60, times=1, done=True)
    with pytest.raises(ReadTimeoutError):
        put(there.client("dynamodb", read_timeout=1), "unheard")
    until(lambda: has(there, "unheard"))


def test_mending_ends_the_waiting(there: Endpoint) -> None:
    fault = there.faults.hang("dynamodb", "ListTables", seconds=3600)
    with ThreadPoolExecutor(1) as pool:
        hanging = pool.submit(code_of, there.client("dynamodb", read_timeout=60).list_tables)
        until(lambda: fault.happened == 1)
        there.faults.mend()
        assert hanging.result(timeout=20) == "ServiceUnavailable"


# -------------------------------------------------------------------------------------------------------------- sockets


def end_of(client: websocket.WebSocket) -> int:
    """The close code a client is told; 1006 when it is told nothing and the connection breaks."""
    try:
        opcode, data = client.recv_data(control_frame=True)
    except (websocket.WebSocketConnectionClosedException, ConnectionError):
        return 1006
    finally:
        client.shutdown()
    assert opcode == websocket.ABNF.OPCODE_CLOSE
    return int.from_bytes(data[:2], "big")


def test_sockets_break_without_a_closing_handshake(there: Endpoint) -> None:
    gone = there.handlers["Disconnect"] = Recorder()
    clients = [connect(there) for _ in range(3)]
    assert there.faults.break_sockets() == 3
    assert [end_of(client) for client in clients] == [1006] * 3
    assert [gone.next()["requestContext"]["disconnectStatusCode"] for _ in clients] == [1006] * 3


def test_sockets_are_closed_politely(there: Endpoint) -> None:
    gone = there.handlers["Disconnect"] = Recorder()
    client = connect(there)
    assert there.faults.break_sockets(politely=True) == 1
    assert end_of(client) == 1001
    assert gone.next()["requestContext"]["disconnectStatusCode"] == 1001


def test_a_share_of_the_sockets_breaks_and_the_others_go_on(there: Endpoint) -> None:
    there.handlers["Default"] = Recorder()
    gone = there.handlers["Disconnect"] = Recorder()
    clients = {connect(there) for _ in range(4)}
    assert there.faults.break_sockets(0.5) == 2
    for _ in range(2):
        gone.next()
    assert len(there.websocket._connections) == 2
    assert there.faults.break_sockets() == 2
    assert {end_of(client) for client in clients} == {1006}


def test_a_new_socket_opens_after_the_break(there: Endpoint) -> None:
    there.handlers["Default"] = received = Recorder()
    broken = connect(there)
    there.faults.break_sockets()
    assert end_of(broken) == 1006
    again = connect(there)
    again.send("hello")
    assert received.next()["body"] == "hello"
    again.close()


def test_a_disconnect_is_never_delivered(there: Endpoint) -> None:
    gone = there.handlers["Disconnect"] = Recorder()
    fault = there.faults.lose_disconnects(times=1)
    for code in (4001, 4002):
        connect(there).close(status=code)
        until(lambda: not there.websocket.is_busy())
    assert gone.next()["requestContext"]["disconnectStatusCode"] == 4002
    assert gone.events.empty()
    assert fault.happened == 1


# ------------------------------------------------------------------------------------------------------------ functions


def writing(there: Endpoint, *keys: str, at_once: bool = False) -> Callable[[Any, Any], Any]:
    """A handler that writes some items, one after the other or all at once; it tries to save what it can."""
    client = there.client("dynamodb")

    def handler(event: Any, context: Any) -> Any:
        try:
            with ThreadPoolExecutor(len(keys) if at_once else 1) as pool:
                list(pool.map(lambda key: put(client, key), keys))
        except Exception:
            put(client, "caught")
        finally:
            put(client, "finally")

    return handler


def reply_to(client: websocket.WebSocket, text: str) -> str:
    client.send(text)
    return str(json.loads(client.recv())["message"])


def test_a_function_dies_before_its_nth_call_and_saves_nothing(there: Endpoint) -> None:
    there.handlers["Run"] = writing(there, "first", "second", "third")
    client = connect(there)
    fault = there.faults.kill("Run", before_call=2)
    assert reply_to(client, '{"action":"run"}') == "Internal server error"
    assert [has(there, key) for key in ("first", "second", "third", "caught", "finally")] == [True] + [False] * 4
    assert fault.happened == 1
    assert "signal: killed" in there.logged[0]
    client.close()


def test_only_so_many_invocations_die(there: Endpoint) -> None:
    there.handlers["Run"] = writing(there, "survived")
    client = connect(there)
    there.faults.kill("Run", times=2)
    for _ in range(2):
        assert reply_to(client, '{"action":"run"}') == "Internal server error"
    client.send('{"action":"run"}')
    until(lambda: has(there, "survived"))
    client.close()


def test_another_function_lives(there: Endpoint) -> None:
    there.handlers["Default"] = writing(there, "another")
    client = connect(there)
    there.faults.kill("Run", times=None)
    client.send("anything")
    until(lambda: has(there, "another"))
    client.close()


def test_an_invocation_with_fewer_calls_goes_on_and_the_next_with_more_dies(there: Endpoint) -> None:
    """The finally clause makes the last call: the second of two, then the third of three."""
    there.handlers["Run"] = writing(there, "few")
    client = connect(there)
    fault = there.faults.kill("Run", before_call=3)
    client.send('{"action":"run"}')
    until(lambda: has(there, "finally"))
    assert fault.happened == 0
    there.handlers["Run"] = writing(there, "more", "many")
    assert reply_to(client, '{"action":"run"}') == "Internal server error"
    client.close()


def test_calls_at_once_from_a_pool_are_the_functions(there: Endpoint) -> None:
    keys = [f"pool-{number}" for number in range(8)]
    there.handlers["Run"] = writing(there, *keys, at_once=True)
    client = connect(there)
    there.faults.kill("Run", before_call=4)
    assert reply_to(client, '{"action":"run"}') == "Internal server error"
    assert sum(has(there, key) for key in keys) <= 3
    client.close()
