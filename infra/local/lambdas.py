"""Runs the template's functions as Lambda does. `websocket_api`, `rest_api` and `events` call it.

Each function has its own copy of the package, its own environment and its own caller identity, and every invocation a
thread, a context and the template's timeout. A function that is too slow is given up at once, as its caller would see
it; its thread, which Python cannot stop, goes on unheard.
Source: AWS Lambda developer guide, "Error handling and automatic retries", "Lambda context object in Python".
"""

import json
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from infra.local import environments
from infra.local.handlers import Handler, load_handler
from infra.local.wiring import Function

MAX_PAYLOAD = 6 * 1024 * 1024
ASYNC_WORKERS = 64

Deliver = Callable[[str, dict[str, Any]], None]


class FunctionError(Exception):
    """The function failed; `payload` is what its caller gets."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(f"{payload['errorType']}: {payload['errorMessage']}")
        self.payload = payload

    @property
    def message(self) -> str:
        """The exception's text."""
        return str(self.payload["errorMessage"])


class FunctionTimeout(FunctionError):
    """The function did not end within its timeout."""


class CallerGaveUp(FunctionTimeout):
    """The caller waited no longer, though the function might have gone on."""


@dataclass(frozen=True)
class Context:
    """What a handler gets as its second argument."""

    function_name: str
    invoked_function_arn: str
    memory_limit_in_mb: str
    deadline: float
    aws_request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    function_version: str = "$LATEST"
    log_stream_name: str = "local"

    @property
    def log_group_name(self) -> str:
        """Where its lines would go."""
        return f"/aws/lambda/{self.function_name}"

    def get_remaining_time_in_millis(self) -> int:
        """Time left until the timeout."""
        return max(0, int((self.deadline - time.monotonic()) * 1000))


@dataclass
class _Invocation:
    """One call in its thread."""

    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    failure: dict[str, Any] | None = None


class Lambdas:
    """The functions of one stack.

    `variables` gives the environment of a function; `failed` takes what asynchronous invocations could not deliver;
    `retry_delays` are Lambda's 1 and 2 minutes, scaled down.
    """

    def __init__(
        self,
        functions: Mapping[str, Function],
        *,
        variables: Callable[[Function], dict[str, str]],
        failed: Deliver,
        load: Callable[[str], Handler] = load_handler,
        retry_delays: Sequence[float] = (1.0, 2.0),
        log: Callable[[str], None] = print,
        account: str = "000000000000",
        region: str = "us-east-1",
    ) -> None:
        environments.install()
        self._functions = functions
        self._environments = {name: variables(function) for name, function in functions.items()}
        self._load = load
        self._failed = failed
        self._delays = retry_delays
        self._log = log
        self._arn = f"arn:aws:lambda:{region}:{account}:function:"
        self._handlers: dict[str, Handler] = {}
        self._loading = {name: threading.Lock() for name in functions}
        self._closing = threading.Event()
        self._starting = threading.Lock()
        self._running: dict[threading.Thread, _Invocation] = {}
        self._later = ThreadPoolExecutor(ASYNC_WORKERS, thread_name_prefix="lambda-async")

    def invoke(self, name: str, event: Any, within: float | None = None) -> Any:
        """The function's result, or `FunctionError`. `within` is the caller's own limit, such as API Gateway's 29 s."""
        function = self._functions[name]
        timeout = min(function.timeout, within or function.timeout)
        invocation = _Invocation()
        context = Context(name, self._arn + name, str(function.memory), time.monotonic() + function.timeout)
        thread = threading.Thread(
            target=self._run,
            args=(function, json.dumps(event), context, invocation),
            name=f"lambda-{name}",
            daemon=True,
        )
        with self._starting:
            self._running[thread] = invocation
            thread.start()
        if not invocation.done.wait(timeout):
            gave_up = within is not None and within <= function.timeout
            raise self._timed_out(CallerGaveUp if gave_up else FunctionTimeout, context, timeout)
        if invocation.failure:
            raise FunctionError(invocation.failure)
        return invocation.result

    def invoke_later(self, name: str, event: Any) -> None:
        """An asynchronous invocation: tried again after an error, then handed to the function's failure queue."""
        if self._closing.is_set():
            return  # the statement that ends while everything ends
        self._later.submit(self._keep_trying, self._functions[name], json.loads(json.dumps(event)))

    def warm(self) -> None:
        """Imports every handler, so that nobody waits for the first call of each."""
        for function in self._functions.values():
            if not self._closing.is_set():
                with environments.environment(self._environments[function.name]):
                    self._handler(function)

    def close(self, patience: float = 5.0) -> None:
        """Lets what runs end, for a while; then its callers are told that it failed. Nothing new is taken."""
        self._closing.set()
        deadline = time.monotonic() + patience
        with self._starting:
            running = list(self._running.items())
        for thread, invocation in running:
            thread.join(max(0.0, deadline - time.monotonic()))
            if not invocation.done.is_set():
                invocation.failure = {"errorMessage": "The runtime is stopping", "errorType": "Runtime.ExitError"}
                invocation.done.set()
        self._later.shutdown(wait=True, cancel_futures=True)

    def _run(self, function: Function, event: str, context: Context, invocation: _Invocation) -> None:
        try:
            with environments.environment(self._environments[function.name]):
                result = self._handler(function)(json.loads(event), context)
            invocation.result = _payload(result)
        except BaseException as error:
            invocation.failure = self._failure(function, error)
        finally:
            self._running.pop(threading.current_thread(), None)
            invocation.done.set()

    def _handler(self, function: Function) -> Handler:
        """The function's handler, imported on its first call: a cold start."""
        with self._loading[function.name]:
            if function.name not in self._handlers:
                self._handlers[function.name] = self._load(function.handler)
            return self._handlers[function.name]

    def _failure(self, function: Function, error: BaseException) -> dict[str, Any]:
        lines = traceback.format_exception(error)
        self._log(f"[{function.name}] {''.join(lines).rstrip()}")
        return {"errorMessage": str(error), "errorType": type(error).__name__, "stackTrace": lines[1:-1]}

    def _timed_out(self, kind: type[FunctionTimeout], context: Context, timeout: float) -> FunctionTimeout:
        message = f"{context.aws_request_id} Task timed out after {timeout:.2f} seconds"
        self._log(f"[{context.function_name}] {message}")
        return kind({"errorMessage": message, "errorType": "Sandbox.Timedout"})

    def _keep_trying(self, function: Function, event: Any) -> None:
        attempts = 0
        while True:
            try:
                attempts += 1
                self.invoke(function.name, event)
                return
            except FunctionError as error:
                if attempts > function.retries:
                    self._give_up(function, event, attempts, error)
                    return
            if self._closing.wait(self._delays[min(attempts, len(self._delays)) - 1]):
                return

    def _give_up(self, function: Function, event: Any, attempts: int, error: FunctionError) -> None:
        """Source: Lambda developer guide, "Capturing records of Lambda asynchronous invocations"."""
        self._log(f"[{function.name}] given up after {attempts} attempts: {error.message}")
        if function.failures_to is None:
            return
        context = {
            "functionArn": f"{self._arn}{function.name}:$LATEST",
            "condition": "RetriesExhausted",
            "approximateInvokeCount": attempts,
        }
        answer = {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
        record = {"version": "1.0", "requestContext": context, "requestPayload": event}
        self._failed(function.failures_to, record | {"responseContext": answer, "responsePayload": error.payload})


def _payload(result: Any) -> Any:
    """The result as it comes out of Lambda: through JSON, and not above the limit."""
    text = json.dumps(result)
    if len(text) > MAX_PAYLOAD:
        raise ResponseSizeTooLarge(
            f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."
        )
    return json.loads(text)


class ResponseSizeTooLarge(Exception):
    """What a function returned does not fit into an answer of Lambda."""
