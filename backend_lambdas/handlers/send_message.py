"""The end of a statement, told to everyone who waits for it.

EventBridge calls it with a `Redshift Data Statement Status Change` event; the event may come twice, late, or before
`on_connect` has finished. What it sends goes over the socket to the dashboard's bridge; the rows stay for `get_result`.
Source of the event's shape: Amazon Redshift, "Monitoring events for the Data API in EventBridge".
"""

import os
from typing import Any

from backend_lambdas import clock
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.aws.warehouse import attempt_of
from backend_lambdas.runs.assembly import run_service
from backend_lambdas.runs.completer import RunCompleter
from backend_lambdas.runs.outcomes import StatementEnded
from backend_lambdas.settings import SendMessage


@at_start
def build() -> RunCompleter:
    """Brings runs to their end, by this function's environment; kept while the function is warm."""
    return run_service(SendMessage.from_environ(os.environ)).completer


def handler(event: dict[str, Any], context: Any) -> None:
    """Tells the subscribers. Raises when some could not be told, so that Lambda calls again for just those."""
    build().complete(statement_ended(event))


def statement_ended(event: dict[str, Any]) -> StatementEnded:
    """The event as a value; `rows` is not documented for failed statements, so it is optional."""
    detail = event["detail"]
    attempt, rows = attempt_of(detail["statementName"]), int(detail.get("rows", 0))
    event_at = clock.milliseconds(event["time"])
    return StatementEnded(attempt, detail["statementId"], detail["state"], rows, clock.now(), event_at)
