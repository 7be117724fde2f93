"""Tells clients things: `POST @connections`, to one or to many. Used by `runs` and `on_connect`.

A gone connection is cleaned up, not raised. What is told goes over the socket to the dashboard's bridge, or to any
other client.
"""

import logging
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from backend_lambdas import aws
from backend_lambdas.connections import Connections, Waiter
from backend_lambdas.messages import Event, to_json

log = logging.getLogger(__name__)

_GONE = frozenset({"GoneException", "410"})
_AT_ONCE = 16


class DeliveryFailed(RuntimeError):
    """Some waiters could not be told; they are still recorded, so asking again tells just them."""


class Teller:
    """Sends events to sockets through the gateway's management API."""

    def __init__(self, client: Any, connections: Connections) -> None:
        self._client = client
        self._connections = connections

    def tell(self, connection_id: str, *events: Event) -> None:
        """Sends events in order; if the socket is gone, forgets it and its waits instead."""
        try:
            for event in events:
                self._client.post_to_connection(ConnectionId=connection_id, Data=to_json(event).encode())
        except ClientError as error:
            if aws.error_code(error) not in _GONE:
                raise
            log.info("connection %s is gone", connection_id)
            self._connections.remove(connection_id)

    def try_to_tell(self, connection_id: str, event: Event) -> None:
        """Sends an event that may be missed: an error is logged, not raised."""
        try:
            self.tell(connection_id, event)
        except (ClientError, BotoCoreError) as error:
            log.warning("could not tell %s: %s", connection_id, error)

    def tell_all(self, waiters: Iterable[Waiter], event_for: Callable[[Waiter], Event]) -> None:
        """Tells each waiter and forgets it. One that fails does not hold up the others: `DeliveryFailed` comes last."""
        waiting = list(waiters)
        if not waiting:
            return
        with ThreadPoolExecutor(min(_AT_ONCE, len(waiting))) as pool:
            told = list(pool.map(lambda waiter: self._deliver(waiter, event_for(waiter)), waiting))
        if not all(told):
            raise DeliveryFailed(f"{told.count(False)} of {len(waiting)} waiters could not be told")

    def _deliver(self, waiter: Waiter, event: Event) -> bool:
        try:
            self.tell(waiter.connection_id, event)
            self._connections.remove_waiter(waiter)
        except (ClientError, BotoCoreError) as error:
            log.warning("could not tell %s of %s: %s", waiter.connection_id, waiter.attempt, error)
            return False
        return True
