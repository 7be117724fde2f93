"""What a Lambda function runs in, and what can be killed under it. Used by `functions`.

Python cannot stop a thread. But a function does nothing to the world except by AWS calls; so one whose sandbox was
killed gets no further than its next call, and out of its sleep at once. So it is in all threads of its pools.

On AWS each function has a processor of its own. Here all share one interpreter, in which many at once would all end
last; so they take turns: who came first ends first. Nobody waits for long, whatever the others do.
"""

import contextvars
import itertools
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

from botocore.httpsession import URLLib3Session

from infra.local.endpoint import direct_calls

_really_sleep = time.sleep
_really_submit = ThreadPoolExecutor.submit
_really_send = URLLib3Session.send


TURN_PATIENCE = 0.15
"""Seconds after which a function begins although another is at work: that one may wait for something itself."""

_turn = threading.Semaphore(1)


class Killed(BaseException):
    """The sandbox was killed. As with a real one, no `except Exception` of the function helps against that."""


class Sandbox:
    """One invocation's. `dies` is asked before each AWS call, counted from 1, whether that is where the end comes.

    A call that the SDK tries again counts again.
    """

    def __init__(self, dies: Callable[[int], bool]) -> None:
        self._dies = dies
        self._calls = itertools.count(1)
        self._ends_at = math.inf
        self._changed = threading.Condition()
        self._has_turn = False

    def take_turn(self) -> None:
        """Waits until the functions that came before are done or asleep, at most `TURN_PATIENCE`."""
        self._has_turn = _turn.acquire(timeout=TURN_PATIENCE)

    def end_turn(self) -> None:
        """Lets the next one begin."""
        with self._changed:
            had_turn, self._has_turn = self._has_turn, False
        if had_turn:
            _turn.release()

    def kill(self) -> None:
        """Ends it now."""
        self.end_at(0)

    def end_at(self, when: float) -> None:
        """Ends it at a time of the monotonic clock; who would sleep longer than that need not wait for it."""
        with self._changed:
            self._ends_at = min(self._ends_at, when)
            self._changed.notify_all()

    def before_call(self) -> None:
        """Raises `Killed` when no AWS call leaves this sandbox any more."""
        if self._ends_at <= time.monotonic():
            raise Killed
        if self._dies(next(self._calls)):
            self.kill()
            raise Killed

    def sleep(self, seconds: float) -> None:
        """Sleeps; raises `Killed` as soon as it is certain that nobody will wake up."""
        self.end_turn()
        wakes_at = time.monotonic() + seconds
        with self._changed:
            if self._changed.wait_for(lambda: self._ends_at < wakes_at, seconds):
                raise Killed


_current: contextvars.ContextVar[Sandbox | None] = contextvars.ContextVar(
    "the running function's sandbox", default=None
)


@contextmanager
def entered(sandbox: Sandbox) -> Iterator[None]:
    """Within it, this thread's sleep and AWS calls are the sandbox's, and those of what it hands to thread pools."""
    token = _current.set(sandbox)
    sandbox.take_turn()
    try:
        yield
    finally:
        sandbox.end_turn()
        _current.reset(token)


def install() -> None:
    """Puts stand-ins in place of sleeping, of handing work to a thread pool, and of sending a request to AWS.

    Outside functions they do what they stand for. Called by `stand_ins`.
    """
    time.sleep = _sleep  # type: ignore[assignment]
    ThreadPoolExecutor.submit = _submit  # type: ignore[assignment, method-assign]
    URLLib3Session.send = _send


def remove() -> None:
    """Puts back what they stood for."""
    time.sleep = _really_sleep
    ThreadPoolExecutor.submit = _really_submit  # type: ignore[method-assign]
    URLLib3Session.send = _really_send


def _sleep(seconds: float, /) -> None:
    sandbox = _current.get()
    (_really_sleep if sandbox is None else sandbox.sleep)(seconds)


def _submit(pool: ThreadPoolExecutor, do: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
    if _current.get() is None:
        return _really_submit(pool, do, *arguments, **named)
    return _really_submit(pool, contextvars.copy_context().run, do, *arguments, **named)


def _send(session: URLLib3Session, request: Any) -> Any:
    sandbox = _current.get()
    if sandbox is None:
        return _really_send(session, request)
    sandbox.before_call()
    if direct_calls.poll_seconds(request.body):
        sandbox.end_turn()  # it waits for the warehouse, as on AWS, and keeps nobody from the processor
    return direct_calls.answer(request) or _really_send(session, request)
