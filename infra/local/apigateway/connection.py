"""One open socket of a WebSocket API: sending, closing, describing. Used by `websocket_api`."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from infra.local.apigateway.websocket_events import Handshake

BREAK_OFF = "pushboard.break_off"
"""The extension of the ASGI scope with which `server` ends a TCP connection without a closing handshake."""


class Gone(Exception):
    """No such connection, not any more, or not yet: its `$connect` still runs."""


class TooLarge(Exception):
    """More than fits into a message."""


class ClientTooSlow(Exception):
    """The client does not take what it is sent."""


@dataclass
class Connection:
    """An open socket, with what its authorizer said about it."""

    socket: WebSocket
    loop: asyncio.AbstractEventLoop
    handshake: Handshake
    authorizer: Mapping[str, Any] | None
    active_at: float = field(default_factory=time.time)
    closed: tuple[int, str] | None = None
    sending: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def id(self) -> str:
        """The connection's id."""
        return self.handshake.connection_id

    async def send(self, text: str) -> None:
        """Sends one message; raises `Gone` when the client has left."""
        async with self.sending:
            try:
                await self.socket.send_text(text)
            except (WebSocketDisconnect, RuntimeError):  # Starlette's word for sending after the end
                raise Gone from None
        self.active_at = time.time()

    async def close(self, code: int, reason: str) -> None:
        """Closes the socket from this side, unless it is closed."""
        async with self.sending:
            if self.closed is not None:
                return
            self.closed = (code, reason)
            try:
                await self.socket.close(code, reason)
            except (WebSocketDisconnect, RuntimeError):
                return  # the client was faster

    def break_off(self) -> None:
        """Ends the connection without a word, as a network does; to be called in its own loop."""
        if self.closed is None:
            self.closed = (1006, "Connection closed abnormally")
            self.socket.scope["extensions"][BREAK_OFF]["now"]()

    def describe(self) -> dict[str, Any]:
        """What GET `@connections` answers."""
        agent = self.handshake.header("User-Agent")
        return {
            "connectedAt": _iso(self.handshake.connected_at / 1000),
            "lastActiveAt": _iso(self.active_at),
            "identity": {"sourceIp": self.handshake.source_ip, "userAgent": agent},
        }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
