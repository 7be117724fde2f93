"""What is killed under a function: its sleep, its AWS calls, and those of its pools."""

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config

from infra.local.lambda_ import sandboxes, stand_ins
from infra.local.lambda_.sandboxes import Killed, Sandbox, entered

HOURS = 3600.0


@pytest.fixture(autouse=True)
def _installed() -> Iterator[None]:
    stand_ins.install()
    yield
    stand_ins.remove()


def never(call: int) -> bool:
    return False


def inside(sandbox: Sandbox, do: Callable[[], Any]) -> Any:
    """What it returns or raises in a sandbox, in a thread of its own."""

    def run() -> Any:
        with entered(sandbox):
            return do()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(timeout=20)


class Answered(Exception):
    """A request left the sandbox."""


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Any]:
    """An AWS call that raises `Answered` when it is sent."""

    def sent(session: Any, request: Any) -> Any:
        raise Answered

    monkeypatch.setattr(sandboxes, "_really_send", sent)
    config = Config(retries={"total_max_attempts": 1})
    client = boto3.Session("a", "b", region_name="us-east-1").client("sqs", endpoint_url="http://x", config=config)
    return client.list_queues


def test_a_killed_sleep_ends_at_once() -> None:
    sandbox = Sandbox(never)
    threading.Timer(0.05, sandbox.kill).start()
    with pytest.raises(Killed):
        inside(sandbox, lambda: time.sleep(HOURS))


def test_a_sleep_beyond_the_end_is_not_slept() -> None:
    sandbox = Sandbox(never)
    sandbox.end_at(time.monotonic() + HOURS)
    with pytest.raises(Killed):
        inside(sandbox, lambda: time.sleep(2 * HOURS))


def test_a_sleep_that_ends_in_time_is_slept() -> None:
    sandbox = Sandbox(never)
    sandbox.end_at(time.monotonic() + HOURS)
    began = time.monotonic()
    inside(sandbox, lambda: time.sleep(0.1))
    assert time.monotonic() - began >= 0.1


def test_sleeping_elsewhere_is_as_ever() -> None:
    Sandbox(never).kill()
    began = time.monotonic()
    time.sleep(0.05)
    assert time.monotonic() - began >= 0.05


def test_no_call_leaves_a_killed_sandbox(call: Callable[[], Any]) -> None:
    sandbox = Sandbox(never)
    with pytest.raises(Answered):
        inside(sandbox, call)
    sandbox.kill()
    with pytest.raises(Killed):
        inside(sandbox, call)
    with pytest.raises(Answered):
        call()


def test_the_end_comes_before_the_call_it_was_meant_for_and_stays(call: Callable[[], Any]) -> None:
    sandbox = Sandbox(lambda number: number == 2)
    with pytest.raises(Answered):
        inside(sandbox, call)
    for _ in range(2):
        with pytest.raises(Killed):
            inside(sandbox, call)


def test_what_a_function_hands_to_a_pool_is_in_its_sandbox(call: Callable[[], Any]) -> None:
    counted: list[int] = []
    sandbox = Sandbox(lambda number: counted.append(number) or number == 3)

    def spread() -> list[type[BaseException] | None]:
        with ThreadPoolExecutor(2) as pool:
            return [pool.submit(call).exception(timeout=20).__class__ for _ in range(4)]

    assert inside(sandbox, spread) == [Answered, Answered, Killed, Killed]
    assert counted == [1, 2, 3]


# ------------------------------------------------------------------------------------------------------------- turns


def started(do: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=inside, args=(Sandbox(never), do), daemon=True)
    thread.start()
    return thread


def test_a_function_begins_when_the_one_before_has_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "TURN_PATIENCE", 20.0)
    first_is_in, first_may_end, second_is_in = threading.Event(), threading.Event(), threading.Event()
    first = started(lambda: (first_is_in.set(), first_may_end.wait(20)))
    assert first_is_in.wait(20)
    second = started(second_is_in.set)
    assert not second_is_in.wait(0.3)
    first_may_end.set()
    assert second_is_in.wait(20)
    first.join(20)
    second.join(20)


def test_a_function_that_sleeps_lets_the_next_one_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandboxes, "TURN_PATIENCE", 20.0)
    sleeper, is_in, second_is_in = Sandbox(never), threading.Event(), threading.Event()
    first = threading.Thread(target=lambda: _killed_sleep(sleeper, is_in), daemon=True)
    first.start()
    assert is_in.wait(20)
    started(second_is_in.set).join(20)
    assert second_is_in.is_set()
    sleeper.kill()
    first.join(20)


def _killed_sleep(sandbox: Sandbox, is_in: threading.Event) -> None:
    with pytest.raises(Killed):
        inside(sandbox, lambda: (is_in.set(), time.sleep(HOURS)))


def test_nobody_waits_for_long_for_a_function_that_is_stuck() -> None:
    is_in, may_end = threading.Event(), threading.Event()
    stuck = started(lambda: (is_in.set(), may_end.wait(20)))
    assert is_in.wait(20)
    assert inside(Sandbox(never), lambda: "done") == "done"
    may_end.set()
    stuck.join(20)
