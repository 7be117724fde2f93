"""The longest request bodies that are taken; installed by `app` before anything that reads or waits.

A longer body is answered 413 before it is read: by its Content-Length, or, where it comes in chunks without one, once
so many bytes have come.
"""

from flask import Flask, request
from werkzeug.exceptions import RequestEntityTooLarge

CALLBACK = "/_dash-update-component"

MAX_CALLBACK_BYTES = 2 * 1024 * 1024
"""A callback's body holds the props that it reads: of a page of 45 panels some hundred KB."""

MAX_BODY_BYTES = 64 * 1024
"""Every other body is a form or a small object."""


def install(app: Flask) -> None:
    """Refuse longer bodies."""
    app.before_request(_limit)


def _limit() -> None:
    limit = MAX_CALLBACK_BYTES if request.path == CALLBACK else MAX_BODY_BYTES
    request.max_content_length = limit
    if (request.content_length or 0) > limit:
        raise RequestEntityTooLarge
    if "Transfer-Encoding" in request.headers:
        request.max_content_length = limit + 1  # at its limit, Werkzeug's stream ends as if the body did
        if len(request.get_data()) > limit:  # what is read stays for the view
            raise RequestEntityTooLarge
