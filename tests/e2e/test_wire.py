"""What other people's programs see: the AWS CLI, boto3, a plain WebSocket client and REST, on the running stack."""

import json
import uuid
from collections.abc import Callable, Iterator

import pytest
import websocket

from tests.aws_cli import aws, aws_text
from tests.e2e.clients import Client, sign_in
from tests.e2e.conftest import FINANCE, OPS, PASSWORD, Stack
from tests.e2e.reports import SLOW, Publish

pytestmark = pytest.mark.e2e


Connect = Callable[[str], Client]


@pytest.fixture
def connect(stack: Stack) -> Iterator[Connect]:
    """Opens clients by e-mail; they are closed with the test."""
    opened: list[Client] = []

    def open_client(email: str) -> Client:
        opened.append(Client(stack, email))
        return opened[-1]

    yield open_client
    for client in opened:
        client.close()


@pytest.fixture
def ops(connect: Connect) -> Client:
    return connect(OPS)


@pytest.fixture
def finance(connect: Connect) -> Client:
    return connect(FINANCE)


def test_a_plain_client_runs_a_report_and_reads_it(stack: Stack, ops: Client) -> None:
    """An ID token is all it takes: run over the socket, read over REST, exact decimals and typed columns."""
    run_id = ops.run("daily_totals", {"month": "2015-12"}, refresh=True)
    *accepted, finished = ops.until_end()
    assert {one["runId"] for one in (*accepted, finished)} == {run_id}
    assert [one["shared"] for one in accepted] in ([], [False])
    assert (finished["type"], finished["rows"]) == ("finished", 31)
    answer = stack.rest(f"/results/{finished['statementId']}", ops.token).json()
    assert answer["columns"][0] == {"name": "trip_date", "type": "date"}
    assert {column["type"] for column in answer["columns"][1:]} == {"decimal"}
    assert all(isinstance(value, str) for value in answer["records"][0])
    assert answer["nextToken"] is None


def test_ping_is_answered(ops: Client) -> None:
    ops.send({"action": "ping"})
    assert ops.until("pong") == {"type": "pong"}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{", "bad_message"),
        ("[]", "bad_message"),
        ('"text"', "bad_message"),
        ("{}", "bad_message"),
        ({"action": "dance"}, "bad_message"),
        ({"action": "run", "report": "trips", "runId": "r"}, "bad_message"),
        ({"action": "run", "topicName": "t", "report": "no_such", "runId": "r"}, "unknown_report"),
    ],
)
def test_a_broken_message_is_rejected_and_the_socket_stays(ops: Client, text: str | dict, code: str) -> None:
    ops.send(text)
    rejected = ops.until("rejected")
    assert rejected["code"] == code
    assert rejected["message"].endswith(".")
    ops.send({"action": "ping"})
    assert ops.until("pong")


@pytest.mark.parametrize(
    "parameters",
    [
        {"month": "2015-13"},
        {"month": 201512},
        {"month": None},
        {"month": ["2015-12"]},
        {"month": "2015-12'; DROP TABLE nyc_yellow_taxi; --"},
        {"month": "2015-12", "extra": "1"},
    ],
)
def test_a_bad_parameter_is_rejected_and_changes_nothing(stack: Stack, ops: Client, parameters: dict) -> None:
    before = len(statements(stack))
    ops.run("trips", parameters)
    rejected = ops.until("rejected")
    assert (rejected["code"], rejected["topicName"]) == ("bad_parameter", "trips")
    assert len(statements(stack)) == before


def statements(stack: Stack) -> list[dict]:
    answer = stack.client("redshift-data").list_statements(Status="ALL", StatementName="pushboard/", MaxResults=100)
    return answer["Statements"]


def test_another_department_is_closed_by_every_way(stack: Stack, ops: Client, finance: Client) -> None:
    """Not listed, not run, and its rows not read even by their statement id."""
    ops.run("trips", {"month": "2015-12"})
    statement_id = ops.until("finished")["statementId"]
    listed = stack.rest("/reports", finance.token).json()
    assert [department["id"] for department in listed["departments"]] == ["finance"]
    assert {report["department"] for report in listed["reports"]} == {"finance"}
    finance.run("trips", {"month": "2015-12"})
    assert finance.until("rejected")["code"] == "unknown_report"
    refused = stack.rest(f"/results/{statement_id}", finance.token)
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


def test_rest_refuses_in_one_shape(stack: Stack, ops: Client) -> None:
    """Wrong token, unknown statement, malformed statement, bad page: each has a status, a code and a sentence."""
    unknown = f"/results/{uuid.uuid4()}"
    ops.run("trips", {"month": "2015-12"})
    known = f"/results/{ops.until('finished')['statementId']}"
    cases = {
        ("/reports", "not-a-token"): 401,
        (unknown, ops.token): 404,
        ("/results/robert'%3B--", ops.token): 404,
        (f"{known}?nextToken=nonsense", ops.token): 400,
    }
    for (path, token), status in cases.items():
        answer = stack.rest(path, token)
        assert answer.status_code == status, path
        assert set(answer.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("token", ["", "Bearer ", "Bearer not-a-token", "Bearer a.b.c"])
def test_no_valid_token_no_socket(stack: Stack, token: str) -> None:
    url = stack.parameter("REDSHIFT_WSS_ENDPOINT")
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(url, header=[f"Authorization: {token}"] if token else [], timeout=10)
    assert refused.value.status_code in {401, 403}


def test_identical_questions_cost_one_statement(ops: Client, connect: Connect) -> None:
    """The second asker is told the first one's statement, as shared and from the cache."""
    ops.run("vendors", {"month": "2015-03"})
    first = ops.until("finished")
    other = connect(OPS)
    other.run("vendors", {"month": "2015-03"})
    assert other.until("accepted")["shared"] is True
    second = other.until("finished")
    assert second["statementId"] == first["statementId"]
    assert second["cached"] is True


@pytest.fixture
def slow_report(publish: Publish) -> str:
    """A report that runs until it is cancelled, published as any report is: one file copied to S3."""
    publish("operations/slow_for_tests", SLOW)
    return "slow_for_tests"


def test_waiting_records_name_connection_statement_and_topic(
    stack: Stack, ops: Client, connect: Connect, slow_report: str
) -> None:
    """What `dynamodb scan` shows during a run; closing takes just one's own away, and cancelling ends the statement."""
    other = connect(OPS)
    stack.until(lambda: slow_report in stack.rest("/reports", ops.token).text, 60, "the report to be noticed")
    ops.run(slow_report, {})
    statement_id = ops.until("accepted")["statementId"]
    run_id = other.run(slow_report, {})
    assert other.until("accepted")["statementId"] == statement_id
    waiting = waiters(stack, slow_report)
    assert len({item["connectionId"]["S"] for item in waiting}) == 2
    assert {item["statementId"]["S"] for item in waiting} == {statement_id}
    ops.close()
    stack.until(lambda: len(waiters(stack, slow_report)) == 1, 60, "the closed socket's record to go")
    other.send({"action": "cancel", "runId": run_id})
    assert other.until("cancelled")["topicName"] == slow_report
    stack.until(lambda: not waiters(stack, slow_report), 60, "the cancelled wait to go")
    aborted = lambda: any(s["Id"] == statement_id and s["Status"] == "ABORTED" for s in statements(stack))  # noqa: E731
    stack.until(aborted, 60, "the statement to be cancelled in the warehouse")


def waiters(stack: Stack, topic: str) -> list[dict]:
    """The records that say who waits for a topic's statement."""
    return [item for item in scan(stack) if "statementId" in item and item.get("topicName") == {"S": topic}]


def scan(stack: Stack) -> list[dict]:
    return stack.client("dynamodb").scan(TableName="client_connections")["Items"]


def test_a_message_of_200_kb_is_refused_and_the_tab_goes_on(stack: Stack) -> None:
    """Through the dashboard's bridge, which a browser uses: refused with a code, socket intact."""
    session = sign_in(stack)
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    url = stack.url.replace("http", "ws") + "/ws"
    socket = websocket.create_connection(url, cookie=cookie, origin=stack.url, timeout=20)
    assert json.loads(socket.recv())["type"] == "connected"
    big = {"action": "run", "topicName": "t", "report": "trips", "runId": "r", "parameters": {"month": "x" * 200_000}}
    socket.send(json.dumps(big))
    assert json.loads(socket.recv())["code"] == "bad_message"
    socket.send('{"action":"ping"}')
    assert json.loads(socket.recv())["type"] == "pong"
    socket.close()


def test_a_socket_from_another_site_is_refused(stack: Stack) -> None:
    session = sign_in(stack)
    cookie = "; ".join(f"{name}={value}" for name, value in session.cookies.items())
    url = stack.url.replace("http", "ws") + "/ws"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(url, cookie=cookie, origin="https://evil.example", timeout=10)
    assert refused.value.status_code == 403


def test_the_aws_cli_works_unchanged(stack: Stack) -> None:
    """Each line is one that a person might type."""
    target = ("--cluster-identifier", "pushboard", "--database", "dev")
    [started] = aws(stack.endpoint, ("redshift-data", "execute-statement", *target, "--sql", "SELECT 1 AS one"))
    auth = ("--auth-flow", "USER_PASSWORD_AUTH", "--auth-parameters", f"USERNAME={OPS},PASSWORD={PASSWORD}")
    done, rows, scanned, parameter, tokens = aws(
        stack.endpoint,
        ("redshift-data", "describe-statement", "--id", started["Id"], "--wait-time-seconds", "20"),
        ("redshift-data", "get-statement-result", "--id", started["Id"]),
        ("dynamodb", "scan", "--table-name", "client_connections"),
        ("ssm", "get-parameter", "--name", "REDSHIFT_WSS_ENDPOINT"),
        ("cognito-idp", "initiate-auth", "--client-id", stack.client_id(), *auth),
    )
    assert done["Status"] == "FINISHED"
    assert rows["Records"] == [[{"longValue": 1}]]
    assert "Items" in scanned
    assert parameter["Parameter"]["Value"].startswith("ws://")
    assert "IdToken" in tokens["AuthenticationResult"]
    assert "pushboard" in aws_text(stack.endpoint, "s3", "ls")
