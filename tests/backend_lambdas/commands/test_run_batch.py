"""Several runs in one message: each ends as if it had come alone, and what is fresh comes back in one message."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec import structs

from backend_lambdas import clock
from backend_lambdas.aws import clients
from backend_lambdas.aws.tables import WriteRefused
from backend_lambdas.handlers import on_connect
from backend_lambdas.messages import BATCHES
from backend_lambdas.runs.requests import Requests
from backend_lambdas.sockets.notifier import Notifier
from tests.backend_lambdas.lambda_fakes import REPORT, SUBMITTING, Atomic, Statement, World

CONNECTION = "BFHPhfCWIAMCKlQ="
USERNAME = "2f0c1a34-5d6e-4f70-8a91-b2c3d4e5f607"
NAMES = [f"panel_{number}" for number in range(8)]

Record = Callable[[str], dict[str, Any]]
Send = Callable[..., int]


@pytest.fixture
def opened(
    world: World, put: Any, wire: Callable[..., None], recorded: Record, monkeypatch: pytest.MonkeyPatch
) -> World:
    """A world in which the recorded connection is open; its user sees the eight panels of `finance`."""
    for name in NAMES:
        put(f"reports/finance/{name}.sql", REPORT.replace("GROUP BY", f"/* {name} */ GROUP BY"))
    put("reports/operations/trips.sql", REPORT)
    wire(
        **SUBMITTING,
        REPORTS_S3_PATH=f"s3://{put.bucket}/reports/",
        USER_POOL_ID="us-east-1_abc",
        MAX_SOCKETS_PER_USER="3",
        GROUPS_FRESH_SECONDS="0",
    )
    monkeypatch.setattr(clients, "dynamodb", lambda: Atomic(world.db))  # several runs are asked at the same time
    world.user_pool.groups = {USERNAME: ["finance"]}
    assert on_connect.handler(recorded("connect"), None) == {"statusCode": 200}
    return world


@pytest.fixture
def send(recorded: Record) -> Send:
    """Sends runs in one message over the recorded connection; gives the status for the gateway's log."""

    def send_runs(*runs: Any) -> int:
        event = recorded("message_run")
        event["body"] = json.dumps({"action": "run", "runs": list(runs)})
        return int(on_connect.handler(event, None)["statusCode"])

    return send_runs


def run(name: str, go: int = 1, **changes: Any) -> dict[str, Any]:
    return {"topicName": name, "report": name, "runId": f"{name}-{go}"} | changes


def told(world: World) -> set[tuple[str, str]]:
    """What each run was told, whatever the order of runs."""
    return {(message.get("runId", ""), message["type"]) for message in world.gateway.notified(CONNECTION)}


def complete(world: World) -> None:
    """Ends all statements."""
    for statement in list(world.data_api.statements.values()):
        world.complete(statement)


def test_each_of_several_runs_is_submitted(opened: World, send: Send) -> None:
    assert send(*map(run, NAMES)) == 200
    assert len(opened.data_api.statements) == len(NAMES)
    assert told(opened) == {(f"{name}-1", "accepted") for name in NAMES}
    assert opened.subscribers() == [CONNECTION] * len(NAMES)


def test_all_that_is_fresh_comes_in_one_message(opened: World, send: Send) -> None:
    send(*map(run, NAMES))
    complete(opened)
    before, opened.gateway.frames = len(opened.gateway.posts), 0
    assert send(*(run(name, 2) for name in NAMES)) == 200
    assert opened.gateway.frames == 1
    answers = [message for _, message in opened.gateway.posts[before:]]
    assert [(each["runId"], each["type"]) for each in answers] == [
        (f"{name}-2", kind) for name in NAMES for kind in ("accepted", "finished")
    ]
    assert all(answer["cached"] for answer in answers if answer["type"] == "finished")
    assert len(opened.data_api.statements) == len(NAMES)


def test_who_wants_new_rows_gets_them_among_others_that_are_fresh(opened: World, send: Send) -> None:
    send(run("panel_0"), run("panel_1"))
    complete(opened)
    opened.gateway.posts.clear()
    send(run("panel_0", 2, refresh=True), run("panel_1", 2))
    assert told(opened) == {("panel_0-2", "accepted"), ("panel_1-2", "accepted"), ("panel_1-2", "finished")}
    assert len(opened.data_api.statements) == 3


def test_rows_from_before_a_change_are_no_answer(opened: World, send: Send) -> None:
    send(*map(run, NAMES))
    complete(opened)
    opened.service.changes.note("public.nyc_yellow_taxi", clock.now() + 1000, "dbt")
    send(*(run(name, 2) for name in NAMES))
    assert len(opened.data_api.statements) == 2 * len(NAMES)


def test_an_answer_that_was_lost_is_told_on_resume(
    opened: World, send: Send, recorded: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each of them is on record as it would be by itself."""
    send(*map(run, NAMES))
    complete(opened)
    with monkeypatch.context() as patch:
        patch.setattr(Notifier, "notify", lambda *_, **__: True)
        send(*(run(name, 2) for name in NAMES))
    opened.gateway.posts.clear()
    event = recorded("message_run")
    event["body"] = json.dumps({"action": "resume", "runIds": [f"{name}-2" for name in NAMES]})
    on_connect.handler(event, None)
    assert told(opened) == {(f"{name}-2", "finished") for name in NAMES}


def test_what_is_wrong_with_one_run_holds_up_no_other(opened: World, send: Send) -> None:
    send(run("panel_0"))
    complete(opened)
    opened.gateway.posts.clear()
    status = send(
        run("panel_0", 2),
        run("panel_1"),
        run("trips"),
        run("panel_2", parameters={"month": "never"}),
        run("panel_3", refresh="yes"),
        run("panel_1"),
        7,
    )
    assert status == 404
    refused = [message for message in opened.gateway.notified(CONNECTION) if message["type"] == "rejected"]
    assert [(each.get("runId"), each["code"]) for each in refused] == [
        ("panel_3-1", "bad_message"),
        (None, "bad_message"),
        ("trips-1", "unknown_report"),
        ("panel_2-1", "bad_parameter"),
    ]
    assert {each for each in told(opened) if each[1] != "rejected"} == {
        ("panel_0-2", "accepted"),
        ("panel_0-2", "finished"),
        ("panel_1-1", "accepted"),
    }
    assert len(opened.data_api.statements) == 2


def test_two_panels_of_one_report_share_a_statement(opened: World, send: Send) -> None:
    runs = [run("panel_0", number, topicName=f"topic-{number}") for number in range(3)]
    assert send(*runs) == 200
    assert len(opened.data_api.statements) == 1
    complete(opened)
    assert {run_id for run_id, kind in told(opened) if kind == "finished"} == {each["runId"] for each in runs}


def test_a_run_that_came_before_changes_nothing(opened: World, send: Send) -> None:
    """The same message again is answered as a resume would be, among others that are new."""
    send(run("panel_0"))
    complete(opened)
    assert send(run("panel_0"), run("panel_1")) == 200
    assert ("panel_1-1", "accepted") in told(opened)
    assert len(opened.data_api.statements) == 2


def test_what_happens_to_a_run_between_the_look_and_its_record_is_found(
    opened: World, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then all of them are answered by themselves, each after a look of its own."""
    send(*map(run, NAMES))
    complete(opened)
    opened.gateway.posts.clear()

    def refuse(*_: Any) -> None:
        raise WriteRefused({0: None})

    monkeypatch.setattr(Requests, "add_all", refuse)
    assert send(*(run(name, 2) for name in NAMES)) == 200
    assert told(opened) == {(f"{name}-2", kind) for name in NAMES for kind in ("accepted", "finished")}


def test_a_warehouse_that_takes_nothing_is_told_to_each(opened: World, send: Send) -> None:
    opened.data_api.refusals["ExecuteStatement"] = ["ThrottlingException"] * len(NAMES)
    assert send(*(run(name, watch=True) for name in NAMES)) == 429
    assert told(opened) == {(f"{name}-1", "rejected") for name in NAMES}
    assert opened.items("watch#") == opened.subscribers() == []


def test_a_fault_of_ours_is_told_to_each(opened: World, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: Any) -> Any:
        raise RuntimeError("the secret detail")

    monkeypatch.setattr(Requests, "look_at", fail)
    assert send(*map(run, NAMES)) == 503
    assert told(opened) == {(f"{name}-1", "rejected") for name in NAMES}
    assert "secret" not in json.dumps(opened.gateway.posts)


def test_an_end_is_told_in_one_message_to_who_asked_in_one(
    opened: World, send: Send, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a statement that ends at once, which nobody was told of before: that it was accepted, and its end."""

    def end(statement: Statement) -> None:
        statement.status = "FINISHED"

    quick = on_connect.build()
    submitter = structs.replace(quick.service.submitter, quick_seconds=1)
    quick = structs.replace(quick, service=structs.replace(quick.service, submitter=submitter))
    monkeypatch.setattr(on_connect, "build", lambda: quick)
    opened.data_api.during["ExecuteStatement"] = end
    assert send(run("panel_0")) == 200
    assert [message["type"] for message in opened.gateway.notified(CONNECTION)] == ["accepted", "finished"]
    assert opened.gateway.frames == 1


@pytest.mark.parametrize(
    ("wanted", "headers"),
    [
        (BATCHES, {"Sec-WebSocket-Protocol": BATCHES}),
        (f"chat, {BATCHES}", {"Sec-WebSocket-Protocol": BATCHES}),
        ("chat", None),
    ],
)
def test_a_socket_agrees_to_the_one_protocol_that_there_is(
    opened: World, recorded: Record, wanted: str, headers: dict[str, str] | None
) -> None:
    event = recorded("connect")
    event["headers"]["sec-websocket-protocol"] = wanted
    answer = on_connect.handler(event, None)
    assert (answer["statusCode"], answer.get("headers")) == (200, headers)
