"""A table has changed: what was read from it is stale at once, and the pages that show it are turned.

EventBridge calls it with a `Tables Changed` event, which a job puts when it has ended, and anybody else who loads; it
may come twice, late or out of order. A schedule calls it every minute, for a turn that was cut off. The runs it starts
end as all do, by `send_message`. A table that no report reads is passed over, however many there are.
Source of the envelope: Amazon EventBridge, "Events and event structure"; the detail is ours.
"""

import datetime
import logging
import os
from typing import Any

from backend_lambdas import clock
from backend_lambdas.access.group_membership import GroupMembership
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.reports.catalog import Catalog
from backend_lambdas.runs.assembly import run_service
from backend_lambdas.settings import TurnPages
from backend_lambdas.tables.page_turner import PageTurner
from backend_lambdas.tables.sql_tables import normalized

log = logging.getLogger(__name__)

SOURCE = "pushboard.tables"
MAX_NAME_LENGTH = 256
"""Characters of a table's name with its schema, or of who changed it."""


@at_start
def build() -> PageTurner:
    """Turns pages, by this function's environment; kept while the function is warm."""
    settings = TurnPages.from_environ(os.environ)
    membership = GroupMembership(
        clients.client("cognito-idp", attempts=1), settings.user_pool_id, settings.groups_fresh_seconds
    )
    return PageTurner(run_service(settings), Catalog(clients.client("s3"), settings.reports_s3_path), membership)


def handler(event: dict[str, Any], context: Any) -> None:
    """Notes what changed and turns the pages. Raises when some could not be turned, so that Lambda calls again."""
    turner = build()
    tables = turner.known_tables()
    if event.get("source") == SOURCE:
        tables = tables_of(event) & tables
        for table in sorted(tables):
            turner.service.changes.note(table, changed_at(event), by=changed_by(event))
    turner.turn_due(tables)


def tables_of(event: dict[str, Any]) -> frozenset[str]:
    """The names in an event as `schema.table`; what is no name is passed over."""
    named = event["detail"].get("tables")
    names = [named] if isinstance(named, str) else named if isinstance(named, list) else []
    texts = [name for name in names if isinstance(name, str) and 0 < len(name) <= MAX_NAME_LENGTH]
    if not texts:
        log.warning("an event says that tables changed, and names none: %s", event.get("id"))
    return frozenset(normalized(name) for name in texts)


def changed_at(event: dict[str, Any]) -> int:
    """When they changed, in epoch milliseconds: what the event says, else its own time; never later than now."""
    for written in (event["detail"].get("at"), event.get("time")):
        try:
            moment = datetime.datetime.fromisoformat(str(written))
        except ValueError:
            continue
        aware = moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)
        return min(int(aware.timestamp() * 1000), clock.now())
    return clock.now()


def changed_by(event: dict[str, Any]) -> str:
    """Who changed them, as the event tells; else the account that it came from."""
    named = event["detail"].get("by")
    return named[:MAX_NAME_LENGTH] if isinstance(named, str) else str(event.get("account", ""))
