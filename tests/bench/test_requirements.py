"""What a suite says where the machine has too little of something."""

import resource
from pathlib import Path

import pytest

from tests.bench import requirements
from tests.bench.requirements import NotMeasured


def test_a_hard_limit_of_open_files_below_what_is_needed_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 4000))
    with pytest.raises(NotMeasured, match="12,000 open files are needed, and ulimit -Hn allows 4,000"):
        requirements.open_files(12_000)


def test_a_soft_limit_is_raised_as_far_as_it_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (1024, 20_000))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limit: limits.append(limit))
    requirements.open_files(12_000)
    requirements.open_files(500)
    assert limits == [(12_000, 20_000)]


def test_too_little_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(requirements, "_memory_info", lambda: {"MemAvailable": 1_500_000})
    requirements.memory(1_500)
    with pytest.raises(NotMeasured, match="4,000 MB of memory are needed, and 1,500 MB are free"):
        requirements.memory(4_000)


def test_a_machine_without_a_browser_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(requirements, "on_this_machine", lambda: None)
    with pytest.raises(NotMeasured, match="No Chromium was found"):
        requirements.browser()


def test_too_little_disk_is_told_with_what_there_is(tmp_path: Path) -> None:
    requirements.disk(1, tmp_path)
    with pytest.raises(NotMeasured, match=r"GB are needed in .*, and .* GB are free"):
        requirements.disk(10**18, tmp_path)
