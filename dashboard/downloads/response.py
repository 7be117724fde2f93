"""A download as an HTTP answer: chunks as they come, a file to keep; used by the download routes.

If a writer fails after the first chunk, the server closes the connection without the last chunk (RFC 9112, section 8):
browsers and other clients then know that the file is not whole. Nothing may catch the error on its way there.
"""

from flask import Response

from dashboard.downloads.names import content_disposition
from dashboard.downloads.pages import Chunks


def file_response(name: str, media_type: str, chunks: Chunks) -> Response:
    """The answer that streams a file of this name.

    The first chunk is made now: what is raised before it, such as `TooLargeForExcel`, is answered as any other error.
    When the client goes away, `chunks` is closed.
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
