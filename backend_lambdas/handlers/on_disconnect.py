"""A socket closed: its own records go, and nobody else's. API Gateway calls it for `$disconnect`, as a best effort."""

import os
from typing import Any

from backend_lambdas import log_events
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.settings import OnDisconnect
from backend_lambdas.sockets.connections import Connections


@at_start
def build() -> Connections:
    """The table of this function's environment, kept while the function is warm."""
    return Connections(clients.dynamodb(), OnDisconnect.from_environ(os.environ).table_name)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Forgets the connection and its waits."""
    connection_id = event["requestContext"]["connectionId"]
    build().remove(connection_id)
    log_events.socket_closed(connection_id)
    return {"statusCode": 200}
