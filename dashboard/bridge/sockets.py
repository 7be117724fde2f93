"""The two ends of a bridge: the tab's WebSocket (simple-websocket), the gateway's (websocket-client); used by `bridge`.

Both may be sent on and closed from two threads. Closing one wakes the thread that receives from it.
"""

import contextlib
import json
import socket
import threading
from typing import Any

import websocket
from simple_websocket import ConnectionClosed, Server
from websocket import ABNF
from wsproto.utilities import LocalProtocolError

MAX_FRAME_BYTES = 32_000  # bytes; API Gateway closes the socket above 32 KB
CLOSE_TIMEOUT = 2.0  # seconds that a closed side has for its close frame
SEND_TIMEOUT = 30.0  # seconds for a tab that reads nothing, such as a sleeping laptop's
BATCHES = "pushboard.batch"  # the sub-protocol of a gateway that takes several runs in one message (docs/wire.md)
_PROTOCOL = "Sec-WebSocket-Protocol"


class TabGone(Exception):
    """The tab's socket is closed."""


class GatewayRefused(Exception):
    """The gateway does not take this token."""


class GatewayGone(Exception):
    """The gateway cannot be reached, or its connection is over."""


class GatewaySilent(GatewayGone):
    """The gateway did not answer at all: no connection came about, or nothing came in time."""


class Tab:
    """The browser's end. simple-websocket sends pings from a thread of its own, so each send is made under a lock."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._lock = threading.Lock()
        self._closed = False
        server.sock.settimeout(SEND_TIMEOUT)
        server.sock = _TabSocket(server.sock, server.event)

    def receive(self, timeout: float) -> str | bytes | None:
        """The next message, or None when there was none in time; raises `TabGone`."""
        try:
            return self._server.receive(timeout=timeout)
        except ConnectionClosed as error:
            raise TabGone from error

    def send(self, text: str) -> None:
        """Send a text message; raises `TabGone`."""
        with self._lock:
            if self._closed:
                raise TabGone
            try:
                self._server.send(text)
            except (ConnectionClosed, LocalProtocolError, OSError) as error:
                raise TabGone from error

    def send_json(self, message: dict[str, Any]) -> None:
        """Send an object as JSON; raises `TabGone`."""
        self.send(json.dumps(message))

    def close(self, code: int, reason: str = "") -> None:
        """Close with a code the tab understands, once; a receiver is woken."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            with contextlib.suppress(ConnectionClosed, LocalProtocolError, OSError):  # it went first
                self._server.close(code, reason)
        self._server.event.set()

    def finish(self) -> None:
        """Wait for the tab's close frame, at most `CLOSE_TIMEOUT`, then release its socket and its thread."""
        self.close(1000)
        self._server.thread.join(CLOSE_TIMEOUT)
        with contextlib.suppress(OSError):  # closed already
            self._server.sock.shutdown(socket.SHUT_RDWR)
        self._server.thread.join(CLOSE_TIMEOUT)


class _TabSocket:
    """A socket under simple-websocket, mending what 1.1 of it leaves open."""

    def __init__(self, raw: socket.socket, wake_receiver: threading.Event) -> None:
        self._socket = raw
        self._lock = threading.Lock()
        self._wake_receiver = wake_receiver

    def send(self, data: bytes) -> int:
        """Send everything, one caller at a time: half a frame would garble all that follow."""
        with self._lock:
            self._socket.sendall(data)
        return len(data)

    def close(self) -> None:
        """The last act of simple-websocket's thread. A receiver it woke too early is woken again.

        What the tab still sends is read away first: closing on unread data would reset the connection, and the tab
        would never see why it was closed. `Tab.finish` puts an end to that.
        """
        self._wake_receiver.set()
        with contextlib.suppress(OSError):  # the tab went first
            self._socket.shutdown(socket.SHUT_WR)
            while self._socket.recv(65_536):
                pass
        self._socket.close()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._socket, name)


class Upstream:
    """The gateway's end, opened with the user's ID token. One thread sends and one receives."""

    def __init__(self, url: str, id_token: str, connect_timeout: float, silence: float) -> None:
        """Connect; raises `GatewayRefused`, `GatewayGone` or its kind `GatewaySilent`.

        Once it is open, it is gone when it is mute for `silence` seconds.
        """
        try:
            self._socket = websocket.create_connection(
                url,
                timeout=connect_timeout,
                # asked for here, since the library takes no gateway that does not agree to one of its `subprotocols`
                header=[f"Authorization: Bearer {id_token}", f"{_PROTOCOL}: {BATCHES}"],
                enable_multithread=True,
                skip_utf8_validation=True,  # done below, in C
                redirect_limit=0,  # the token goes to this address and to no other
            )
        except websocket.WebSocketBadStatusException as error:
            raise GatewayRefused if error.status_code in (401, 403) else GatewayGone from error
        except (websocket.WebSocketException, OSError) as error:
            raise GatewaySilent from error
        self._socket.settimeout(silence)
        self.takes_batches: bool = (self._socket.getheaders() or {}).get(_PROTOCOL.lower()) == BATCHES

    def receive(self) -> str:
        """The next text; raises `GatewayGone` when the connection is over or silent."""
        try:
            opcode, data = self._socket.recv_data()
            if opcode != ABNF.OPCODE_TEXT:
                raise GatewayGone
            return data.decode()
        except (
            websocket.WebSocketException,
            OSError,
            ValueError,
        ) as error:  # ValueError: no UTF-8, or TLS just hung up
            raise GatewayGone from error

    def send(self, text: str) -> None:
        """Send a text in frames the gateway takes; raises `GatewayGone`."""
        data = text.encode()
        starts = range(0, len(data), MAX_FRAME_BYTES)
        try:
            for start in starts:
                opcode = ABNF.OPCODE_CONT if start else ABNF.OPCODE_TEXT
                piece = data[start : start + MAX_FRAME_BYTES]
                self._socket.send_frame(ABNF.create_frame(piece, opcode, fin=int(start == starts[-1])))
        except (websocket.WebSocketException, OSError) as error:
            raise GatewayGone from error

    def close(self) -> None:
        """Send a close frame and end the receiver's wait, whether the gateway answers or not."""
        with contextlib.suppress(websocket.WebSocketException, OSError):  # it went first
            self._socket.send_close()
        if self._socket.sock is not None:
            with contextlib.suppress(OSError):
                self._socket.sock.shutdown(socket.SHUT_RDWR)

    def release(self) -> None:
        """Close the socket, when nobody receives any more."""
        self._socket.shutdown()
