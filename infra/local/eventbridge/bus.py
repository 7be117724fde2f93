"""EventBridge: events of the Data API and of S3 go to the rules of the template, and from there to functions.

`redshift_data` and `moto_services` publish; a matching event goes to `Lambdas.invoke_later`, hence to
`backend_lambdas.handlers.send_message` or `announce_reports`. Delivery is as good as `faults` lets it be.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, cast

from moto.events.models import EventPattern

from infra.local.cloudformation.stack_resources import EventRule
from infra.local.eventbridge.later import Later
from infra.local.faults.injection import Faults
from infra.local.faults.kinds import CopiedEvent, EventFault, HeldEvents, LateEvent, LostEvent

Event = dict[str, Any]
Deliver = Callable[[str, Event], None]


class EventBus:
    """The default event bus. `deliver` takes a function's name and the event, and must not block; `later` is for events
    that a fault delays."""

    def __init__(
        self, rules: Sequence[EventRule], deliver: Deliver, later: Later, faults: Faults | None = None
    ) -> None:
        self._rules = rules
        self._deliver = deliver
        self._later = later
        self._faults = faults or Faults()

    def publish(self, event: Event) -> None:
        """Hands the event to the target of every rule it matches."""

        def concerned(fault: EventFault) -> bool:
            return fault.concerns(event)

        if self._faults.strike(LostEvent, concerned):
            return
        held = self._faults.strike(HeldEvents, concerned)
        copied = self._faults.strike(CopiedEvent, concerned)
        late = self._faults.strike(LateEvent, concerned)
        send = partial(self._send, event, copied.copies if copied else 1, late.seconds if late else 0.0)
        (held.hold if held else _at_once)(send)

    def _send(self, event: Event, copies: int, seconds: float) -> None:
        for _ in range(copies):
            if seconds:
                self._later.call(seconds, partial(self._match, event))
            else:
                self._match(event)

    def _match(self, event: Event) -> None:
        for rule in self._rules:
            if _matches(rule, event):
                self._deliver(rule.function, event)


def _matches(rule: EventRule, event: Event) -> bool:
    return EventPattern(None, dict(rule.pattern)).matches_event(cast(Any, event))


def _at_once(do: Callable[[], None]) -> None:
    do()
