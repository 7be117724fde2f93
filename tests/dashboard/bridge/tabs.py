"""What a tab says and hears on its socket; used by the tests of the bridge."""

import json
import time
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection

RUN = {"action": "run", "topicName": "revenue", "report": "revenue_by_day", "parameters": {}, "runId": "r1"}
HEARTBEAT = '{"type": "heartbeat"}'


def hear(tab: ClientConnection) -> dict[str, Any]:
    """The next message but heartbeats, which come whenever they are due."""
    return json.loads(next_text(tab))


def next_text(tab: ClientConnection) -> str | bytes:
    """The same, as it came."""
    while (text := tab.recv(timeout=5)) == HEARTBEAT:
        pass
    return text


def say(tab: ClientConnection, message: Any) -> dict[str, Any]:
    """Send an object or a text; the next answer."""
    tab.send(message if isinstance(message, str | bytes) else json.dumps(message))
    return hear(tab)


def closing_code(tab: ClientConnection) -> int | None:
    """The code the other side closes with."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            tab.recv(timeout=5)
        except ConnectionClosed as closed:
            return closed.rcvd.code if closed.rcvd else None  # None: it broke without a good-bye
    raise AssertionError("the socket stays open")
