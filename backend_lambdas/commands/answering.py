"""Answers a client's message: what is wrong with it is told to the socket, and changes nothing.

Used by `on_connect`, `run_batch` and `run_jobs`, which do what the message says.
"""

import logging
from collections.abc import Callable, Sequence

from backend_lambdas import log_events, messages
from backend_lambdas.errors import PushboardError, WarehouseUnavailable
from backend_lambdas.messages import Address, RunRejected
from backend_lambdas.sockets.notifier import Notifier

log = logging.getLogger(__name__)


def answered(notifier: Notifier, connection_id: str, text: str, do: Callable[[], int | None]) -> int:
    """Does what a message says, and gives an HTTP status for the gateway's log; an error is told and raises nothing.

    What is done may have a status of its own.
    """
    return done(notifier, connection_id, messages.addresses(text), do)


def done(notifier: Notifier, connection_id: str, addresses: Sequence[Address], do: Callable[[], int | None]) -> int:
    """The same of the runs at these addresses, each of which is told."""
    try:
        return do() or 200
    except PushboardError as error:
        return refused(notifier, connection_id, addresses, error)
    except Exception:
        log.exception("a message of connection %s could not be handled", connection_id)
        return refused(notifier, connection_id, addresses, WarehouseUnavailable())


def refused(notifier: Notifier, connection_id: str, addresses: Sequence[Address], error: PushboardError) -> int:
    """Tells a socket why nothing was started, and gives the error's status."""
    for _, run_id in addresses:
        log_events.run_rejected(connection_id, run_id, error.code)
    rejections = [RunRejected(topic_name, run_id, error.code, error.message) for topic_name, run_id in addresses]
    notifier.notify(connection_id, *rejections, together=True)  # several come of a list alone
    return error.status
