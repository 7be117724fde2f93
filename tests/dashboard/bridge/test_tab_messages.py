"""What the bridge lets through, what it translates, and how much of it a second."""

import json
from typing import Any

import pytest

from dashboard.bridge.tab_messages import (
    MAX_MESSAGE_BYTES,
    BadMessage,
    TokenBucket,
    apart,
    check,
    is_run,
    together,
    too_fast,
    translated,
)


def told(frame: str | bytes) -> dict[str, str]:
    with pytest.raises(BadMessage) as bad:
        check(frame)
    return bad.value.rejection()


@pytest.mark.parametrize("action", ["run", "unwatch", "cancel", "resume", "export", "start", "approve", "ping"])
def test_known_actions_pass_unchanged(action: str) -> None:
    text = f'{{"action":  "{action}"}}'
    assert check(text) == text


def test_the_limit_is_in_bytes() -> None:
    frame = json.dumps({"action": "run", "runId": "r1", "x": "é" * (MAX_MESSAGE_BYTES // 2)}, ensure_ascii=False)
    assert len(frame) < MAX_MESSAGE_BYTES
    assert told(frame)["runId"] == "r1"


@pytest.mark.parametrize("value", [7, None, ["r"], {"r": 1}, "x" * 201])
def test_what_is_no_key_is_not_sent_back(value: Any) -> None:
    assert set(told(json.dumps({"action": "?", "runId": value}))) == {"type", "code", "message"}


def test_too_fast_names_the_panel_or_says_what_else_is_wrong() -> None:
    assert too_fast('{"action": "run", "topicName": "t"}').rejection()["topicName"] == "t"
    assert too_fast("{").code == "bad_message"


@pytest.mark.parametrize(
    "frame",
    [
        '{"type": "failed", "message": "m", "connectionId": "c"}',
        '{"connectionId": "c"}',
        '["connectionId"]',
        'no JSON "connectionId"',
        '{"type": "finished"}',
    ],
)
def test_only_api_gateways_own_errors_are_translated(frame: str) -> None:
    assert translated(frame) == frame


def test_a_bucket_refills(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("dashboard.bridge.tab_messages.time.monotonic", lambda: now[0])
    bucket = TokenBucket(rate=2, burst=3)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] += 1
    assert [bucket.take() for _ in range(3)] == [True, True, False]


def run(run_id: str, **more: Any) -> str:
    return json.dumps({"action": "run", "runId": run_id} | more)


def test_only_a_run_may_go_on_with_others() -> None:
    assert is_run(run("r1"))
    assert not is_run(run("r1", action="export"))
    assert not is_run('{"action": "run", "runs": []}')


def test_runs_go_on_as_few_messages_of_at_most_a_hundred() -> None:
    assert list(together([])) == []
    assert [json.loads(message) for message in together([run("r1")])] == [
        {"action": "run", "runs": [json.loads(run("r1"))]}
    ]
    sent = [json.loads(message)["runs"] for message in together([run(str(number)) for number in range(230)])]
    assert [len(runs) for runs in sent] == [100, 100, 30]
    assert [each["runId"] for runs in sent for each in runs] == [str(number) for number in range(230)]


def test_no_message_of_several_runs_is_longer_than_the_gateway_takes() -> None:
    runs = [run(str(number), text="é" * 4_000) for number in range(12)] + [run("long", text="x" * 130_000)]
    messages = list(together(runs))
    assert all(len(message.encode()) <= MAX_MESSAGE_BYTES for message in messages)
    assert [
        each["runId"] for message in messages for each in json.loads(message).get("runs", [json.loads(message)])
    ] == [
        *map(str, range(12)),
        "long",
    ]


def test_messages_of_a_batch_come_apart_and_all_others_stay_as_they_are() -> None:
    batch = json.dumps({"type": "batch", "messages": [{"type": "accepted", "runId": "batch"}, {"type": "pong"}]})
    assert [json.loads(text) for text in apart(batch)] == [{"type": "accepted", "runId": "batch"}, {"type": "pong"}]
    for frame in ('{"type":  "accepted", "runId": "batch"}', '"batch"', '{"batch"'):
        assert apart(frame) == [frame]
