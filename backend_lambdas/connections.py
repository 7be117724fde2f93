"""The table `client_connections`: who is connected, which runs there are, and who waits for which run.

Five kinds of item, keyed so that every question of the event path is one strongly consistent read (an index lags, and
a lagging index loses notifications):

    pk                        sk                        one for each
    connection#<id>           connection                open socket: its user
    connection#<id>           waiter#<attempt>#<runId>  wait of that socket: where to find the waiter
    attempt#<attempt>         waiter#<id>#<runId>       waiter: connectionId, statementId, topicName, runId
    run#<key>                 run                       question (report version and bound values): its latest attempt
    statement#<id>            statement                 finished statement: who may read its rows

Used by `runs` and the handlers. Readers compare `expiresAt` themselves: DynamoDB's TTL deletes days late.
"""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from backend_lambdas.identity import Principal

CONNECTION_SECONDS = 2 * 3600 + 600
"""API Gateway ends a connection after two hours."""

RUN_SECONDS = 24 * 3600
"""The Data API keeps results this long."""


@dataclass(frozen=True)
class Waiter:
    """One panel of one socket that waits for one attempt. `asked_at` is epoch milliseconds."""

    attempt: str
    connection_id: str
    run_id: str
    topic_name: str
    asked_at: int
    statement_id: str | None = None

    def with_statement(self, statement_id: str | None) -> "Waiter":
        """The same waiter, knowing its statement."""
        return replace(self, statement_id=statement_id)


class Connections:
    """Connections and waiters in the table; shares its DynamoDB client between threads."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def add(self, connection_id: str, principal: Principal) -> None:
        """Records an open socket and its user."""
        item = _connection_key(connection_id) | {
            "connectionId": connection_id,
            "sub": principal.sub,
            "email": principal.email,
            "groups": sorted(principal.groups),
            "claims": dict(principal.claims),
            "tokenExpiresAt": principal.token_expires_at,
            "expiresAt": int(time.time()) + CONNECTION_SECONDS,
        }
        self._db.put_item(TableName=self._table, Item=item)

    def principal(self, connection_id: str) -> Principal | None:
        """The user of a socket, or None when the socket is unknown."""
        item = self._db.get_item(TableName=self._table, Key=_connection_key(connection_id), ConsistentRead=True).get(
            "Item"
        )
        return None if item is None else _principal(item)

    def open(self) -> Iterator[tuple[str, Principal]]:
        """Every open socket whose user's sign-in holds. It scans the table: for what is rare, not for runs."""
        pages = self._db.get_paginator("scan").paginate(
            TableName=self._table,
            FilterExpression="sk = :connection AND expiresAt > :now AND tokenExpiresAt > :now",
            ExpressionAttributeValues={":connection": "connection", ":now": int(time.time())},
            ConsistentRead=True,
        )
        return ((item["connectionId"], _principal(item)) for page in pages for item in page["Items"])

    def add_waiter(self, waiter: Waiter) -> None:
        """Writes the waiter and, on its connection, where to find it."""
        values = _waiter_values(waiter) | {"expiresAt": int(time.time()) + RUN_SECONDS}
        own = {name: values[name] for name in ("attempt", "runId", "topicName", "expiresAt")}
        items = [_pointer_key(waiter) | own, _waiter_key(waiter) | values]
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def set_statement(self, waiter: Waiter, statement_id: str) -> bool:
        """Notes the statement on a waiter. False when it has been told, or has gone, and was removed meanwhile."""
        try:
            self._db.update_item(
                TableName=self._table,
                Key=_waiter_key(waiter),
                UpdateExpression="SET statementId = :id",
                ConditionExpression="attribute_exists(pk)",
                ExpressionAttributeValues={":id": statement_id},
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def remove_waiter(self, waiter: Waiter) -> None:
        """Forgets a waiter that was told; doing it twice changes nothing."""
        self._write([{"DeleteRequest": {"Key": key}} for key in (_waiter_key(waiter), _pointer_key(waiter))])

    def waiters(self, attempt: str) -> list[Waiter]:
        """Everyone who waits for an attempt at this moment."""
        return [_waiter(item) for item in self._query(f"attempt#{attempt}", "waiter#")]

    def waits_of(self, connection_id: str) -> list[Waiter]:
        """What one socket waits for; when it asked and the statement are not known here."""
        found = self._query(_connection_key(connection_id)["pk"], "waiter#")
        return [Waiter(item["attempt"], connection_id, item["runId"], item["topicName"], 0) for item in found]

    def remove(self, connection_id: str) -> None:
        """Forgets a socket and its waits, and nobody else's."""
        keys = [_connection_key(connection_id)]
        for wait in self.waits_of(connection_id):
            keys += [_waiter_key(wait), _pointer_key(wait)]
        self._write([{"DeleteRequest": {"Key": key}} for key in keys])

    def _query(self, pk: str, sk_prefix: str) -> Iterator[dict[str, Any]]:
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table,
            KeyConditionExpression="pk = :pk AND begins_with(sk, :prefix)",
            ExpressionAttributeValues={":pk": pk, ":prefix": sk_prefix},
            ConsistentRead=True,
        )
        return (item for page in pages for item in page["Items"])

    def _write(self, requests: list[dict[str, Any]]) -> None:
        """BatchWriteItem, 25 at a time, until DynamoDB has taken every one."""
        for start in range(0, len(requests), 25):
            pending: Iterable[dict[str, Any]] = requests[start : start + 25]
            while pending:
                answer = self._db.batch_write_item(RequestItems={self._table: list(pending)})
                pending = answer.get("UnprocessedItems", {}).get(self._table, ())


def _principal(item: dict[str, Any]) -> Principal:
    groups = frozenset(item["groups"])
    return Principal(item["sub"], item["email"], groups, int(item["tokenExpiresAt"]), item["claims"])


def _connection_key(connection_id: str) -> dict[str, str]:
    return {"pk": f"connection#{connection_id}", "sk": "connection"}


def _pointer_key(waiter: Waiter) -> dict[str, str]:
    return {"pk": f"connection#{waiter.connection_id}", "sk": f"waiter#{waiter.attempt}#{waiter.run_id}"}


def _waiter_key(waiter: Waiter) -> dict[str, str]:
    return {"pk": f"attempt#{waiter.attempt}", "sk": f"waiter#{waiter.connection_id}#{waiter.run_id}"}


def _waiter_values(waiter: Waiter) -> dict[str, Any]:
    values = {
        "attempt": waiter.attempt,
        "connectionId": waiter.connection_id,
        "runId": waiter.run_id,
        "topicName": waiter.topic_name,
        "askedAt": waiter.asked_at,
    }
    return values | ({"statementId": waiter.statement_id} if waiter.statement_id else {})


def _waiter(item: dict[str, Any]) -> Waiter:
    return Waiter(
        item["attempt"],
        item["connectionId"],
        item["runId"],
        item["topicName"],
        int(item["askedAt"]),
        item.get("statementId"),
    )
