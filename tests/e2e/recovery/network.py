"""The network between a browser and a server on this machine, which a test can pull and plug in again."""

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Self

CHUNK = 65_536


class Network:
    """Carries every connection to `port` on to the server's port; while pulled, nothing gets through.

    Nothing breaks either, as with a cable: both ends believe in their connections, and only silence tells.
    """

    def __init__(self, server_port: int) -> None:
        self._server_port = server_port
        self._plugged = threading.Event()
        self._plugged.set()
        self._closing = False
        self._sockets: list[socket.socket] = []
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._start(self._accept)

    def pull(self) -> None:
        """From now on there is silence."""
        self._plugged.clear()

    def plug(self) -> None:
        """What was under way goes on."""
        self._plugged.set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._closing = True
        self.plug()
        with contextlib.suppress(OSError):  # a listener need not be connected
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in list(self._sockets):
            _hang_up(end)
        for thread in self._threads:
            thread.join(5)

    def _start(self, target: Callable[..., None], *ends: socket.socket) -> None:
        thread = threading.Thread(target=target, args=ends, name="network", daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._closing:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return  # the test is over
            self._start(self._connect, near)

    def _connect(self, near: socket.socket) -> None:
        self._sockets.append(near)
        self._plugged.wait()
        try:
            far = socket.create_connection(("127.0.0.1", self._server_port))
        except OSError:
            _hang_up(near)  # nobody listens there
            return
        self._sockets.append(far)
        self._start(self._carry, near, far)
        self._carry(far, near)

    def _carry(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):  # either end may go at any time
            while data := source.recv(CHUNK):
                self._plugged.wait()
                sink.sendall(data)
        self._plugged.wait()
        _hang_up(source)
        _hang_up(sink)


def _hang_up(end: socket.socket) -> None:
    with contextlib.suppress(OSError):  # it was first
        end.shutdown(socket.SHUT_RDWR)
    end.close()
