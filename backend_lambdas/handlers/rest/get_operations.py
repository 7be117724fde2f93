"""`GET /operations`: what runs now and how the last day's runs ended, for admins.

API Gateway calls it after its Cognito authorizer. It reads the table alone, the warehouse is not asked: what nobody
waits for any more is not among what runs. However busy the day, it reads so much and says that there is more.
"""

import itertools
import os
from collections import Counter
from typing import Any

from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import ADMINS, Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.errors import Forbidden, PushboardError
from backend_lambdas.runs import operations
from backend_lambdas.runs.history import History
from backend_lambdas.runs.run_table import RunTable
from backend_lambdas.settings import GetOperations
from backend_lambdas.sockets.connections import Connections

DAY_SECONDS = 24 * 3600
MOST_ENDED = 5_000
MOST_WAITING = 2_000
MOST_RUNNING = 100
"""As many as one BatchGetItem takes."""


class OperationsView(Struct, frozen=True):
    """Looks at runs, over their table."""

    connections: Connections
    runs: RunTable
    history: History

    def inspect(self) -> dict[str, Any]:
        """Everything that is shown; times are epoch milliseconds."""
        now = clock.now()
        ended = list(itertools.islice(self.history.since(now - DAY_SECONDS * 1000), MOST_ENDED + 1))
        waiting = Counter(attempt for attempt, _ in itertools.islice(self.connections.waiting(), MOST_WAITING))
        running = operations.under_way(self.runs.under_way(list(waiting)[:MOST_RUNNING]), waiting)
        more = {"moreEnded": len(ended) > MOST_ENDED, "moreRunning": len(waiting) > MOST_RUNNING}
        return {"at": now, "running": running, **operations.summary(ended[:MOST_ENDED]), **more}


@at_start
def build() -> OperationsView:
    """The watch of this function's environment, kept while the function is warm."""
    settings, dynamodb = GetOperations.from_environ(os.environ), clients.dynamodb()
    table = settings.table_name
    return OperationsView(Connections(dynamodb, table), RunTable(dynamodb, table), History(dynamodb, table))


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with what there is to see, 403 for anybody but admins."""
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    try:
        if ADMINS not in principal.groups:
            raise Forbidden("Only admins see what runs.")
        return clients.rest_answer(build().inspect())
    except PushboardError as error:
        return clients.rest_error(error)
