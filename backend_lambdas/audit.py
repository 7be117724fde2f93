"""Who took which rows away: a record of every download and export, kept for a year. Written by `get_result`,
`on_connect` and `get_exports`, read by `get_audit`.

A table of its own, so that its records outlive what they tell of:

    pk             sk                      one for each
    <day>          <time>#<id>             download, export or link given out
"""

import datetime
import re
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

from boto3.dynamodb.conditions import Attr, Key

from backend_lambdas import clock
from backend_lambdas.identity import Principal

KEPT_SECONDS = 400 * 24 * 3600

_ID = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{12}", re.ASCII)

DOWNLOAD, EXPORT, LINK = "download", "export", "link"
STARTED, COMPLETED, FAILED, CANCELLED = "started", "completed", "failed", "cancelled"


@dataclass(frozen=True)
class Taken:
    """What is taken away: of which statement or export, and in which format."""

    kind: str
    of: str
    report: str
    title: str
    department: str
    parameters: Mapping[str, str]
    format: str

    @classmethod
    def of_record(cls, kind: str, identifier: str, record: Mapping[str, Any], file_format: str) -> Self:
        """From the record of a statement or an export."""
        own = record["report"], record["title"], record["department"], record["values"]
        return cls(kind, identifier, *own, file_format)


class Audit:
    """The records in their table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def begin(self, principal: Principal, taken: Taken) -> str:
        """Records that a user begins to take something away; gives the record's id."""
        at = _time(clock.now())
        item = {
            "pk": at[:10],
            "sk": f"{at}#{uuid.uuid4().hex[:12]}",
            "at": at,
            "kind": taken.kind,
            "of": taken.of,
            "sub": principal.sub,
            "email": principal.email,
            "report": taken.report,
            "title": taken.title,
            "department": taken.department,
            "parameters": dict(taken.parameters),
            "format": taken.format,
            "state": STARTED,
            "rows": 0,
            "bytes": 0,
            "expiresAt": clock.seconds() + KEPT_SECONDS,
        }
        self._db.put_item(TableName=self._table, Item=item)
        return str(item["sk"])

    def add(self, record_id: str, sub: str, rows: int, size: int, state: str) -> bool:
        """Adds rows and bytes that were handed out; False when it is no record of this user's."""
        return self._change("ADD #rows :rows, #bytes :bytes SET #state = :state", record_id, sub, rows, size, state)

    def finish(self, record_id: str, sub: str, rows: int, size: int, state: str) -> bool:
        """Notes what there was in all; doing it twice changes nothing."""
        return self._change("SET #rows = :rows, #bytes = :bytes, #state = :state", record_id, sub, rows, size, state)

    def _change(self, change: str, record_id: str, sub: str, rows: int, size: int, state: str) -> bool:
        if not _ID.fullmatch(record_id):  # a client may send anything, and not every text is a key
            return False
        try:
            self._db.update_item(
                TableName=self._table,
                Key={"pk": record_id[:10], "sk": record_id},
                UpdateExpression=change,
                ConditionExpression="#sub = :sub",
                ExpressionAttributeNames={"#rows": "rows", "#bytes": "bytes", "#state": "state", "#sub": "sub"},
                ExpressionAttributeValues={":rows": rows, ":bytes": size, ":state": state, ":sub": sub},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def of_day(self, day: datetime.date, only: Mapping[str, str]) -> Iterator[dict[str, Any]]:
        """A day's records, the newest first; `only` are attributes with the value they must have."""
        condition: Any = None
        for name, value in only.items():
            own = Attr(name).eq(value)
            condition = condition & own if condition else own
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression=Key("pk").eq(day.isoformat()),
            ScanIndexForward=False,
            **({"FilterExpression": condition} if condition else {}),
        )
        return (item for page in pages for item in page["Items"])


def _time(milliseconds: int) -> str:
    at = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
