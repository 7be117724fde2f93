"""Things are done in their time, from one thread that ends when told to."""

import queue
import threading
import time
from collections.abc import Iterator

import pytest

from infra.local.eventbridge.later import Later


@pytest.fixture
def later() -> Iterator[Later]:
    one = Later("later")
    yield one
    one.close()


def test_things_are_done_in_the_order_of_their_times(later: Later) -> None:
    done: queue.Queue[str] = queue.Queue()
    later.call(0.15, lambda: done.put("second"))
    later.call(0.05, lambda: done.put("first"))
    assert [done.get(timeout=5), done.get(timeout=5)] == ["first", "second"]


def test_nothing_is_done_before_its_time(later: Later) -> None:
    at: queue.Queue[float] = queue.Queue()
    asked = time.monotonic()
    later.call(0.2, lambda: at.put(time.monotonic()))
    assert at.get(timeout=5) - asked >= 0.2


def test_what_is_done_may_ask_for_more(later: Later) -> None:
    done = threading.Event()
    later.call(0, lambda: later.call(0, done.set))
    assert done.wait(5)


def test_closing_drops_what_is_left_and_ends_the_thread_at_once(later: Later) -> None:
    done: list[str] = []
    later.call(3600, lambda: done.append("too late"))
    (thread,) = [one for one in threading.enumerate() if one.name == "later"]
    later.close()
    assert not thread.is_alive()
    later.call(0, lambda: done.append("after the end"))
    assert done == []


def test_there_is_no_thread_before_there_is_something_to_do() -> None:
    one = Later("idle")
    assert "idle" not in [thread.name for thread in threading.enumerate()]
    one.close()
