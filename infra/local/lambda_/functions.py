"""Runs the template's functions as Lambda does. Both gateways, the event bus and the schedules call it.

Each function has its own copy of the package, its own environment and its own caller identity, and every invocation a
thread, a sandbox, a context and the template's timeout. A function that is too slow is given up and its sandbox killed;
then, as on AWS, nothing is left of what the function kept in memory: the next call imports it again.

Not as on AWS: invocations of one function at the same time share its modules, where Lambda gives each an environment of
its own. So a module of the functions keeps only what all may share; a test lists what that is.
Source: AWS Lambda developer guide, "Lambda runtime environment lifecycle", "Lambda context object in Python".
"""

import json
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from infra.local.cloudformation.stack_resources import Function
from infra.local.hooks import Hooks
from infra.local.lambda_ import environments, sandboxes, service_models, stand_ins
from infra.local.lambda_ import logs as function_logs
from infra.local.lambda_.asynchronous import Asynchronous, Deliver
from infra.local.lambda_.errors import CallerGaveUp, FunctionError, FunctionTimeout, ResponseSizeTooLarge
from infra.local.lambda_.handlers import Handler, load_handler
from infra.local.lambda_.logs import FunctionLogs
from infra.local.lambda_.sandboxes import Killed, Sandbox

MAX_PAYLOAD = 6 * 1024 * 1024


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

    sandbox: Sandbox
    done: threading.Event = field(default_factory=threading.Event)
    result: Any = None
    failure: dict[str, Any] | None = None


class Lambdas:
    """The functions of one stack.

    `variables` gives the environment of a function; `failed` takes what asynchronous invocations could not deliver;
    `retry_delays` are Lambda's 1 and 2 minutes, scaled down. `log` takes what is for people, `lines` every line.
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
        lines: Callable[[str], None] = lambda _: None,
        hooks: Hooks | None = None,
        account: str = "000000000000",
        region: str = "us-east-1",
    ) -> None:
        service_models.install()
        stand_ins.install()
        self._functions = functions
        self._environments = {name: variables(function) for name, function in functions.items()}
        self._load = load
        self._log = log
        self._hooks = hooks or Hooks()
        self._arn = f"arn:aws:lambda:{region}:{account}:function:"
        self._handlers: dict[str, Handler] = {}
        self._loading = {name: threading.Lock() for name in functions}
        self._closing = False
        self._starting = threading.Lock()
        self._running: dict[threading.Thread, _Invocation] = {}
        self._later = Asynchronous(self.invoke, failed, retry_delays, log, self._arn)
        packages = {function.handler.partition(".")[0] for function in functions.values()}
        self._logs = FunctionLogs(packages, lines, log)

    def invoke(self, name: str, event: Any, within: float | None = None) -> Any:
        """The function's result, or `FunctionError`. `within` is the caller's own limit, such as API Gateway's 29 s."""
        function = self._functions[name]
        timeout = min(function.timeout, within or function.timeout)
        context = Context(name, self._arn + name, str(function.memory), time.monotonic() + function.timeout)
        invocation = self._started(function, json.dumps(event), context)
        if not invocation.done.wait(timeout):
            raise self._timed_out(function, context, invocation, within)
        if invocation.failure:
            raise FunctionError(invocation.failure)
        return invocation.result

    def invoke_later(self, name: str, event: Any) -> None:
        """An asynchronous invocation: tried again after an error, then handed to the function's failure queue."""
        self._later.submit(self._functions[name], event)

    def warm(self) -> None:
        """Imports every handler, so that nobody waits for the first call of each."""
        for function in self._functions.values():
            if not self._closing:
                with environments.environment(self._environments[function.name]):
                    self._handler(function)

    def close(self, patience: float = 5.0) -> None:
        """Lets what runs end, for a while; then its sandbox is killed and its caller told that it failed.

        Who would sleep for longer is not waited for. Nothing new is taken.
        """
        deadline = time.monotonic() + patience
        self._later.begin_to_close()
        with self._starting:
            self._closing = True
            running = list(self._running.items())
        for _, invocation in running:
            invocation.sandbox.end_at(deadline)
        for thread, invocation in running:
            thread.join(max(0.0, deadline - time.monotonic()))
            if not invocation.done.is_set():
                invocation.failure = _STOPPING
                invocation.done.set()
        self._later.close()
        self._logs.close()
        if not self._running:
            stand_ins.remove()

    def _started(self, function: Function, event: str, context: Context) -> _Invocation:
        invocation = _Invocation(Sandbox(lambda call: not self._hooks.goes_on(function.name, call)))
        thread = threading.Thread(
            target=self._run,
            args=(function, event, context, invocation),
            name=f"lambda-{function.name}",
            daemon=True,
        )
        with self._starting:
            if self._closing:
                raise FunctionError(_STOPPING)
            self._running[thread] = invocation
            thread.start()
        return invocation

    def _run(self, function: Function, event: str, context: Context, invocation: _Invocation) -> None:
        try:
            with (
                environments.environment(self._environments[function.name]),
                function_logs.within(function.name, context.aws_request_id),
                sandboxes.entered(invocation.sandbox),
            ):
                result = self._handler(function)(json.loads(event), context)
            invocation.result = _payload(result)
        except Killed:
            invocation.failure = self._killed(function, context, invocation)
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

    def _killed(self, function: Function, context: Context, invocation: _Invocation) -> dict[str, Any]:
        """Source: the log of a function whose process was killed."""
        message = f"RequestId: {context.aws_request_id} Error: Runtime exited with error: signal: killed"
        self._handlers.pop(function.name, None)
        if not (self._closing or invocation.done.is_set()):
            self._log(f"[{function.name}] {message}")
        return {"errorMessage": message, "errorType": "Runtime.ExitError"}

    def _timed_out(
        self, function: Function, context: Context, invocation: _Invocation, within: float | None
    ) -> FunctionTimeout:
        """The caller's limit comes first, and the function goes on until its own; or that comes, and is its end."""
        gave_up = within is not None and within <= function.timeout
        timeout = within if within is not None and gave_up else function.timeout
        message = f"{context.aws_request_id} Task timed out after {timeout:.2f} seconds"
        self._log(f"[{function.name}] {message}")
        payload = {"errorMessage": message, "errorType": "Sandbox.Timedout"}
        if gave_up:
            invocation.sandbox.end_at(context.deadline)
            return CallerGaveUp(payload)
        invocation.done.set()
        invocation.sandbox.kill()
        return FunctionTimeout(payload)


_STOPPING = {"errorMessage": "The runtime is stopping", "errorType": "Runtime.ExitError"}


def _payload(result: Any) -> Any:
    """The result as it comes out of Lambda: through JSON, and not above the limit."""
    text = json.dumps(result)
    if len(text) > MAX_PAYLOAD:
        raise ResponseSizeTooLarge(
            f"Response payload size exceeded maximum allowed payload size ({MAX_PAYLOAD} bytes)."
        )
    return json.loads(text)
