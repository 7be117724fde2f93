"""Where others may step into the laptop's AWS: the points at which something may go another way than usual.

`LocalAws` gives one `Hooks` to its parts, and they ask it: `eventbridge.bus` for each event, `endpoint.edge` for what
answers AWS calls, `dynamodb.tables` for each query of an index, `lambda_.functions` before each call of a function,
`apigateway.websocket_api` for its sockets. This one changes nothing. A test hands in one of its own, to let things go
wrong while everything runs.
"""

from collections.abc import Callable, Iterable
from typing import Any

Event = dict[str, Any]
Deliver = Callable[[], None]
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
EndSockets = Callable[[float, bool], int]
"""Ends a share of a gateway's open sockets, and gives how many; with a closing handshake where the second is true."""


class Hooks:
    """The points. They are called from many threads, and so often that an answer must cost nothing."""

    @property
    def is_quiet(self) -> bool:
        """Whether nothing is changed now. Then functions may call the services directly, without HTTP."""
        return True

    def on_event(self, event: Event, deliver: Deliver) -> None:  # noqa: ARG002
        """Has an event delivered: calls `deliver` as often as it is to come, here or later from another thread.

        It returns soon; whoever publishes does not wait for functions.
        """
        deliver()

    def indexes_follow(self) -> bool:
        """Whether DynamoDB's indexes know what has been written meanwhile; else they are as they were before."""
        return True

    def wrapped(self, services: Wsgi) -> Wsgi:
        """What answers AWS calls: the services, or what stands in front of them."""
        return services

    def goes_on(self, function: str, call: int) -> bool:  # noqa: ARG002
        """Whether an invocation makes its n-th AWS call, counted from 1; else it is killed just before."""
        return True

    def tells_disconnect(self) -> bool:
        """Whether the function of `$disconnect` is told of a socket's end."""
        return True

    def on_gateway(self, end_sockets: EndSockets) -> None:
        """A gateway has begun, whose sockets are ended by `end_sockets`."""

    def on_stop(self) -> None:
        """The laptop's AWS stops: what is held up goes on now, while functions and gateways are still there."""
