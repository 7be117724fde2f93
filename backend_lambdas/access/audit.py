"""Who took which rows away: a record of every download and export, kept for a year. Written by `get_result`,
`on_connect` and `get_exports`, read by `get_audit`.

A table of its own, so that its records outlive what they tell of:

    pk             sk                      one for each
    <day>          <time>#<id>             download, export or link given out

A download is counted page by page, each page once: whoever retries one, or goes on from it later, names the same
record, which knows the page it counted last and the one that comes next (by hashes of the tokens that ask for them).
"""

import datetime
import hashlib
import re
import uuid
from collections.abc import Iterator, Mapping
from typing import Any, Self

from boto3.dynamodb.conditions import Attr, Key
from msgspec import Struct

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws import clients
from backend_lambdas.errors import BadParameter, Forbidden

KEPT_SECONDS = 400 * 24 * 3600

_ID = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z#[0-9a-f]{12}", re.ASCII)

DOWNLOAD, EXPORT, LINK, READ = "download", "export", "link", "read"
"""`READ`: rows beyond those that the report shows, page by page and not as a download."""

STARTED, COMPLETED, FAILED, CANCELLED = "started", "completed", "failed", "cancelled"
REFUSED = "refused"
"""Of a download that was asked for in the name of a record of something else, or of somebody else."""

_SAME = ("kind", "of", "format")
"""What a download's pages have in common, besides the user."""

_IS_SAME = " AND ".join(f"#{name} = :{name}" for name in _SAME)

_NO_RECORD = "record is not one that a first page gave."
_ANOTHERS = "This download is not the one that its record is of. Begin it anew."


class AuditedItem(Struct, frozen=True):
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


class DeliveredPage(Struct, frozen=True):
    """A page that is handed out: the token that asks for it, that of the next (None: there is none), and its size."""

    token: str | None
    next_token: str | None
    rows: int
    bytes: int


class Audit:
    """The records in their table."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def begin(
        self, principal: Principal, taken: AuditedItem, state: str = STARTED, rows: int = 0, size: int = 0
    ) -> str:
        """Records that a user begins to take something away, or was refused it; gives the record's id."""
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
            "state": state,
            "rows": rows,
            "bytes": size,
            "nextPage": _page(None),
            "expiresAt": clock.seconds() + KEPT_SECONDS,
        }
        self._db.put_item(TableName=self._table, Item=item)
        return str(item["sk"])

    def add(self, record_id: str, principal: Principal, taken: AuditedItem, handed: DeliveredPage) -> None:
        """Counts a page that was handed out, once, and notes the end with the last one.

        Raises `BadParameter` when there is no such record, and `Forbidden`, which goes on record, when it is of
        somebody else or of something else.
        """
        if not _ID.fullmatch(record_id):  # a client may send anything, and not every text is a key
            raise BadParameter(_NO_RECORD)
        try:
            self._count(record_id, principal.sub, taken, handed)
        except self._db.exceptions.ConditionalCheckFailedException as error:
            found = clients.item_before(error)
            if found is None:
                raise BadParameter(_NO_RECORD) from error
            if (found["sub"], *(found[name] for name in _SAME)) != (principal.sub, *_values(taken)):
                self.begin(principal, taken, REFUSED)
                raise Forbidden(_ANOTHERS) from error
            if found.get("lastPage") == _page(handed.token):
                self._lead_on(record_id, handed)

    def _count(self, record_id: str, sub: str, taken: AuditedItem, handed: DeliveredPage) -> None:
        self._db.update_item(
            TableName=self._table,
            Key={"pk": record_id[:10], "sk": record_id},
            UpdateExpression="ADD #rows :rows, #bytes :bytes SET #state = :state, lastPage = :page, nextPage = :next",
            ConditionExpression=f"nextPage = :page AND #sub = :sub AND {_IS_SAME}",
            ExpressionAttributeNames={f"#{name}": name for name in ("rows", "bytes", "state", "sub", *_SAME)},
            ExpressionAttributeValues={
                ":rows": handed.rows,
                ":bytes": handed.bytes,
                ":state": STARTED if handed.next_token else COMPLETED,
                ":page": _page(handed.token),
                ":next": _next(handed),
                ":sub": sub,
            }
            | {f":{name}": value for name, value in zip(_SAME, _values(taken), strict=True)},
            ReturnValuesOnConditionCheckFailure="ALL_OLD",
        )

    def _lead_on(self, record_id: str, handed: DeliveredPage) -> None:
        """A page that comes a second time may name the next by another token."""
        try:
            self._db.update_item(
                TableName=self._table,
                Key={"pk": record_id[:10], "sk": record_id},
                UpdateExpression="SET nextPage = :next",
                ConditionExpression="lastPage = :page",
                ExpressionAttributeValues={":page": _page(handed.token), ":next": _next(handed)},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return  # the next one was counted meanwhile

    def finish(self, record_id: str, sub: str, rows: int, size: int, state: str) -> bool:
        """Notes what there was in all; doing it twice changes nothing. False when it is no record of this user's."""
        try:
            self._db.update_item(
                TableName=self._table,
                Key={"pk": record_id[:10], "sk": record_id},
                UpdateExpression="SET #rows = :rows, #bytes = :bytes, #state = :state",
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


def _values(taken: AuditedItem) -> list[str]:
    return [getattr(taken, name) for name in _SAME]


def _page(token: str | None) -> str:
    """What a record keeps of the token that asks for a page, which is itself long and nobody's business."""
    return hashlib.sha256((token or "").encode(errors="replace")).hexdigest()[:16]


def _next(handed: DeliveredPage) -> str:
    return _page(handed.next_token) if handed.next_token else "none"


def _time(milliseconds: int) -> str:
    at = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.UTC)
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
