"""DynamoDB's TransactWriteItems, at the cost of the items that it touches. Used by `items`.

moto copies whole tables before a transaction, to put them back when it is cancelled. Here only the items of the
transaction are kept and put back; its conditions, changes and refusals are moto's. A repeated ClientRequestToken, which
moto applies twice, changes nothing. Written for moto 5.2 (a test compares the version).
Source: Amazon DynamoDB, "TransactWriteItems".
"""

import copy
import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from moto.dynamodb import models
from moto.dynamodb.exceptions import DynamodbException
from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

TOKEN_SECONDS = 600
"""How long a ClientRequestToken is remembered."""

Key = tuple[DynamoType, DynamoType | None]

_done: dict[tuple[str, str, str], tuple[float, str]] = {}
"""When a token was used, and for which request, by account, Region and token."""


def write(handler: DynamoHandler, request: Mapping[str, Any]) -> Any:
    """All of a transaction's writes or, with moto's errors, none. The same token changes nothing again."""
    token = handler.current_account, handler.region, str(request.get("ClientRequestToken", ""))
    digest = hashlib.sha256(json.dumps(request["TransactItems"], sort_keys=True).encode()).hexdigest()
    _forget(time.monotonic() - TOKEN_SECONDS)
    if token[2] and token in _done:
        if _done[token][1] != digest:
            raise DynamodbException("IdempotentParameterMismatch", "The token was used with another request.")
        return {"ConsumedCapacity": [], "ItemCollectionMetrics": {}}
    answer = _write(handler, request)
    if token[2]:
        _done[token] = time.monotonic(), digest
    return answer


def _write(handler: DynamoHandler, request: Mapping[str, Any]) -> Any:
    before = [_kept(handler, *next(iter(one.items()))) for one in request["TransactItems"]]
    try:
        with tables_uncopied():
            return handler.transact_write_items().result
    except Exception:
        for table, key, item in before:
            _put_back(table, key, item)
        raise


def _kept(handler: DynamoHandler, kind: str, write: Mapping[str, Any]) -> tuple[Table, Key, Item | None]:
    table = handler.dynamodb_backend.get_table(write["TableName"])
    named = write["Item" if kind == "Put" else "Key"]
    range_key = DynamoType(named[table.range_key_attr]) if table.range_key_attr else None
    key = DynamoType(named[table.hash_key_attr]), range_key
    return table, key, copy.deepcopy(table.get_item(*key))


def _put_back(table: Table, key: Key, item: Item | None) -> None:
    if item is None:
        table.delete_item(*key)
    else:
        table.put_item(item.to_json()["Attributes"])


_uncopied: ContextVar[bool] = ContextVar("whether this thread is within a transaction", default=False)


@contextmanager
def tables_uncopied() -> Iterator[None]:
    """Within it, moto's copies of whole tables are the tables themselves, in this thread."""
    models.copy = _COPY  # type: ignore[assignment]  # the same whoever comes first: it stays
    token = _uncopied.set(True)
    try:
        yield
    finally:
        _uncopied.reset(token)


class _Copy:
    """In the place of the module `copy`, by which moto copies tables. Outside of transactions it is that module."""

    def __getattr__(self, name: str) -> Any:
        return getattr(copy, name)

    @staticmethod
    def deepcopy(value: Any) -> Any:
        """The value itself in a transaction, else a copy."""
        return value if _uncopied.get() else copy.deepcopy(value)


_COPY = _Copy()


def _forget(older_than: float) -> None:
    while _done and next(iter(_done.values()))[0] < older_than:
        del _done[next(iter(_done))]
