"""AWS calls of functions, answered by the endpoint's services in the caller's own thread instead of over a socket.

`sandboxes` asks here before it sends a request; `edge` and `runtime` say which services have which address. Signing,
parsing and retries stay botocore's, and the services see the request that they would have seen. Over HTTP go bodies
from files, long polls of more than `SHORT_POLL_SECONDS` (only HTTP has a read timeout), and every call while
`hooks` change anything.
"""

import contextvars
import io
import logging
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

from a2wsgi.wsgi import build_environ
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from werkzeug.test import run_wsgi_app

from infra.local.hooks import Wsgi

SHORT_POLL_SECONDS = 5
"""No client of a function gives up earlier."""

_POLL = re.compile(rb'"WaitTimeSeconds": ?(\d+)')

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Services:
    """What answers at an address; `are_open` says whether calls may come directly at this moment."""

    answer: Wsgi
    are_open: Callable[[], bool]


_services: dict[str, Services] = {}


def connect(address: str, services: Services) -> Callable[[], Any]:
    """Calls to `address` (host and port) may be answered directly, until the returned function is called."""
    _services[address] = services
    return lambda: _services.pop(address)


def answer(request: AWSPreparedRequest) -> AWSResponse | None:
    """The answer, as botocore's HTTP session would return it; None when the request has to go over HTTP."""
    url = urlsplit(request.url)
    services = _services.get(url.netloc)
    body = _body(request)
    if services is None or body is None or not services.are_open():
        return None
    environ = build_environ(_scope(request, url.netloc, url.path, url.query), io.BytesIO(body))  # type: ignore[arg-type]
    # The services are no part of the function: its environment, its logs and its sandbox are not theirs.
    content, status, headers = contextvars.Context().run(_answered, services.answer, dict(environ))
    return AWSResponse(request.url, status, headers, _Content(content))


def _answered(services: Wsgi, environ: dict[str, Any]) -> tuple[bytes, int, dict[str, str]]:
    try:
        chunks, status, headers = run_wsgi_app(services, environ, buffered=True)
        return b"".join(chunks), int(status.split(" ", 1)[0]), dict(headers)
    except Exception:
        log.exception("A service failed to answer %s.", environ.get("HTTP_X_AMZ_TARGET", environ["PATH_INFO"]))
        return b"Internal Server Error", 500, {}


def _body(request: AWSPreparedRequest) -> bytes | None:
    """What is sent; None if it is streamed, or asks for an answer that may take long."""
    body = b"" if request.body is None else request.body
    body = body.encode() if isinstance(body, str) else body
    body = body.getvalue()[body.tell() :] if isinstance(body, io.BytesIO) else body  # what botocore makes of bytes
    if not isinstance(body, bytes | bytearray):
        return None
    return bytes(body) if poll_seconds(body) <= SHORT_POLL_SECONDS else None


def poll_seconds(body: Any) -> int:
    """How long a request asks the service to wait for an end; 0 for one that does not."""
    found = _POLL.search(body) if isinstance(body, bytes | bytearray) else None
    return int(found[1]) if found else 0


def _scope(request: AWSPreparedRequest, address: str, path: str, query: str) -> dict[str, Any]:
    """The request as an ASGI server would describe it."""
    sent = [(name.lower().encode("latin-1"), _header(value)) for name, value in request.headers.items()]
    return {
        "type": "http",
        "http_version": "1.1",
        "method": request.method,
        "scheme": "http",
        "path": unquote(path) or "/",
        "raw_path": (path or "/").encode("latin-1"),
        "query_string": query.encode("latin-1"),
        "headers": [*sent, (b"host", address.encode("latin-1"))],
        "client": ("127.0.0.1", 0),
        "server": ("127.0.0.1", 0),
    }


def _header(value: str | bytes | int) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("latin-1")


class _Content(io.BytesIO):
    """A body that has come, in the forms in which botocore reads one: at once, or streamed."""

    def stream(self) -> Iterable[bytes]:
        """All of it."""
        return (self.read(),)
