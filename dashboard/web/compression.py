"""Gzip for what this process computes, such as the answers of Dash's callbacks; `app` installs it.

The standard library's gzip is enough here: every browser takes it.
"""

import gzip

from flask import Flask, Response, request

MIN_BYTES = 1024
"""Shorter answers fit a network packet as they are."""

LEVEL = 5
"""Nearly the size of level 9, in half its time."""

MIMETYPES = frozenset({"application/json", "text/html", "text/css", "text/javascript"})


def accepts_gzip() -> bool:
    """Whether the client takes gzip."""
    return request.accept_encodings["gzip"] > 0


def gzipped(content: bytes, level: int = LEVEL) -> bytes:
    """The content in gzip's form, the same for the same content."""
    return gzip.compress(content, level, mtime=0)


def install(app: Flask) -> None:
    """Compress each whole JSON or HTML answer of `MIN_BYTES` and more.

    BREACH guesses a secret from the compressed length of a page that repeats the attacker's text beside the secret.
    No answer contains a secret to guess: the session's id stands in a cookie alone and tokens stay on the server;
    writes are refused by `Origin` instead of a token in the page; and the session's cookie is `SameSite=Lax`, so
    another site's script cannot have answers made for it. Error pages, which may repeat the request, stay as they are.
    """
    app.after_request(_compress)


def _compress(response: Response) -> Response:
    if not _compressible(response):
        return response
    response.vary.add("Accept-Encoding")
    if accepts_gzip():
        response.set_data(gzipped(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _compressible(response: Response) -> bool:
    if response.status_code != 200 or response.mimetype not in MIMETYPES or response.is_streamed:
        return False
    taken = {"Content-Encoding", "Content-Disposition", "ETag"} & set(response.headers.keys())
    return not taken and not response.direct_passthrough and len(response.get_data()) >= MIN_BYTES
