"""An HTTP proxy on loopback that leads every address to ministack, and so none anywhere else.

Programs, the functions among them, are told of it by the standard HTTPS_PROXY. So they use AWS's real addresses, and
TLS from end to end: CALLBACK_URL, the issuer of tokens and what buckets see of a request are as on AWS.
"""

import socketserver
import threading
from contextlib import suppress
from socket import SHUT_RDWR, create_connection, socket

_CHUNK = 65_536


class Proxy:
    """Leads connections, whatever the name that they ask for, to a port of this machine."""

    def __init__(self, port: int) -> None:
        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                method = self.rfile.readline().split(b" ")[0]
                while self.rfile.readline().strip():
                    pass
                if method != b"CONNECT":
                    self.wfile.write(b"HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n")
                    return
                try:
                    onward = create_connection(("127.0.0.1", port))
                except OSError:  # at the end of a run
                    self.wfile.write(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
                    return
                with onward:
                    self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
                    _join(self.connection, onward)

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, name="proxy", daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Takes no more connections."""
        self._server.shutdown()
        self._server.server_close()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128


def _join(one: socket, other: socket) -> None:
    """Passes on what either side sends, until one of them ends."""
    back = threading.Thread(target=_pass_on, args=(other, one), daemon=True)
    back.start()
    _pass_on(one, other)
    back.join()


def _pass_on(source: socket, target: socket) -> None:
    """To its end, which is the end of both: TLS has no use for a side that is still open."""
    with suppress(OSError):
        while data := source.recv(_CHUNK):
            target.sendall(data)
    for side in (source, target):
        with suppress(OSError):
            side.shutdown(SHUT_RDWR)
