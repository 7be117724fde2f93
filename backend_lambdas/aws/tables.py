"""Batches of DynamoDB, to the end: what it leaves over is sent again, ever more slowly. Used wherever items are many.

Source: Amazon DynamoDB, "BatchWriteItem" and "BatchGetItem": what is unprocessed should be retried with exponential
backoff.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from botocore.exceptions import ClientError

from backend_lambdas.aws.retry import RetryPolicy

_RETRY = RetryPolicy(5, first_wait=0.05, longest_wait=1.0)
_WRITTEN_AT_ONCE, _READ_AT_ONCE = 25, 100


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
