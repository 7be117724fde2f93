"""The kinds of things that go wrong. Switched on by `switches`; those of AWS calls strike in `failing_calls`."""

import threading
from dataclasses import dataclass, field
from typing import Any

from infra.local.endpoint.identities import access_key_of
from infra.local.hooks import Deliver


@dataclass(eq=False, kw_only=True)
class Fault:
    """Something that goes wrong so many `times` (None: until it is mended), and how often it `happened` so far."""

    times: int | None = None
    happened: int = field(default=0, init=False)
    mended: threading.Event = field(default_factory=threading.Event, init=False)

    @property
    def is_active(self) -> bool:
        """Whether it may still happen."""
        return not self.mended.is_set() and (self.times is None or self.happened < self.times)

    def mend(self) -> None:
        """Lets it happen no more, and ends what it does now."""
        self.mended.set()


@dataclass(eq=False, kw_only=True)
class EventFault(Fault):
    """About the events of a source (None: of any)."""

    source: str | None

    def concerns(self, event: dict[str, Any]) -> bool:
        """Whether this event is one of them."""
        return self.source in (None, event["source"])


class LostEvent(EventFault):
    """It reaches nobody."""


@dataclass(eq=False, kw_only=True)
class LateEvent(EventFault):
    """It takes so long."""

    seconds: float


@dataclass(eq=False, kw_only=True)
class CopiedEvent(EventFault):
    """It comes so often."""

    copies: int


@dataclass(eq=False, kw_only=True)
class HeldEvents(EventFault):
    """They wait for one another until there are so many, or until mended, and come the last first."""

    until: int
    waiting: list[Deliver] = field(default_factory=list, init=False)
    lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def hold(self, deliver: Deliver) -> None:
        """Lets an event wait, unless it is the one that was waited for."""
        with self.lock:
            self.waiting.append(deliver)
            enough = self.mended.is_set() or len(self.waiting) >= self.until
        if enough:
            self.mend()

    def mend(self) -> None:
        """Lets the events go."""
        super().mend()
        with self.lock:
            waiting, self.waiting = self.waiting, []
        for deliver in reversed(waiting):
            deliver()


class LaggingIndex(Fault):
    """DynamoDB's indexes do not know yet what was written; it happens when one is asked that has missed something."""


@dataclass(eq=False, kw_only=True)
class CallFault(Fault):
    """About an operation ("*": any) of a service, both as boto3 names them, and a caller (None: any).

    A caller is a function by its name, or anybody by the access key.
    """

    service: str
    operation: str
    by: str | None

    def concerns(self, service: str, operation: str, access_key: str) -> bool:
        """Whether this call is one of them."""
        called = service == self.service and self.operation in ("*", operation)
        return called and (self.by is None or access_key in (self.by, access_key_of(self.by)))


@dataclass(eq=False, kw_only=True)
class RefusedCall(CallFault):
    """It is answered by an error, and the service does not see it; None is the status of the service's model."""

    code: str
    status: int | None


@dataclass(eq=False, kw_only=True)
class UnansweredCall(CallFault):
    """It is not answered for so long; `done` tells whether it takes effect nevertheless."""

    seconds: float
    done: bool


@dataclass(eq=False, kw_only=True)
class Death(Fault):
    """A function's sandbox is killed just before an AWS call, counted from 1 in each invocation."""

    function: str
    before_call: int

    def concerns(self, function: str, call: int) -> bool:
        """Whether this call is the one."""
        return (function, call) == (self.function, self.before_call)


class LostDisconnect(Fault):
    """A socket's end of which no `$disconnect` tells."""
