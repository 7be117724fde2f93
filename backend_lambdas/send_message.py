"""The end of a statement, told to everyone who waits for it.

EventBridge calls it with a `Redshift Data Statement Status Change` event; the event may come twice, late, or before
`on_connect` has finished. What it sends goes over the socket to the dashboard's bridge; the rows stay for `get_result`.
Source of the event's shape: Amazon Redshift, "Monitoring events for the Data API in EventBridge".
"""

import functools
import os
from typing import Any

from backend_lambdas import clock
from backend_lambdas.endings import StatementEnded
from backend_lambdas.runs import RunService
from backend_lambdas.services import run_service
from backend_lambdas.settings import SendMessage
from backend_lambdas.warehouse import attempt_of


@functools.cache
def build() -> RunService:
    """The life of runs, from this function's environment; kept while the function is warm."""
    return run_service(SendMessage.from_environ(os.environ))


def handler(event: dict[str, Any], context: Any) -> None:
    """Tells the waiters. Raises when some could not be told, so that Lambda calls again for just those."""
    build().settle(statement_ended(event["detail"]))


def statement_ended(detail: dict[str, Any]) -> StatementEnded:
    """The event's detail as a value; `rows` is not documented for failed statements, so it is optional."""
    attempt = attempt_of(detail["statementName"])
    return StatementEnded(attempt, detail["statementId"], detail["state"], int(detail.get("rows", 0)), clock.now())
