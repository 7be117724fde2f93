"""What the bridge lets through, what it translates, and how much of it a second."""

import json
from typing import Any

import pytest

from dashboard.bridge.tab_messages import MAX_MESSAGE_BYTES, BadMessage, TokenBucket, check, too_fast, translated


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
