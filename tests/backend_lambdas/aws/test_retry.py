"""Trying again for a bounded time."""

import pytest

from backend_lambdas import clock
from backend_lambdas.aws.retry import RetryPolicy


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits, of a clock that only they move."""
    waits: list[float] = []
    monkeypatch.setattr(clock, "now", lambda: int(sum(waits) * 1000))
    monkeypatch.setattr(clock, "sleep", waits.append)
    return waits


def test_the_first_try_waits_for_nothing(waited: list[float]) -> None:
    assert next(RetryPolicy(10).tries()) == 1
    assert waited == []


def test_it_ends_before_its_time_is_over(waited: list[float]) -> None:
    tries = list(RetryPolicy(10).tries())
    assert tries == list(range(1, len(tries) + 1))
    assert 5 < sum(waited) <= 10


def test_waits_grow_to_the_longest(waited: list[float]) -> None:
    list(RetryPolicy(60, first_wait=0.5, longest_wait=3).tries())
    assert 0.25 <= waited[0] <= 0.5
    assert 1.5 <= waited[-1] <= 3
    assert all(wait <= 3 for wait in waited)


def test_two_do_not_wait_in_step(waited: list[float]) -> None:
    list(RetryPolicy(10).tries())
    first = list(waited)
    waited.clear()
    list(RetryPolicy(10).tries())
    assert first != waited


def test_no_patience_is_one_try(waited: list[float]) -> None:
    assert list(RetryPolicy(0).tries()) == [1]
