"""The order of the files in `make test`, which of them share a worker, and how many are tested at a time."""

import os
from pathlib import Path

import pytest

from tests import order

HERE = Path(__file__).parent
IN_A_BROWSER = sorted(file.relative_to(HERE).as_posix() for file in HERE.glob("e2e/**/test_*.py"))


@pytest.mark.parametrize("name", [*order.SHARED, *(name for name in order.SLOW if name not in order.SHARED.values())])
def test_what_is_named_is_there(name: str) -> None:
    assert (HERE / name).exists()


@pytest.mark.parametrize("file", IN_A_BROWSER)
def test_every_file_in_a_browser_is_slow(file: str) -> None:
    assert order.group_of(f"tests/{file}::test") in order.SLOW


@pytest.mark.parametrize("file", IN_A_BROWSER)
def test_who_shares_the_stack_shares_a_worker(file: str) -> None:
    """Else each worker that meets one of them starts a stack, which costs as much as a dozen of the tests."""
    uses = any(name in (HERE / file).read_text() for name in ("stack: Stack", "small: str", "TurningPage"))
    starts_its_own = "start_stack" in (HERE / file).read_text()
    assert (order.group_of(f"tests/{file}::test") == "stack") == (uses and not starts_its_own)


def test_slow_groups_come_first_and_others_as_they_came() -> None:
    tests = ["tests/b.py::b", "tests/a.py::a", "tests/e2e/test_crowd.py::c", "tests/e2e/test_faults.py::f[x::y]"]
    assert sorted(tests, key=order.place_of) == [tests[3], tests[2], tests[0], tests[1]]


def test_two_workers_more_than_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert order.workers() == 4
