"""The event a statement ends with, for EventBridge. Used by `submissions`; next, `publish` gives it to the event bus.

Source: "Monitoring Data API events in EventBridge"; `rows` of -1 and the missing name, which AWS does not document, are
ours.
"""

import uuid
from datetime import UTC, datetime
from typing import Any

from infra.local.redshift_data.statements import Statement, Status

DETAIL_TYPE = "Redshift Data Statement Status Change"
_KEPT_SECONDS = 86_399


def event_of(statement: Statement, region: str, account: str) -> dict[str, Any]:
    """The complete event of a finished, failed or aborted statement or batch."""
    ended = statement.updated_at
    return {
        "version": "0",
        "id": str(uuid.uuid4()),
        "detail-type": DETAIL_TYPE,
        "source": "aws.redshift-data",
        "account": account,
        "time": datetime.fromtimestamp(ended, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": region,
        "resources": [statement.target.arn(region, account)],
        "detail": _detail(statement, int(ended) + _KEPT_SECONDS),
    }


def _detail(statement: Statement, expire_at: int) -> dict[str, Any]:
    named = {"statementName": statement.name} if statement.name else {}
    return {
        "principal": statement.caller.arn,
        **named,
        "statementId": statement.id,
        "redshiftQueryId": -1,
        "state": str(statement.status),
        "rows": statement.rows if statement.status == Status.FINISHED else -1,
        "expireAt": expire_at,
    }
