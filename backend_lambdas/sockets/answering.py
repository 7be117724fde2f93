"""Answers a client's message: what is wrong with it is told to the socket, and changes nothing.

Used by `on_connect` and `run_jobs`, which do what the message says.
"""

import logging
from collections.abc import Callable

from backend_lambdas import log_events, messages
from backend_lambdas.errors import PushboardError, WarehouseUnavailable
from backend_lambdas.messages import RunRejected
from backend_lambdas.sockets.notifier import Notifier

log = logging.getLogger(__name__)


def answered(notifier: Notifier, connection_id: str, text: str, do: Callable[[], None]) -> int:
    """Does what a message says, and gives an HTTP status for the gateway's log; an error is told and raises nothing."""
    topic_name, run_id = messages.address(text)
    try:
        do()
    except PushboardError as error:
        return refused(notifier, connection_id, topic_name, run_id, error)
    except Exception:
        log.exception("a message of connection %s could not be handled", connection_id)
        return refused(notifier, connection_id, topic_name, run_id, WarehouseUnavailable())
    return 200


def refused(
    notifier: Notifier, connection_id: str, topic_name: str | None, run_id: str | None, error: PushboardError
) -> int:
    """Tells a socket why nothing was started, and gives the error's status."""
    log_events.run_rejected(connection_id, run_id, error.code)
    notifier.notify(connection_id, RunRejected(topic_name, run_id, error.code, error.message))
    return error.status
