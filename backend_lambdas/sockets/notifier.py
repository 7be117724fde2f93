"""Notifies clients by `POST @connections`, one or many. Used by `run_service`, `on_connect` and `announce_reports`.

A gone connection is cleaned up, not raised. What is told goes over the socket to the dashboard's bridge, or to any
other client.
"""

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from botocore.exceptions import BotoCoreError, ClientError

from backend_lambdas import log_events
from backend_lambdas.aws import clients
from backend_lambdas.messages import Event, batches, to_json
from backend_lambdas.sockets.connections import Connections, Subscriber

log = logging.getLogger(__name__)

_GONE = frozenset({"GoneException", "410"})
_AT_ONCE = 32

Receiver = TypeVar("Receiver")

EventsFor = Callable[[Subscriber], Sequence[Event]]
"""What a subscriber is told, in order."""


class DeliveryFailed(RuntimeError):
    """Some clients could not be told. Subscribers among them are still recorded, so asking again tells just them."""

    def __init__(self, unnotified: int, of: int) -> None:
        super().__init__(f"{unnotified} of {of} clients could not be told")
        self.unnotified = unnotified


class Notifier:
    """Sends events to sockets through the gateway's management API."""

    def __init__(self, client: Any, connections: Connections) -> None:
        self._client = client
        self._connections = connections

    def notify(self, connection_id: str, *events: Event, together: bool = False) -> bool:
        """Sends events in order; if the socket is gone, forgets it and its waits instead, and gives False.

        `together` in one frame, to a client that takes batches.
        """
        try:
            for text in batches(events) if together else map(to_json, events):
                self._client.post_to_connection(ConnectionId=connection_id, Data=text.encode())
        except ClientError as error:
            if clients.error_code(error) not in _GONE:
                raise
            log_events.socket_gone(connection_id)
            self._connections.remove(connection_id)
            return False
        return True

    def try_to_notify(self, connection_id: str, event: Event) -> None:
        """Sends an event that may be missed: an error is logged, not raised."""
        try:
            self.notify(connection_id, event)
        except (ClientError, BotoCoreError) as error:
            log.warning("could not tell %s: %s", connection_id, error)

    def notify_all(self, subscribers: Iterable[Subscriber], events_for: EventsFor) -> None:
        """Notifies all subscribers, then forgets them; one failure holds up no other: `DeliveryFailed` comes last."""
        waiting, told = list(subscribers), list[Subscriber]()

        def deliver(subscriber: Subscriber) -> None:
            events = events_for(subscriber)
            if self.notify(subscriber.connection_id, *events, together=subscriber.batches):
                log_events.subscriber_notified(subscriber)
            told.append(subscriber)

        failed = _failed(waiting, deliver)
        if not _delivered(told, self._connections.remove_subscribers):
            failed += told
        if failed:
            raise DeliveryFailed(len(failed), len(waiting))

    def each(self, receivers: Iterable[Receiver], do: Callable[[Receiver], None]) -> None:
        """Does something that tells each of them; one that fails holds up nobody: `DeliveryFailed` comes last."""
        _each(receivers, do)

    def notify_each(self, events: Mapping[str, Event]) -> None:
        """Tells each connection its event; one that fails holds up nobody: `DeliveryFailed` comes last."""

        def deliver(event: tuple[str, Event]) -> None:
            self.notify(*event)

        _each(events.items(), deliver)


def _each(receivers: Iterable[Receiver], deliver: Callable[[Receiver], None]) -> None:
    """Delivers to all of them, some at a time."""
    waiting = list(receivers)
    failed = _failed(waiting, deliver)
    if failed:
        raise DeliveryFailed(len(failed), len(waiting))


def _failed(receivers: Sequence[Receiver], deliver: Callable[[Receiver], None]) -> list[Receiver]:
    """Delivers to all of them, some at a time; returns those where an AWS call failed."""
    if not receivers:
        return []
    with ThreadPoolExecutor(min(_AT_ONCE, len(receivers))) as pool:
        delivered = list(pool.map(lambda receiver: _delivered(receiver, deliver), receivers))
    return [receiver for receiver, is_delivered in zip(receivers, delivered, strict=True) if not is_delivered]


def _delivered(receiver: Receiver, deliver: Callable[[Receiver], None]) -> bool:
    try:
        deliver(receiver)
    except (ClientError, BotoCoreError) as error:
        log.warning("could not tell %s: %s", receiver, error)
        return False
    return True
