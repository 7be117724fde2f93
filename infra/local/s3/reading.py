"""GetObject from the object's file, piece by piece: moto would read it whole, for a range of it too.

Called by `moto_services`. moto answers all but the content: it is asked for the head of the object.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, BinaryIO
from urllib.parse import parse_qsl

from werkzeug.datastructures import Headers
from werkzeug.test import run_wsgi_app

from infra.local.endpoint.calls import call_of
from infra.local.s3.links import SIGNATURE
from infra.local.s3.mirror import S3Mirror

PIECE = 256 * 1024
_OVERRIDES = {
    f"response-{name}": name
    for name in (
        "cache-control",
        "content-disposition",
        "content-encoding",
        "content-language",
        "content-type",
        "expires",
    )
}
_ORDINARY = SIGNATURE | set(_OVERRIDES) | {"x-id"}
_OTHER_CONDITIONS = {"HTTP_IF_MATCH", "HTTP_IF_UNMODIFIED_SINCE"}
_RANGE = re.compile(r"bytes (\d+)-")

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class ObjectReader:
    """A WSGI application in front of moto that sends objects which are on disk; everything else is moto's."""

    def __init__(self, moto: Wsgi, mirror: S3Mirror) -> None:
        self._moto = moto
        self._mirror = mirror

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        found = self._found(environ)
        if found is None:
            return self._moto(environ, start_response)
        stored, content = found
        if _knows(environ, stored.etag):
            content.close()
            start_response("304 Not Modified", [("ETag", stored.etag)])
            return [b""]
        _, status, headers = run_wsgi_app(self._moto, {**environ, "REQUEST_METHOD": "HEAD"}, buffered=True)
        if status[:3] not in ("200", "206") or headers.get("ETag") != stored.etag:  # an error, or just replaced
            content.close()
            return self._moto(environ, start_response)
        _override(headers, environ)
        start_response(status, list(headers))
        return _Sent(content, headers, environ["REQUEST_METHOD"])

    def _found(self, environ: Environ) -> tuple[Any, BinaryIO] | None:
        query = {name for name, _ in parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True)}
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD") or query - _ORDINARY:
            return None  # its tags, its versions…
        if call_of(environ).service != "s3" and not query & SIGNATURE:
            return None
        path = environ["PATH_INFO"].encode("latin-1").decode("utf-8", "replace")
        bucket, _, key = path.removeprefix("/").partition("/")
        return self._mirror.open(bucket, key)


def _knows(environ: Environ, etag: str) -> bool:
    """Whether the client has the object as it is, under no other condition. moto takes ten times as long to say so."""
    return environ.get("HTTP_IF_NONE_MATCH") == etag and not _OTHER_CONDITIONS & environ.keys()


def _override(headers: Headers, environ: Environ) -> None:
    """What the request wants said of the content instead of what the object says."""
    for name, value in parse_qsl(environ.get("QUERY_STRING", "")):
        if name in _OVERRIDES:
            headers[_OVERRIDES[name]] = value


class _Sent:
    """The part of a file that the head promises; closes the file."""

    def __init__(self, content: BinaryIO, headers: Headers, method: str) -> None:
        self._content = content
        wanted = _RANGE.match(headers.get("Content-Range", ""))
        content.seek(int(wanted[1]) if wanted else 0)
        self._left = int(headers["Content-Length"]) if method == "GET" else 0

    def __iter__(self) -> Iterator[bytes]:
        while self._left and (piece := self._content.read(min(PIECE, self._left))):
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        self._content.close()
