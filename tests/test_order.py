"""The order of the files in `make test`, and how many of them are tested at a time."""

import os
from pathlib import Path

import pytest

from tests import order


@pytest.mark.parametrize("name", order.SLOW)
def test_a_slow_file_is_there(name: str) -> None:
    assert (Path(__file__).parent / name).exists()


def test_every_file_in_a_browser_is_slow() -> None:
    """Each starts with a browser and a whole stack of its worker's."""
    folder = Path(__file__).parent
    assert {file.relative_to(folder).as_posix() for file in folder.glob("e2e/**/test_*.py")} <= set(order.SLOW)


def test_slow_files_come_first_and_others_as_they_came() -> None:
    tests = ["tests/b.py::b", "tests/a.py::a", "tests/e2e/test_crowd.py::c", "tests/e2e/test_faults.py::f[x::y]"]
    assert sorted(tests, key=order.place_of) == [tests[3], tests[2], tests[0], tests[1]]


def test_a_worker_more_than_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    assert order.workers() == 3
