"""Requests a second, as AWS counts them per operation. Used by `service` before anything else is looked at.

Source: the quotas page of Amazon Redshift; GetStatementResultV2 and ListSessions are not listed there, so not limited.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from infra.local.endpoint.awsjson import ServiceError

RATES = {
    "ExecuteStatement": 30,
    "BatchExecuteStatement": 20,
    "DescribeStatement": 100,
    "GetStatementResult": 20,
    "CancelStatement": 3,
    "ListStatements": 3,
    "ListTables": 3,
    "ListSchemas": 3,
    "ListDatabases": 3,
    "DescribeTable": 3,
}


@dataclass
class _Bucket:
    tokens: float
    filled_at: float


class Throttle:
    """One token bucket an operation, holding one second's worth of requests."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._buckets = {name: _Bucket(rate, clock()) for name, rate in RATES.items()}

    def take(self, operation: str) -> None:
        """Count one request. Raises ThrottlingException (HTTP 400) when the second's worth is spent."""
        rate = RATES.get(operation)
        if rate is None:
            return
        with self._lock:
            bucket = self._buckets[operation]
            now = self._clock()
            bucket.tokens = min(rate, bucket.tokens + (now - bucket.filled_at) * rate)
            bucket.filled_at = now
            if bucket.tokens < 1:
                raise ServiceError("ThrottlingException", "Rate exceeded")
            bucket.tokens -= 1
