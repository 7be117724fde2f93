"""EventBridge: events of the Data API and of S3 go to the rules of the template, and from there to functions.

`redshift_data` and `moto_services` publish; a matching event goes to `Lambdas.invoke_later`, hence to
`backend_lambdas.handlers.send_message` or `announce_reports`. Delivery is as good as `hooks` lets it be.
"""

from collections.abc import Callable, Sequence
from typing import Any, cast

from moto.events.models import EventPattern

from infra.local.cloudformation.stack_resources import EventRule
from infra.local.eventbridge.input_transformer import transformed
from infra.local.hooks import Event, Hooks

Deliver = Callable[[str, Event], None]


class EventBus:
    """The default event bus. `deliver` takes a function's name and the event, and must not block."""

    def __init__(self, rules: Sequence[EventRule], deliver: Deliver, hooks: Hooks | None = None) -> None:
        self._rules = rules
        self._deliver = deliver
        self._hooks = hooks or Hooks()

    def publish(self, event: Event) -> None:
        """Hands the event to the target of every rule it matches."""
        self._hooks.on_event(event, lambda: self._match(event))

    def _match(self, event: Event) -> None:
        for rule in self._rules:
            if _matches(rule, event):
                transformer = rule.input_transformer
                self._deliver(rule.function, transformed(transformer, event) if transformer else event)


def _matches(rule: EventRule, event: Event) -> bool:
    return EventPattern(None, dict(rule.pattern)).matches_event(cast(Any, event))
