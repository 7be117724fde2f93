"""What functions log, as Lambda's JSON log format has it: a line a record, in one file; warnings on the terminal, too.

Used by `functions`, which says whose invocation a thread is in, and by `runtime`, which says where the file is. Fields
that a record has beside its own stand at the top level of its line.
Source: AWS Lambda developer guide, "Working with JSON structured logs in Python".
"""

import contextvars
import json
import logging
import queue
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

_LONGEST_FILE = 20_000_000
_TOGETHER = 1000
"""Lines written at once, at most."""

_GATHERING_SECONDS = 0.05
"""How long the writer leaves lines to gather: to wake it for each takes more processor than to write them."""

_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


@dataclass(frozen=True)
class Invocation:
    """Which call of which function a line belongs to."""

    function: str
    request_id: str


_current: contextvars.ContextVar[Invocation | None] = contextvars.ContextVar("the running invocation", default=None)


@contextmanager
def within(function: str, request_id: str) -> Iterator[None]:
    """Within it, what this thread logs, and what it hands to thread pools, belongs to that invocation."""
    token = _current.set(Invocation(function, request_id))
    try:
        yield
    finally:
        _current.reset(token)


class FunctionLogs(logging.Handler):
    """Takes what the packages of functions log within invocations; `write` takes lines, `tell` what is for people."""

    def __init__(self, packages: set[str], write: Callable[[str], None], tell: Callable[[str], None]) -> None:
        super().__init__(logging.INFO)
        self._write, self._tell = write, tell
        self._loggers = {logger: _own_level(logger) for logger in map(logging.getLogger, packages)}
        for logger in self._loggers:
            logger.setLevel(logging.INFO)
            logger.addHandler(self)

    def createLock(self) -> None:  # noqa: N802 (logging's name)
        """None is needed: each record is a line of its own, and lines may be written from any thread."""
        self.lock = None

    def emit(self, record: logging.LogRecord) -> None:
        """A line of the running invocation; what is logged outside any is none of Lambda's."""
        invocation = _current.get()
        if invocation is None:
            return
        entry = as_json(record, invocation)
        self._write(json.dumps(entry, ensure_ascii=False, default=str))
        if record.levelno >= logging.WARNING:
            self._tell(_for_people(record, invocation, entry))

    def close(self) -> None:
        """Takes no more; the last one that does leaves the loggers as they were."""
        for logger, level in self._loggers.items():
            logger.removeHandler(self)
            if not _taking(logger):
                logger.setLevel(level)
        super().close()


def _taking(logger: logging.Logger) -> list[FunctionLogs]:
    return [handler for handler in logger.handlers if isinstance(handler, FunctionLogs)]


def _own_level(logger: logging.Logger) -> int:
    """The level that it has while nobody takes what functions log."""
    others = _taking(logger)
    return others[0]._loggers[logger] if others else logger.level


def as_json(record: logging.LogRecord, invocation: Invocation) -> dict[str, Any]:
    """The members of a line, in Lambda's order; those without a value are left out."""
    raised = record.exc_info if record.exc_info and record.exc_info[0] else None
    own = {
        "timestamp": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")[:-6] + "Z",
        "level": record.levelname,
        "message": record.getMessage(),
        "logger": record.name,
        "stackTrace": traceback.format_tb(raised[2]) if raised else None,
        "errorType": raised[0].__name__ if raised and raised[0] else None,
        "errorMessage": str(raised[1]) if raised else None,
        "requestId": invocation.request_id,
    }
    extra = {name: value for name, value in vars(record).items() if name not in _OWN and name not in own}
    return {name: value for name, value in (own | extra).items() if value is not None}


def _for_people(record: logging.LogRecord, invocation: Invocation, entry: dict[str, Any]) -> str:
    shown = ("reason", "code", "report", "statementId", "attempt", "errorType", "errorMessage")
    details = ", ".join(f"{name}: {entry[name]}" for name in shown if name in entry)
    return f"[{invocation.function}] {record.getMessage()}" + (f" ({details})" if details else "")


class LogFile:
    """A file of lines that does not grow for ever. A thread of its own writes them, those that came together at once.

    Whoever logs hands a line over and goes on: each call to the system lets other threads compute first, and while a
    thread that holds the file's lock waits for its turn again, all who log would wait for it.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = RotatingFileHandler(path, maxBytes=_LONGEST_FILE, backupCount=1, encoding="utf-8", delay=True)
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._writer = threading.Thread(target=self._write_all, name=f"log-{path.stem}")
        self._writer.start()

    def write(self, line: str) -> None:
        """Adds a line, which is in the file a moment later; what is written after `close` is lost."""
        self._lines.put(line)

    def close(self) -> None:
        """Returns when all lines are in the file."""
        self._lines.put(None)
        self._closing.set()
        self._writer.join()
        self._file.close()

    def _write_all(self) -> None:
        is_open = True
        while is_open:
            lines = [self._lines.get()]
            self._closing.wait(_GATHERING_SECONDS)
            with suppress(queue.Empty):
                while len(lines) < _TOGETHER:
                    lines.append(self._lines.get_nowait())
            is_open = None not in lines
            if written := "\n".join(line for line in lines if line is not None):
                self._file.handle(logging.makeLogRecord({"msg": written}))
