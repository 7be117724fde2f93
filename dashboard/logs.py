"""What the dashboard logs: a JSON line a record on standard output, with the request it belongs to; `wsgi` installs it.

Fields that a record has beside its own (`runId`, `socketId`, ...) stand at the top level, as in the functions' lines.
No line has a query string, a header, a token or an e-mail: an address is its path, a user his subject.
"""

import json
import logging
import re
import sys
import time
import traceback
import uuid
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

log = logging.getLogger(__name__)

QUIET = ("/health", "/assets/", "/_dash-component-suites/", "/_favicon.ico", "/favicon.ico")
"""What is asked for all the time and tells nothing, as long as it is answered well."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TRACE = re.compile(r"(?:^|;)\s*Root=([0-9a-f-]{1,64})")


class JsonLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without an end."""
        raised = record.exc_info if record.exc_info and record.exc_info[0] else None
        own = {
            "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": request_id(),
            "errorType": raised[0].__name__ if raised and raised[0] else None,
            "errorMessage": str(raised[1]) if raised else None,
            "stackTrace": traceback.format_tb(raised[2]) if raised else None,
        }
        extra = {name: value for name, value in vars(record).items() if name not in _OWN and name not in own}
        line = {name: value for name, value in (own | extra).items() if value is not None}
        return json.dumps(line, ensure_ascii=False, default=str)


def install() -> None:
    """Makes every logger of this process write such lines, gunicorn's too; to be called once, when it starts."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("dashboard").setLevel(logging.INFO)
    for name in ("gunicorn.error", "gunicorn.access"):
        logging.getLogger(name).handlers = [handler]
        logging.getLogger(name).propagate = False


def request_id() -> str | None:
    """The load balancer's id of the running request, or one of our own; None outside requests."""
    if not has_request_context():
        return None
    if "request_id" not in g:
        found = _TRACE.search(request.headers.get("X-Amzn-Trace-Id", ""))
        g.request_id = found[1] if found else uuid.uuid4().hex
    return str(g.request_id)


def watch(app: Flask) -> None:
    """Logs each request with its outcome, but for those that tell nothing."""
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    g.began_at = time.monotonic()


def _end(response: Response) -> Response:
    if response.status_code < 400 and request.path.startswith(QUIET):
        return response
    took = round((time.monotonic() - g.get("began_at", time.monotonic())) * 1000)
    line: dict[str, Any] = {"method": request.method, "path": request.path, "status": response.status_code, "ms": took}
    log.info("request", extra=line | ({"user": g.login.user.sub} if "login" in g else {}))
    return response
