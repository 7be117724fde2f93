"""Asynchronous invocations: tried again after an error, then handed to a queue. Used by `functions`.

Source: AWS Lambda developer guide, "Error handling and automatic retries", "Capturing records of Lambda asynchronous
invocations".
"""

import json
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from infra.local.cloudformation.stack_resources import Function
from infra.local.lambda_.errors import FunctionError

# Lambda runs a thousand at once. With a short scheduled minute, many of these sleep most of the time.
WORKERS = 256

Invoke = Callable[[str, Any], Any]
Deliver = Callable[[str, dict[str, Any]], None]


class Asynchronous:
    """Invokes functions for callers that do not wait. `failed` takes a queue's name and the record of a failure.

    `delays` are the seconds between the tries; Lambda's are 1 and 2 minutes.
    """

    def __init__(
        self, invoke: Invoke, failed: Deliver, delays: Sequence[float], log: Callable[[str], None], arn_prefix: str
    ) -> None:
        self._invoke = invoke
        self._failed = failed
        self._delays = delays
        self._log = log
        self._arn_prefix = arn_prefix
        self._closing = threading.Event()
        self._workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="lambda-async")

    def submit(self, function: Function, event: Any) -> None:
        """Returns at once; while everything ends, it does nothing."""
        if not self._closing.is_set():
            self._workers.submit(self._keep_trying, function, json.loads(json.dumps(event)))

    def begin_to_close(self) -> None:
        """Takes nothing new and tries nothing again."""
        self._closing.set()

    def close(self) -> None:
        """Returns when every invocation has ended."""
        self.begin_to_close()
        self._workers.shutdown(wait=True, cancel_futures=True)

    def _keep_trying(self, function: Function, event: Any) -> None:
        attempts = 0
        while True:
            try:
                attempts += 1
                self._invoke(function.name, event)
                return
            except FunctionError as error:
                if attempts > function.retries:
                    self._give_up(function, event, attempts, error)
                    return
            if self._closing.wait(self._delays[min(attempts, len(self._delays)) - 1]):
                return

    def _give_up(self, function: Function, event: Any, attempts: int, error: FunctionError) -> None:
        if self._closing.is_set():
            return  # the end of everything is no failure of the function
        self._log(f"[{function.name}] given up after {attempts} attempts: {error.message}")
        if function.failures_to is None:
            return
        context = {
            "functionArn": f"{self._arn_prefix}{function.name}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": attempts,
        }
        answer = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
        record = {"version": "1.0", "requestContext": context, "requestPayload": event}
        self._failed(function.failures_to, record | {"responseContext": answer, "responsePayload": error.payload})
