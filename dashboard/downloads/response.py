"""A download as an HTTP response: streamed in chunks, saved by the browser as a file; used by the download routes.

If a writer fails after the first chunk, the server closes the connection without the last chunk (RFC 9112, section 8):
browsers and other clients then know that the file is incomplete. So no code between writer and server catches errors.
"""

from flask import Response

from dashboard.downloads.names import content_disposition
from dashboard.downloads.pages import Chunks


def file_response(name: str, media_type: str, chunks: Chunks) -> Response:
    """Returns the response that streams a file of this name.

    The first chunk is made before it returns: an error before that chunk, such as `TooLargeForExcel`, becomes an
    ordinary error response. `chunks` is closed when the client disconnects.
    """
    first = next(chunks, b"")
    response = Response(_streamed(first, chunks), content_type=media_type)
    response.headers["Content-Disposition"] = content_disposition(name)
    response.call_on_close(chunks.close)
    return response


def _streamed(first: bytes, chunks: Chunks) -> Chunks:
    if first:
        yield first
    yield from chunks
