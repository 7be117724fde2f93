"""Serves the endpoint on loopback with uvicorn in a thread of its own. Used by `runtime`."""

import asyncio
import socket
import threading
import time
from typing import Any

import uvicorn
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from infra.local.apigateway.connection import BREAK_OFF
from infra.local.apigateway.websocket_api import Limits

BACKLOG = 2048
SECONDS_TO_TAKE_LEAVE = 1.0

_HEADERS_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


class PortInUse(Exception):
    """Another program listens there already."""


class Server:
    """One ASGI application on `127.0.0.1`, and on `::1` where there is one, as browsers may try that first."""

    def __init__(self, app: Any, port: int, limits: Limits) -> None:
        self._sockets = _listening(port)
        config = uvicorn.Config(
            app,
            ws=_protocol(limits),
            ws_max_size=limits.message,
            ws_per_message_deflate=False,
            ws_ping_interval=None,
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=2,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._serve, name="endpoint", daemon=True)

    def start(self, patience: float = 10.0) -> None:
        """Returns once requests are answered."""
        self._thread.start()
        deadline = time.monotonic() + patience
        while not self._server.started:
            if time.monotonic() > deadline or not self._thread.is_alive():
                raise RuntimeError("The endpoint did not start.")
            time.sleep(0.005)

    def stop(self) -> None:
        """Ends it and gives the port back."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(timeout=10)
        for listener in self._sockets:
            listener.close()

    def _serve(self) -> None:
        asyncio.run(self._server.serve(sockets=self._sockets))


def _listening(port: int) -> list[socket.socket]:
    try:
        sockets = [_bound(socket.AF_INET, ("127.0.0.1", port))]
    except OSError as error:
        raise PortInUse(f"Port {port} is in use.") from error
    try:
        sockets.append(_bound(socket.AF_INET6, ("::1", port)))
    except OSError:
        return sockets  # no IPv6 here
    return sockets


def _bound(family: socket.AddressFamily, address: tuple[str, int]) -> socket.socket:
    # Named TCP explicitly: asyncio switches Nagle's delay off only then, and it costs 40 ms a request.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _refuse_unreadable(protocol: WebSocketsSansIOProtocol) -> None:
    if protocol.conn.handshake_exc is not None and not protocol.transport.is_closing():
        protocol.transport.write(_HEADERS_TOO_LARGE)
        protocol.transport.close()


def _protocol(limits: Limits) -> type[WebSocketsSansIOProtocol]:
    class GatewayProtocol(WebSocketsSansIOProtocol):
        """uvicorn's WebSocket protocol with API Gateway's limit on a single frame: too large a one ends in 1009."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.conn.max_fragment_size = limits.frame

        def data_received(self, data: bytes) -> None:
            """Refuses a handshake that cannot be read, such as one with a header of more than 8 KB; `websockets` ends
            it without a word, and uvicorn would leave the client waiting."""
            super().data_received(data)
            _refuse_unreadable(self)

        def handle_parser_exception(self) -> None:
            """Closes for writing only, for a moment: a client in the middle of sending would else see a reset
            connection instead of the close code."""
            if self.close_timer is not None:
                return
            self.close_timer = self.loop.call_later(SECONDS_TO_TAKE_LEAVE, self.transport.close)
            close = self.conn.close_sent
            assert close is not None  # noqa: S101 (the parser fails by sending one)
            self.queue.put_nowait({"type": "websocket.disconnect", "code": close.code, "reason": close.reason})
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
            self.transport.write_eof()

        async def run_asgi(self) -> None:
            """Lets the gateway break the connection off, for which ASGI has no word."""
            self.scope["extensions"][BREAK_OFF] = {"now": self.transport.abort}
            await super().run_asgi()

        async def send(self, message: Any) -> None:
            """A refusal ends the handshake, too; uvicorn would log it as an error."""
            await super().send(message)
            if message["type"] == "websocket.http.response.body" and not message.get("more_body", False):
                self.handshake_complete = True

    return GatewayProtocol
