"""A performance trace of Chromium, to be opened in its DevTools (Performance, Load profile) or in Perfetto."""

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import CDPSession, Page

CATEGORIES = (
    "devtools.timeline",
    "disabled-by-default-devtools.timeline",
    "disabled-by-default-devtools.timeline.frame",
    "disabled-by-default-v8.cpu_profiler",
    "blink.user_timing",
    "loading",
    "latencyInfo",
    "toplevel",
    "v8.execute",
)
COMPLETE_SECONDS = 60
_PIECE = 2**20


@contextmanager
def traced(page: Page, session: CDPSession, file: Path) -> Iterator[None]:
    """Traces what a tab does meanwhile into a file; nothing is written where that fails."""
    completed: list[str] = []
    session.once("Tracing.tracingComplete", lambda event: completed.append(event["stream"]))
    config = {"includedCategories": list(CATEGORIES)}
    session.send("Tracing.start", {"transferMode": "ReturnAsStream", "traceConfig": config})
    yield
    session.send("Tracing.end")
    deadline = time.monotonic() + COMPLETE_SECONDS
    while not completed:
        assert time.monotonic() < deadline, f"the trace was not complete within {COMPLETE_SECONDS} s"
        page.wait_for_timeout(100)
    _save(session, completed[0], file)


def _save(session: CDPSession, stream: str, file: Path) -> None:
    with file.open("wb") as opened:
        is_over = False
        while not is_over:
            piece = session.send("IO.read", {"handle": stream, "size": _PIECE})
            data, is_over = piece["data"], piece["eof"]
            opened.write(base64.b64decode(data) if piece.get("base64Encoded") else data.encode())
    session.send("IO.close", {"handle": stream})
