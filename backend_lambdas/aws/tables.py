"""Requests to DynamoDB that a single call does not always bring to their end. Used wherever items are many.

What a batch leaves over, and what another writer stood in the way of, is sent again, ever more slowly.
Source: Amazon DynamoDB, "BatchWriteItem" and "BatchGetItem" (what is unprocessed should be retried with exponential
backoff), "TransactWriteItems" and "Transaction conflict handling": no SDK tries a conflict again.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from backend_lambdas.aws import clients
from backend_lambdas.aws.retry import RetryPolicy

_RETRY = RetryPolicy(5, first_wait=0.05, longest_wait=1.0)
_WRITTEN_AT_ONCE, _READ_AT_ONCE = 25, 100


_CONFLICT = "TransactionConflictException"
_REFUSED = "ConditionalCheckFailed"
_PASSING = frozenset({"None", "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"})
"""Why a transaction was cancelled, where to try again helps."""


class WriteRefused(Exception):
    """Conditions refused a transaction; `found` has what is there instead (None: nothing), by its write's position."""

    def __init__(self, found: Mapping[int, dict[str, Any] | None]) -> None:
        super().__init__(f"the writes {sorted(found)} were refused")
        self.found = found


def write_together(dynamodb: Any, writes: Sequence[Mapping[str, Any]]) -> None:
    """TransactWriteItems: all of the writes or none.

    Raises `WriteRefused` when a condition does not hold, and the last `ClientError` when others are in the way for too
    long. To know what is there instead, a write asks for ALL_OLD.
    """
    failure: ClientError | None = None
    for _ in _RETRY.tries():
        try:
            dynamodb.transact_write_items(TransactItems=list(writes))
            return
        except dynamodb.exceptions.TransactionCanceledException as error:
            reasons = error.response.get("CancellationReasons", [])
            refused = {at: reason for at, reason in enumerate(reasons) if reason.get("Code") == _REFUSED}
            if refused:
                found = {at: clients.plain(reason.get("Item")) for at, reason in refused.items()}
                raise WriteRefused(found) from error
            if not reasons or not {reason.get("Code", "None") for reason in reasons} <= _PASSING:
                raise
            failure = error
    raise failure or _left_over("TransactWriteItems")


def update(dynamodb: Any, **request: Any) -> dict[str, Any]:
    """UpdateItem of an item that transactions write as well; raises what the client raises."""
    failure: ClientError | None = None
    for _ in _RETRY.tries():
        try:
            answer: dict[str, Any] = dynamodb.update_item(**request)
            return answer
        except ClientError as error:
            if clients.error_code(error) != _CONFLICT:
                raise
            failure = error
    raise failure or _left_over("UpdateItem")


def write_all(dynamodb: Any, table_name: str, requests: Sequence[dict[str, Any]]) -> None:
    """BatchWriteItem, 25 at a time. Raises a throttling `ClientError` when some are left over for too long."""
    for start in range(0, len(requests), _WRITTEN_AT_ONCE):
        _write(dynamodb, table_name, requests[start : start + _WRITTEN_AT_ONCE])


def read_all(dynamodb: Any, table_name: str, keys: Sequence[dict[str, str]]) -> Iterator[dict[str, Any]]:
    """The items of these keys, read consistently; raises as `write_all` does."""
    for start in range(0, len(keys), _READ_AT_ONCE):
        yield from _read(dynamodb, table_name, keys[start : start + _READ_AT_ONCE])


def _write(dynamodb: Any, table_name: str, pending: Sequence[dict[str, Any]]) -> None:
    for _ in _RETRY.tries():
        answer = dynamodb.batch_write_item(RequestItems={table_name: list(pending)})
        pending = answer.get("UnprocessedItems", {}).get(table_name, ())
        if not pending:
            return
    raise _left_over("BatchWriteItem")


def _read(dynamodb: Any, table_name: str, keys: Sequence[dict[str, str]]) -> Iterator[dict[str, Any]]:
    request: dict[str, Any] = {table_name: {"Keys": list(keys), "ConsistentRead": True}}
    for _ in _RETRY.tries():
        answer = dynamodb.batch_get_item(RequestItems=request)
        yield from answer["Responses"][table_name]
        request = answer.get("UnprocessedKeys", {})
        if not request:
            return
    raise _left_over("BatchGetItem")


def _left_over(operation: str) -> ClientError:
    error = {"Code": "ProvisionedThroughputExceededException", "Message": "Some items were left over again and again."}
    return ClientError({"Error": error}, operation)
