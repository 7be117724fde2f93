"""`GET /audit`: who took which rows away and when, for admins. API Gateway calls it after its Cognito authorizer."""

import datetime
import itertools
import os
from collections.abc import Iterator, Mapping
from typing import Any

from backend_lambdas import clock
from backend_lambdas.access.audit import Audit
from backend_lambdas.access.principal import ADMINS, Principal
from backend_lambdas.aws import clients
from backend_lambdas.aws.cold_start import at_start
from backend_lambdas.errors import BadParameter, Forbidden, PushboardError
from backend_lambdas.settings import GetAudit

MOST_DAYS, MOST_RECORDS = 92, 1000
_FILTERS = ("kind", "email", "report", "department", "format", "state")
_SHOWN = ("at", "kind", "email", "report", "title", "department", "parameters", "format", "state", "of")


@at_start
def build() -> Audit:
    """The records of this function's environment, kept while the function is warm."""
    return Audit(clients.dynamodb(), GetAudit.from_environ(os.environ).audit_table_name)


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """200 with `records`, the newest first, and whether there are `more`; admins may narrow them down by `from`, `to`
    (days), kind, email, report, department, format and state."""
    principal = Principal.from_rest(event["requestContext"]["authorizer"]["claims"])
    query = event.get("queryStringParameters") or {}
    try:
        if ADMINS not in principal.groups:
            raise Forbidden("Only admins see who downloaded what.")
        found = list(itertools.islice(_records(build(), query), MOST_RECORDS + 1))
    except PushboardError as error:
        return clients.rest_error(error)
    shown = [_public(item) for item in found[:MOST_RECORDS]]
    return clients.rest_answer({"records": shown, "more": len(found) > MOST_RECORDS})


def _records(records: Audit, query: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    first, last = _days(query)
    only = {name: query[name] for name in _FILTERS if query.get(name)}
    for back in range((last - first).days + 1):
        yield from records.of_day(last - datetime.timedelta(days=back), only)


def _days(query: Mapping[str, str]) -> tuple[datetime.date, datetime.date]:
    today = datetime.datetime.fromtimestamp(clock.seconds(), datetime.UTC).date()
    try:
        last = datetime.date.fromisoformat(query.get("to") or today.isoformat())
        first = datetime.date.fromisoformat(query.get("from") or (last - datetime.timedelta(days=6)).isoformat())
    except (ValueError, OverflowError):
        raise BadParameter("from and to are days such as 2026-11-23.") from None
    if not 0 <= (last - first).days < MOST_DAYS:
        raise BadParameter(f"from and to are at most {MOST_DAYS} days apart, the earlier one first.")
    return first, last


def _public(item: Mapping[str, Any]) -> dict[str, Any]:
    own = {name: item[name] for name in _SHOWN}
    return own | {"rows": int(item["rows"]), "bytes": int(item["bytes"])}
