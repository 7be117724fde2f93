"""How many sockets a user may have open: as many as there are slots, each of which one socket holds. Used by
`on_connect`, and by `connections` when a socket goes.

A slot is taken by one conditional write, so that of sockets that open together exactly the first have one. A socket
guesses a slot before it reads which are free: while the user has many left, opening one reads nothing, however many
are open.
"""

import random
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from boto3.dynamodb.conditions import Attr, Key

from backend_lambdas import clock

SOCKET_SECONDS = 2 * 3600 + 600
"""How long a slot is held at most: API Gateway ends a connection after two hours."""

_GUESSES = 4


class SocketSlots:
    """The slots in the table; shares its DynamoDB client between threads."""

    def __init__(self, dynamodb: Any, table_name: str) -> None:
        self._db = dynamodb
        self._table = table_name

    def take(self, sub: str, connection_id: str, most: int) -> int | None:
        """The slot that a user's new socket holds from now on, below `most`; None when others hold all of them."""
        candidates = self._candidates(sub, connection_id, most)
        return next((slot for slot in candidates if self._take(sub, connection_id, slot)), None)

    def give_back(self, sub: str, connection_id: str, slot: int) -> None:
        """Frees the slot, unless another socket holds it meanwhile; doing it twice changes nothing."""
        with suppress(self._db.exceptions.ConditionalCheckFailedException):
            self._db.delete_item(
                TableName=self._table,
                Key=_slot_key(sub, slot),
                ConditionExpression=Attr("connectionId").eq(connection_id),
            )

    def _candidates(self, sub: str, connection_id: str, most: int) -> Iterator[int]:
        """Some slots by chance, then all that are free, in an order of the connection's own: few try the same one."""
        slots = random.Random(connection_id).sample(range(most), most)  # noqa: S311 (spreads load; guards nothing)
        yield from slots[:_GUESSES]
        taken = self._taken(sub)
        yield from (slot for slot in slots if _slot_key(sub, slot)["sk"] not in taken)

    def _take(self, sub: str, connection_id: str, slot: int) -> bool:
        now, own = clock.seconds(), Attr("connectionId").eq(connection_id)  # the SDK may have sent it before
        try:
            self._db.put_item(
                TableName=self._table,
                Item=_slot_key(sub, slot) | {"connectionId": connection_id, "expiresAt": now + SOCKET_SECONDS},
                ConditionExpression=Attr("pk").not_exists() | Attr("expiresAt").lte(now) | own,
            )
        except self._db.exceptions.ConditionalCheckFailedException:
            return False
        return True

    def _taken(self, sub: str) -> set[str]:
        condition = Key("pk").eq(_pk(sub)) & Key("sk").begins_with("slot#")
        pages = self._db.get_paginator("query").paginate(
            TableName=self._table, KeyConditionExpression=condition, ConsistentRead=True
        )
        now = clock.seconds()
        return {item["sk"] for page in pages for item in page["Items"] if item["expiresAt"] > now}


def _pk(sub: str) -> str:
    return f"sockets#{sub}"


def _slot_key(sub: str, slot: int) -> dict[str, str]:
    return {"pk": _pk(sub), "sk": f"slot#{slot:04d}"}
