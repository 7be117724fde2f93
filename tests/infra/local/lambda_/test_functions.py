"""Functions run as on Lambda: contexts, timeouts, errors, environments, retries."""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from infra.local.cloudformation.stack_resources import Function
from infra.local.lambda_.errors import CallerGaveUp, FunctionError, FunctionTimeout
from infra.local.lambda_.functions import Lambdas
from infra.local.lambda_.handlers import load_handler
from infra.local.lambda_.sandboxes import Killed
from tests.infra.local.endpoints import function

Handler = Callable[[Any, Any], Any]


class Bench:
    """Some functions, and what they log and give up."""

    def __init__(self, handlers: dict[str, Handler], functions: list[Function]) -> None:
        self.logged: list[str] = []
        self.failed: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self.lambdas = Lambdas(
            {one.name: one for one in functions},
            variables=lambda one: dict(one.environment),
            failed=lambda name, record: self.failed.put((name, record)),
            load=lambda path: handlers[path],
            retry_delays=(0.01, 0.02),
            log=self.logged.append,
        )


@pytest.fixture
def bench() -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []

    def make(handler: Handler, **changes: Any) -> Bench:
        made.append(Bench({"F": handler}, [function("F", **changes)]))
        return made[-1]

    yield make
    for one in made:
        one.lambdas.close(patience=1)


def test_event_and_result_travel_as_json(bench: Callable[..., Bench]) -> None:
    received: list[Any] = []
    lambdas = bench(lambda event, context: received.append(event) or {"pair": (1, 2)}).lambdas
    assert lambdas.invoke("F", {"pair": (1, 2)}) == {"pair": [1, 2]}
    assert received == [{"pair": [1, 2]}]


def test_a_context_tells_function_request_and_time_left(bench: Callable[..., Bench]) -> None:
    def describe(event: Any, context: Any) -> Any:
        left = context.get_remaining_time_in_millis()
        return [context.function_name, context.memory_limit_in_mb, context.invoked_function_arn, left]

    lambdas = bench(describe, timeout=3.0, memory=256).lambdas
    name, memory, arn, left = lambdas.invoke("F", {})
    assert (name, memory) == ("F", "256")
    assert arn == "arn:aws:lambda:us-east-1:000000000000:function:F"
    assert 2000 < left <= 3000


def test_each_invocation_has_its_own_request_id(bench: Callable[..., Bench]) -> None:
    lambdas = bench(lambda event, context: context.aws_request_id).lambdas
    assert lambdas.invoke("F", {}) != lambdas.invoke("F", {})


def test_an_exception_is_an_error_payload_and_a_line_in_the_log(bench: Callable[..., Bench]) -> None:
    def broken(event: Any, context: Any) -> Any:
        raise KeyError("month")

    one = bench(broken)
    with pytest.raises(FunctionError) as error:
        one.lambdas.invoke("F", {})
    assert error.value.payload["errorType"] == "KeyError"
    assert error.value.payload["errorMessage"] == "'month'"
    assert "broken" in "".join(error.value.payload["stackTrace"])
    assert one.logged[0].startswith("[F] Traceback")


def test_sys_exit_in_a_function_ends_the_invocation_only(bench: Callable[..., Bench]) -> None:
    def leave(event: Any, context: Any) -> Any:
        raise SystemExit(1)

    with pytest.raises(FunctionError, match="SystemExit"):
        bench(leave).lambdas.invoke("F", {})


def test_a_result_that_is_no_json_is_an_error(bench: Callable[..., Bench]) -> None:
    with pytest.raises(FunctionError, match="TypeError"):
        bench(lambda event, context: object()).lambdas.invoke("F", {})


def test_a_result_above_6_mb_is_an_error(bench: Callable[..., Bench]) -> None:
    with pytest.raises(FunctionError, match="ResponseSizeTooLarge"):
        bench(lambda event, context: "x" * (6 * 1024 * 1024)).lambdas.invoke("F", {})


def test_the_caller_of_a_slow_function_gets_the_timeout_at_once(bench: Callable[..., Bench]) -> None:
    release, waited = threading.Event(), queue.Queue()
    one = bench(lambda event, context: waited.put(release.wait(5)), timeout=0.1)
    with pytest.raises(FunctionTimeout, match=r"Task timed out after 0\.10 seconds"):
        one.lambdas.invoke("F", {})
    assert waited.empty(), "the function goes on"
    release.set()


def test_a_caller_with_less_patience_gives_up_first(bench: Callable[..., Bench]) -> None:
    release = threading.Event()
    one = bench(lambda event, context: release.wait(5), timeout=5)
    with pytest.raises(CallerGaveUp):
        one.lambdas.invoke("F", {}, 0.1)
    release.set()


def test_closing_wakes_the_callers_of_functions_that_never_end() -> None:
    release = threading.Event()
    one = Bench({"F": lambda event, context: release.wait(20)}, [function("F", timeout=20)])
    outcome: queue.Queue[Exception] = queue.Queue()

    def call() -> None:
        try:
            one.lambdas.invoke("F", {})
        except FunctionError as error:
            outcome.put(error)

    caller = threading.Thread(target=call)
    caller.start()
    while not one.lambdas._running:
        time.sleep(0.001)
    one.lambdas.close(patience=0.05)
    assert "stopping" in str(outcome.get(timeout=2))
    release.set()
    caller.join(2)


# -------------------------------------------------------------------------------------------------------- environments


def test_a_function_sees_the_templates_variables_and_no_others(
    bench: Callable[..., Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_OF_THE_LAPTOP", "x")
    lambdas = bench(lambda event, context: dict(os.environ), environment={"TABLE_NAME": "t"}).lambdas
    assert lambdas.invoke("F", {}) == {"TABLE_NAME": "t"}
    assert os.environ["SECRET_OF_THE_LAPTOP"] == "x"
    assert os.getenv("TABLE_NAME") is None


def test_functions_running_at_once_do_not_see_each_others_variables() -> None:
    both = threading.Barrier(2)

    def read(event: Any, context: Any) -> Any:
        both.wait(timeout=5)
        return os.environ["WHO"]

    one = Bench({"A": read, "B": read}, [function(name, environment={"WHO": name}) for name in "AB"])
    answers: dict[str, Any] = {}
    threads = [threading.Thread(target=lambda n=n: answers.update({n: one.lambdas.invoke(n, {})})) for n in "AB"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    one.lambdas.close()
    assert answers == {"A": "A", "B": "B"}


def test_what_a_function_hands_to_a_pool_sees_its_environment(bench: Callable[..., Bench]) -> None:
    def spread(event: Any, context: Any) -> Any:
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(lambda: os.environ["WHO"]).result(timeout=5)

    assert bench(spread, environment={"WHO": "F"}).lambdas.invoke("F", {}) == "F"


# ------------------------------------------------------------------------------------------------------------- modules


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    folder = tmp_path / "some_lambdas"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "shared.py").write_text("calls = []\n")
    code = "from some_lambdas.shared import calls\ndef handler(e, c):\n    calls.append(1)\n    return len(calls)\n"
    (folder / "one.py").write_text(code)
    (folder / "two.py").write_text(code)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "some_lambdas"


def test_each_function_has_its_own_modules(package: str) -> None:
    one, two = load_handler("some_lambdas.one.handler"), load_handler("some_lambdas.two.handler")
    assert (one({}, None), one({}, None), two({}, None)) == (1, 2, 1)


def test_loading_leaves_other_importers_their_modules(package: str) -> None:
    import some_lambdas.shared as mine  # type: ignore[import-not-found]

    load_handler("some_lambdas.one.handler")({}, None)
    import some_lambdas.shared as still_mine

    assert still_mine is mine
    assert mine.calls == []


# --------------------------------------------------------------------------------------------- asynchronous invocations


def test_an_asynchronous_invocation_is_tried_twice_more_and_then_given_to_the_queue(
    bench: Callable[..., Bench],
) -> None:
    tries: list[Any] = []

    def broken(event: Any, context: Any) -> Any:
        tries.append(event)
        raise RuntimeError("no")

    one = bench(broken, failures_to="Dead")
    one.lambdas.invoke_later("F", {"n": 1})
    name, record = one.failed.get(timeout=5)
    assert tries == [{"n": 1}] * 3
    assert name == "Dead"
    assert record["requestPayload"] == {"n": 1}
    assert record["requestContext"]["condition"] == "RetriesExhausted"
    assert record["requestContext"]["approximateInvokeCount"] == 3
    assert record["responsePayload"]["errorMessage"] == "no"


def test_an_invocation_that_succeeds_the_second_time_is_done(bench: Callable[..., Bench]) -> None:
    outcomes = iter([RuntimeError("first"), None])
    done = threading.Event()

    def flaky(event: Any, context: Any) -> Any:
        error = next(outcomes)
        if error:
            raise error
        done.set()

    one = bench(flaky, failures_to="Dead")
    one.lambdas.invoke_later("F", {})
    assert done.wait(5)
    one.lambdas.close()
    assert one.failed.empty()


def test_an_asynchronous_caller_does_not_wait(bench: Callable[..., Bench]) -> None:
    release, waited = threading.Event(), queue.Queue()
    one = bench(lambda event, context: waited.put(release.wait(5)))
    one.lambdas.invoke_later("F", {})
    assert waited.empty()
    release.set()
    assert waited.get(timeout=5), "it waited for us, not we for it"


# --------------------------------------------------------------------------------------------------------- their ends

HOURS = 3600.0


def test_closing_does_not_wait_for_who_sleeps_longer() -> None:
    asleep, woken = threading.Event(), threading.Event()

    def sleep(event: Any, context: Any) -> Any:
        asleep.set()
        try:
            time.sleep(HOURS)
        finally:
            woken.set()

    one = Bench({"F": sleep}, [function("F", timeout=2 * HOURS, failures_to="Dead")])
    one.lambdas.invoke_later("F", {})
    assert asleep.wait(5)
    one.lambdas.close(patience=HOURS / 2)
    assert woken.is_set()
    assert (one.logged, one.failed.empty()) == ([], True)


def test_closing_lets_who_sleeps_for_a_moment_finish() -> None:
    asleep, done = threading.Event(), threading.Event()

    def sleep(event: Any, context: Any) -> Any:
        asleep.set()
        time.sleep(0.2)
        done.set()

    one = Bench({"F": sleep}, [function("F")])
    one.lambdas.invoke_later("F", {})
    assert asleep.wait(5)
    one.lambdas.close(patience=60)
    assert done.is_set()


def test_nothing_is_begun_after_the_end(bench: Callable[..., Bench]) -> None:
    one = bench(lambda event, context: None)
    one.lambdas.close()
    with pytest.raises(FunctionError, match="stopping"):
        one.lambdas.invoke("F", {})
    one.lambdas.invoke_later("F", {})


def test_a_function_that_timed_out_goes_no_further_than_its_sleep(bench: Callable[..., Bench]) -> None:
    woken = threading.Event()

    def sleep(event: Any, context: Any) -> Any:
        try:
            time.sleep(HOURS)
        finally:
            woken.set()

    one = bench(sleep, timeout=0.1)
    with pytest.raises(FunctionTimeout):
        one.lambdas.invoke("F", {})
    assert woken.wait(5)
    one.lambdas.close()
    assert [line.split(" ", 2)[2] for line in one.logged] == ["Task timed out after 0.10 seconds"]


def test_a_caller_that_gave_up_does_not_end_the_function(bench: Callable[..., Bench]) -> None:
    done = threading.Event()

    def sleep(event: Any, context: Any) -> Any:
        time.sleep(0.3)
        done.set()

    with pytest.raises(CallerGaveUp):
        bench(sleep).lambdas.invoke("F", {}, 0.05)
    assert done.wait(5)


def test_a_caller_that_gave_up_does_not_prolong_the_function(bench: Callable[..., Bench]) -> None:
    woken = threading.Event()

    def sleep(event: Any, context: Any) -> Any:
        try:
            time.sleep(HOURS)
        finally:
            woken.set()

    with pytest.raises(CallerGaveUp):
        bench(sleep, timeout=0.1).lambdas.invoke("F", {}, 0.1)
    assert woken.wait(5)


def test_a_killed_function_loses_what_it_kept_in_memory() -> None:
    def load(path: str) -> Handler:
        kept: list[int] = []

        def handler(event: Any, context: Any) -> Any:
            kept.append(1)
            if event == "die":
                raise Killed
            return len(kept)

        return handler

    logged: list[str] = []
    functions = {"F": function("F")}
    lambdas = Lambdas(functions, variables=lambda _: {}, failed=lambda *_: None, load=load, log=logged.append)
    assert [lambdas.invoke("F", {}), lambdas.invoke("F", {})] == [1, 2]
    with pytest.raises(FunctionError, match="signal: killed"):
        lambdas.invoke("F", "die")
    assert lambdas.invoke("F", {}) == 1
    lambdas.close()
    assert len(logged) == 1
