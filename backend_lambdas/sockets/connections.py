"""The table `client_connections`: who is connected, which runs there are, and who waits for which run.

Items are keyed so that every query of the event path is one strongly consistent read (an index lags, and a lagging
index loses notifications):

    pk                        sk                        one for each
    connection#<id>           connection                open socket: its user
    connection#<id>           subscriber#<attempt>#<runId>  wait of that socket: where to find the subscriber
    attempt#<attempt>         subscriber#<id>#<runId>       subscriber: connectionId, statementId, topicName, runId
    sockets#<sub>             slot#<number>             open socket of a user: how many he has (`socket_slots`)
    requester#<sub>               run#<runId>               run a user asked for: its query, for after a reconnect
    run#<key>                 run                       query (report version and bound values): its latest attempt
    statement#<id>            statement                 finished statement: who may read its rows
    attempt#<attempt>         export                    finished export: its files, and who may have them
    attempt#<attempt>         exporter#<sub>#<runId>    user who exports it: where this is on record, whether he waits
    exporter#<sub>            run#<runId>               export a user asked for
    slots#<department>        slots                     department: the attempts under way, once more for each user
    ended#<day>               <asked at>#<attempt>      attempt that ended: what operators see of it (`history`)
    table#<name>              table                     table that has changed: when (`table_changes`)
    watch#<table>             <id>#<watch id>           message whose panels watch reports on this table (`watches`)
    connection#<id>           watch#<watch id>          the same of that socket: of which runs, under which tables
    viewer#<sub>              view#<id>                 private view, or favourite, that a user keeps (`view_table`)
    views#<department>        view#<id>                 view that is shared in a department

The one index, `waiting`, lists subscribers, and who waits for an export though his tab may be closed, by age; and open
sockets, under keys of their own. It is for `reconcile` and `announce_reports`, which can bear its lag. Used by
`run_service` and the handlers.
Readers compare `expiresAt` themselves: DynamoDB's TTL deletes days late.
"""

import heapq
import zlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import BotoCoreError, ClientError
from msgspec import Struct
from msgspec.structs import replace

from backend_lambdas import clock
from backend_lambdas.access.principal import Principal
from backend_lambdas.aws.tables import WriteRefused, read_all, write_all, write_together
from backend_lambdas.sockets.socket_slots import SOCKET_SECONDS, SocketSlots
from backend_lambdas.tables import watches

WAITING = "waiting"
"""The index, and the attribute that only its items have: one of several keys, so that none takes all writes."""

WAITING_KEYS = tuple(str(number) for number in range(8))
"""Those of who waits."""

OPEN_KEYS = tuple(f"open-{number}" for number in range(8))
"""Those of open sockets."""

RUN_SECONDS = 24 * 3600
"""The Data API keeps results this long."""


class Subscriber(Struct, frozen=True):
    """One panel of one socket that waits for one attempt. `asked_at` is epoch milliseconds; `sub` is its user.

    `batches` says whether its client takes several messages in one.
    """

    attempt: str
    connection_id: str
    run_id: str
    topic_name: str
    asked_at: int
    sub: str
    statement_id: str | None = None
    batches: bool = False

    def with_statement(self, statement_id: str | None) -> "Subscriber":
        """The same subscriber, knowing its statement."""
        return replace(self, statement_id=statement_id)

    def of(self, attempt: str) -> "Subscriber":
        """The same panel, waiting for another attempt."""
        return replace(self, attempt=attempt, statement_id=None)


class Connections:
    """Connections and subscribers in the table; shares its DynamoDB client between threads."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name
        self._slots = SocketSlots(dynamodb, table_name)

    def open_within(self, connection_id: str, principal: Principal, most: int) -> bool:
        """Records an open socket and its user; False when that user has `most` open."""
        slot = self._slots.take(principal.sub, connection_id, most)
        if slot is None:
            return False
        try:
            self.add(connection_id, principal, slot)
        except (ClientError, BotoCoreError):
            self._slots.give_back(principal.sub, connection_id, slot)
            raise
        return True

    def add(self, connection_id: str, principal: Principal, slot: int = 0) -> None:
        """Records an open socket, its user, and where it counts among that user's, if it does."""
        item = connection_key(connection_id) | {
            "slot": slot,
            "askedAt": clock.now(),
            WAITING: _one_of(OPEN_KEYS, connection_id),
            "connectionId": connection_id,
            "sub": principal.sub,
            "email": principal.email,
            "username": principal.username,
            "groups": sorted(principal.groups),
            "claims": dict(principal.claims),
            "tokenExpiresAt": principal.token_expires_at,
            "expiresAt": clock.seconds() + SOCKET_SECONDS,
        }
        self._db.put_item(TableName=self._table, Item=item)

    def principal(self, connection_id: str) -> Principal | None:
        """The user of a socket, or None when the socket is unknown."""
        item = self._db.get_item(TableName=self._table, Key=connection_key(connection_id), ConsistentRead=True).get(
            "Item"
        )
        return None if item is None else _principal(item)

    def open(self) -> Iterator[tuple[str, Principal]]:
        """Every open socket whose user's sign-in holds.

        The index tells which there are, so one that opened this moment may be missing; its page asks what there is
        itself. The sockets are then read as they are now.
        """
        now = clock.seconds()
        listed = [{"pk": item["pk"], "sk": item["sk"]} for key in OPEN_KEYS for item in self._indexed(key)]
        found = read_all(self._db, self._table, listed)
        return (
            (item["connectionId"], _principal(item))
            for item in found
            if item["expiresAt"] > now and item["tokenExpiresAt"] > now
        )

    def principals(self, connection_ids: Collection[str]) -> dict[str, Principal]:
        """The users of those of the sockets that are open, by socket, whose sign-in holds."""
        now = clock.seconds()
        items = read_all(self._db, self._table, [connection_key(one) for one in dict.fromkeys(connection_ids)])
        return {item["connectionId"]: _principal(item) for item in items if item["tokenExpiresAt"] > now}

    def add_subscribers(self, subscribers: Iterable[Subscriber]) -> None:
        """Writes several as `add_subscriber` does."""
        items = (item for subscriber in subscribers for item in _subscriber_items(subscriber))
        self._write([{"PutRequest": {"Item": item}} for item in items])

    def add_subscriber(self, subscriber: Subscriber) -> None:
        """Writes the subscriber, and on its connection where to find it."""
        self._write([{"PutRequest": {"Item": item}} for item in _subscriber_items(subscriber)])

    def subscribe(self, subscriber: Subscriber, beside: Mapping[str, Any]) -> None:
        """The same in one transaction with another write; raises `WriteRefused` when that is refused."""
        write_together(self._db, [beside, *self.subscriber_writes(subscriber)])

    def subscriber_writes(self, subscriber: Subscriber) -> list[dict[str, Any]]:
        """The same as writes of a transaction."""
        return [{"Put": {"TableName": self._table, "Item": item}} for item in _subscriber_items(subscriber)]

    def set_statement(self, subscriber: Subscriber, statement_id: str) -> bool:
        """Notes the statement on a subscriber. False when it has been told, or has gone, and was removed meanwhile."""
        try:
            write_together(self._db, [self.statement_write(subscriber, statement_id)])
        except WriteRefused:
            return False
        return True

    def statement_write(self, subscriber: Subscriber, statement_id: str) -> dict[str, Any]:
        """The same as a write of a transaction, which is refused where that gives False."""
        update = {
            "TableName": self._table,
            "Key": _subscriber_key(subscriber),
            "UpdateExpression": "SET statementId = :id",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": {":id": statement_id},
        }
        return {"Update": update}

    def remove_subscriber(self, subscriber: Subscriber) -> None:
        """Forgets a subscriber that was told; doing it twice changes nothing."""
        self.remove_subscribers([subscriber])

    def remove_subscribers(self, subscribers: Iterable[Subscriber]) -> None:
        """Forgets several, as many in a request as it holds."""
        keys = (key for one in subscribers for key in (_subscriber_key(one), _pointer_key(one)))
        self._write([{"DeleteRequest": {"Key": key}} for key in keys])

    def subscribers(self, attempt: str) -> list[Subscriber]:
        """Everyone who waits for an attempt at this moment."""
        return [_subscriber(item) for item in self._query(f"attempt#{attempt}", "subscriber#")]

    def subscriptions_of(self, connection_id: str) -> list[Subscriber]:
        """What one socket waits for; when it asked and the statement are not known here."""
        found = self._query(connection_key(connection_id)["pk"], "subscriber#")
        return [_subscription(connection_id, item) for item in found]

    def waiting(self) -> Iterator[tuple[str, int]]:
        """The attempt of everyone who waits, whatever for, and when they asked; the oldest first, a moment late.

        Who exports is one, whether he waits on a socket as well or has left.
        """
        seen = set[tuple[str, str]]()
        by_key = [self._indexed(key) for key in WAITING_KEYS]
        for item in heapq.merge(*by_key, key=lambda item: int(item["askedAt"])):
            waits = item["pk"], _run_id(item["sk"])
            if waits not in seen:
                seen.add(waits)
                yield item["pk"].removeprefix("attempt#"), int(item["askedAt"])

    def _indexed(self, key: str) -> Iterator[dict[str, Any]]:
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table, IndexName=WAITING, KeyConditionExpression=Key(WAITING).eq(key)
        )
        return (item for page in pages for item in page["Items"])

    def remove(self, connection_id: str) -> None:
        """Forgets a socket, its waits and its watches, and nobody else's."""
        keys = [connection_key(connection_id)]
        for item in self._query(keys[0]["pk"], ""):
            if item["sk"] == "connection":
                self._slots.give_back(item["sub"], connection_id, int(item.get("slot", 0)))
            elif item["sk"].startswith(watches.PREFIX):
                keys += watches.keys_of(item)
            else:
                wait = _subscription(connection_id, item)
                keys += [_subscriber_key(wait), _pointer_key(wait)]
        self._write([{"DeleteRequest": {"Key": key}} for key in keys])

    def _query(self, pk: str, sk_prefix: str) -> Iterator[dict[str, Any]]:
        condition = Key("pk").eq(pk) & Key("sk").begins_with(sk_prefix) if sk_prefix else Key("pk").eq(pk)
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table, KeyConditionExpression=condition, ConsistentRead=True
        )
        return (item for page in pages for item in page["Items"])

    def _write(self, requests: list[dict[str, Any]]) -> None:
        write_all(self._db, self._table, requests)


def waiting_key(attempt: str) -> str:
    """The key of the index under which those stand who wait for an attempt."""
    return _one_of(WAITING_KEYS, attempt)


def _one_of(keys: Sequence[str], name: str) -> str:
    """The same key for the same name, and all keys for many."""
    return keys[zlib.crc32(name.encode()) % len(keys)]


def _principal(item: dict[str, Any]) -> Principal:
    groups = frozenset(item["groups"])
    return Principal(item["sub"], item["email"], groups, int(item["tokenExpiresAt"]), item["claims"], item["username"])


def connection_key(connection_id: str) -> dict[str, str]:
    """Where an open socket stands in the table."""
    return {"pk": f"connection#{connection_id}", "sk": "connection"}


def _subscription(connection_id: str, item: dict[str, Any]) -> Subscriber:
    return Subscriber(item["attempt"], connection_id, item["runId"], item["topicName"], 0, item["sub"])


def _pointer_key(subscriber: Subscriber) -> dict[str, str]:
    return {
        "pk": f"connection#{subscriber.connection_id}",
        "sk": f"subscriber#{subscriber.attempt}#{subscriber.run_id}",
    }


def _subscriber_key(subscriber: Subscriber) -> dict[str, str]:
    return {"pk": f"attempt#{subscriber.attempt}", "sk": f"subscriber#{subscriber.connection_id}#{subscriber.run_id}"}


def _run_id(sk: str) -> str:
    """Of a subscriber's key, or an exporter's: behind the connection, or the user."""
    return sk.split("#", 2)[2]


def _subscriber_items(subscriber: Subscriber) -> list[dict[str, Any]]:
    values = _subscriber_values(subscriber) | {"expiresAt": clock.seconds() + RUN_SECONDS}
    own = {name: values[name] for name in ("attempt", "runId", "topicName", "sub", "expiresAt")}
    waiting = {WAITING: waiting_key(subscriber.attempt)}
    return [_pointer_key(subscriber) | own, _subscriber_key(subscriber) | values | waiting]


def _subscriber_values(subscriber: Subscriber) -> dict[str, Any]:
    values = {
        "attempt": subscriber.attempt,
        "connectionId": subscriber.connection_id,
        "runId": subscriber.run_id,
        "topicName": subscriber.topic_name,
        "askedAt": subscriber.asked_at,
        "sub": subscriber.sub,
    }
    values |= {"statementId": subscriber.statement_id} if subscriber.statement_id else {}
    return values | ({"batches": True} if subscriber.batches else {})


def _subscriber(item: dict[str, Any]) -> Subscriber:
    return Subscriber(
        item["attempt"],
        item["connectionId"],
        item["runId"],
        item["topicName"],
        int(item["askedAt"]),
        item["sub"],
        item.get("statementId"),
        item.get("batches", False),
    )
