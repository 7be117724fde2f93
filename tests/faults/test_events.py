"""Events are lost, late, doubled and in another order, as they are told to be."""

import queue
import time
from collections.abc import Callable, Iterator
from functools import partial

import pytest

from tests.faults.switches import Faults


class Bus:
    """Whatever publishes events, with its faults, and the numbers of the events that arrived."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.arrived: queue.Queue[int] = queue.Queue()

    def send(self, *numbers: int) -> None:
        for number in numbers:
            self.faults.on_event({"source": "aws.redshift-data"}, partial(self.arrived.put, number))

    def so_far(self) -> list[int]:
        return [self.arrived.get_nowait() for _ in range(self.arrived.qsize())]


@pytest.fixture
def bus() -> Iterator[Bus]:
    one = Bus()
    yield one
    one.faults.on_stop()


def test_the_next_events_are_lost(bus: Bus) -> None:
    fault = bus.faults.lose_events(times=2)
    bus.send(1, 2, 3)
    assert bus.so_far() == [3]
    assert fault.happened == 2


def test_every_event_is_lost_until_mended(bus: Bus) -> None:
    bus.faults.lose_events()
    bus.send(1, 2)
    bus.faults.mend()
    bus.send(3)
    assert bus.so_far() == [3]


def test_an_event_comes_more_than_once(bus: Bus) -> None:
    bus.faults.copy_events(3, times=1)
    bus.send(1, 2)
    assert bus.so_far() == [1, 1, 1, 2]


def test_an_event_comes_late_and_the_sender_does_not_wait(bus: Bus) -> None:
    bus.faults.delay_events(0.2, times=1)
    sent = time.monotonic()
    bus.send(1, 2)
    assert bus.so_far() == [2]
    assert bus.arrived.get(timeout=5) == 1
    assert time.monotonic() - sent >= 0.2


def test_events_wait_for_one_another_and_come_in_reverse(bus: Bus) -> None:
    bus.faults.reorder_events(3)
    bus.send(1, 2)
    assert bus.so_far() == []
    bus.send(3, 4)
    assert bus.so_far() == [3, 2, 1, 4]


@pytest.mark.parametrize("let_go", [Faults.release, Faults.mend])
def test_held_events_are_let_go(bus: Bus, let_go: Callable[[Faults], None]) -> None:
    bus.faults.reorder_events(3)
    bus.send(1, 2)
    let_go(bus.faults)
    assert bus.so_far() == [2, 1]
    bus.send(3)
    assert bus.so_far() == [3]


def test_releasing_mends_nothing_else(bus: Bus) -> None:
    bus.faults.lose_events(times=1)
    bus.faults.release()
    bus.send(1)
    assert bus.so_far() == []


def test_events_of_another_source_are_not_concerned(bus: Bus) -> None:
    bus.faults.lose_events(source="aws.s3")
    bus.send(1)
    assert bus.so_far() == [1]


def test_events_of_any_source_may_be(bus: Bus) -> None:
    bus.faults.lose_events(source=None)
    bus.send(1)
    assert bus.so_far() == []


def test_late_copies_in_reverse(bus: Bus) -> None:
    """Faults add up."""
    bus.faults.copy_events(2)
    bus.faults.delay_events(0.1)
    bus.faults.reorder_events(2)
    bus.send(1, 2)
    assert [bus.arrived.get(timeout=5) for _ in range(4)] == [2, 2, 1, 1]
