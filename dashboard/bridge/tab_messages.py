"""Checks of a tab's messages, and the translation of API Gateway's own error frames; pure, used by `tab_bridge`.

The gateway's functions judge reports and parameters. Refused here is what would break the socket or reach no route.
"""

import contextlib
import json
import time
from collections.abc import Iterator, Sequence
from typing import Any

ACTIONS = ("run", "unwatch", "cancel", "resume", "export", "start", "approve", "ping")
MAX_MESSAGE_BYTES = 128 * 1024  # bytes; API Gateway closes the socket above it
MAX_KEY_LENGTH = 200
MAX_RUNS = 100  # of one message; the gateway's functions take no more
_JOINED_BYTES = MAX_MESSAGE_BYTES - 100  # for all runs of a message, with what is around them

GATEWAY_FAILED = "The warehouse could not take this request just now. Please try again."
TOO_FAST = "Too many requests at once. Please wait a moment."


class BadMessage(Exception):
    """A message that is answered and goes no further; `panel` holds its topicName and runId, if they can be read."""

    def __init__(self, code: str, message: str, panel: dict[str, str]) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.panel = panel

    def rejection(self) -> dict[str, str]:
        """The answer to the tab."""
        return {"type": "rejected", "code": self.code, "message": self.message, **self.panel}


def check(frame: str | bytes) -> str:
    """The frame's text, if the gateway can route it; raises `BadMessage`."""
    text = _text(frame)
    message = _object(text)
    panel = _panel_of(message)
    if len(text.encode()) > MAX_MESSAGE_BYTES:
        raise BadMessage("bad_message", "The message is longer than 128 KB.", panel)
    if message.get("action") not in ACTIONS:
        raise BadMessage("bad_message", f"The message needs an action: {', '.join(ACTIONS)}.", panel)
    return text


def is_run(text: str) -> bool:
    """Whether a checked message is a run, which may go on together with others."""
    message = _object(text)
    return message["action"] == "run" and "runs" not in message


def together(runs: Sequence[str]) -> Iterator[str]:
    """Checked runs as few messages that the gateway takes, in their order."""
    some: list[str] = []
    size = 0
    for run in runs:
        if some and (len(some) == MAX_RUNS or size + len(run.encode()) > _JOINED_BYTES):
            yield _joined(some)
            some, size = [], 0
        some.append(run)
        size += len(run.encode()) + 2
    if some:
        yield _joined(some)


def apart(frame: str) -> list[str]:
    """The messages of a gateway's frame, as the tab gets them: of a batch, each by itself."""
    if '"batch"' in frame:
        with contextlib.suppress(BadMessage):
            message = _object(frame)
            if message.get("type") == "batch":
                return [json.dumps(each) for each in message["messages"]]
    return [translated(frame)]


def too_fast(frame: str | bytes) -> BadMessage:
    """What a message becomes that came too soon after too many others."""
    try:
        return BadMessage("too_busy", TOO_FAST, _panel_of(_object(_text(frame))))
    except BadMessage as error:
        return error


def translated(frame: str) -> str:
    """A gateway frame as the tab should get it: API Gateway's own error frames become a rejection, the rest stays."""
    if '"connectionId"' not in frame:
        return frame
    try:
        message = json.loads(frame)
    except ValueError:
        return frame
    if "type" in message or "message" not in message:
        return frame
    return json.dumps({"type": "rejected", "code": "warehouse_unavailable", "message": GATEWAY_FAILED})


def seen(text: str) -> dict[str, Any]:
    """What a log may tell of a message either way: its kind and its ids. Of one that cannot be read, nothing."""
    try:
        message = _object(text)
    except BadMessage:
        return {}
    kinds = {name: message[name] for name in ("action", "type", "code") if isinstance(message.get(name), str)}
    found = _panel_of(message) | {name: text for name, text in kinds.items() if len(text) <= MAX_KEY_LENGTH}
    ids = message.get("statementId"), message.get("runIds")
    if isinstance(ids[0], str) and len(ids[0]) <= MAX_KEY_LENGTH:
        found["statementId"] = ids[0]
    return found | ({"runIds": [str(one)[:MAX_KEY_LENGTH] for one in ids[1][:100]]} if isinstance(ids[1], list) else {})


class TokenBucket:
    """How many messages a tab may send: `burst` at once, and `rate` a second for ever."""

    def __init__(self, rate: float, burst: int) -> None:
        self._rate = rate
        self._burst = burst
        self._tokens = float(burst)
        self._at = time.monotonic()

    def take(self) -> bool:
        """Whether one more message is within the allowance, which it then uses."""
        now = time.monotonic()
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True


def _joined(runs: Sequence[str]) -> str:
    if len(runs) == 1 and len(runs[0].encode()) > _JOINED_BYTES:
        return runs[0]
    return f'{{"action": "run", "runs": [{", ".join(runs)}]}}'


def _text(frame: str | bytes) -> str:
    if isinstance(frame, bytes):
        raise BadMessage("bad_message", "Messages are text, not binary.", {})
    return frame


def _object(text: str) -> dict[str, Any]:
    """The JSON object in the text. Deep nesting ends in a RecursionError, which is as bad as no JSON."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadMessage("bad_message", "The message is not JSON.", {}) from error
    if not isinstance(message, dict):
        raise BadMessage("bad_message", "The message is not a JSON object.", {})
    return message


def _panel_of(message: dict[str, Any]) -> dict[str, str]:
    keys = {name: message.get(name) for name in ("topicName", "runId")}
    return {name: key for name, key in keys.items() if isinstance(key, str) and len(key) <= MAX_KEY_LENGTH}
