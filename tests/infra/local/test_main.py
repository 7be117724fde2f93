"""`python -m infra.local` at a terminal: sentences instead of stack traces, and an orderly end."""

import itertools
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from infra.local import __main__ as command
from infra.local.dashboard_process import _secret
from tests.infra.local.endpoints import free_port

REPO = Path(__file__).resolve().parents[3]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture(autouse=True)
def _signals() -> Iterator[None]:
    """`main` takes the signals over; the test runner gets them back."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("option", "variable"), [("--port", "PORT"), ("--endpoint-port", "ENDPOINT_PORT")])
def test_a_taken_port_is_a_sentence_that_names_the_variable(
    tmp_path: Path, taken: int, capsys: pytest.CaptureFixture[str], option: str, variable: str
) -> None:
    ports = {"--port": free_port(), "--endpoint-port": free_port()} | {option: taken}
    arguments = [text for name, port in ports.items() for text in (name, str(port))]
    assert command.main([*arguments, "--var", str(tmp_path / "var")]) == 1
    said = capsys.readouterr().err
    assert said == f"Port {taken} is in use. Choose another: make run {variable}={taken + 1}\n"
    assert not (tmp_path / "var").exists()


def test_data_that_is_not_there_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--no-dashboard", "--endpoint-port", str(free_port()), "--var", str(tmp_path / "var")]
    assert command.main([*arguments, "--data", str(tmp_path / "*.parquet")]) == 1
    said = capsys.readouterr().err
    assert said.startswith("Pushboard stopped. ")
    assert str(tmp_path) in said


def test_the_cookie_secret_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "secret_key"
    first = _secret(file)
    assert len(first) == 64
    assert _secret(file) == first
    assert file.stat().st_mode & 0o777 == 0o600


def test_it_says_where_it_is_and_ends_at_ctrl_c(tmp_path: Path) -> None:
    port = free_port()
    arguments = ["--no-dashboard", "--endpoint-port", str(port), "--var", str(tmp_path / "var"), "--rows", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "infra.local", *arguments],
        cwd=REPO,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "DEMO_PASSWORD": "Other-2015!"},
    ) as process:
        try:
            said = _until_ready(process)
            assert f"http://localhost:{port}" in said
            assert "Other-2015!" in said
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=120) == 0
        finally:
            process.kill()


def test_a_signal_may_come_at_any_moment_of_waiting_for_it() -> None:
    """At each of the lines that waiting runs through: it neither stops there for ever nor misses what was asked."""
    step = 1
    while _interrupted_at(step):
        step += 1
    assert step > 2


def _interrupted_at(step: int) -> bool:
    """Waits, and asks at that line of waiting; whether waiting has so many lines."""
    asked, lines = command.StopRequest(), itertools.count(1)

    def trace(_frame: FrameType, event: str, _detail: object) -> Any:
        if event == "line" and next(lines) == step:
            asked.make()
        return trace

    sys.settrace(trace)
    try:
        came = asked.wait(0.01)
    finally:
        sys.settrace(None)
    is_over = next(lines) <= step
    assert is_over or came or asked.wait(0)
    return not is_over


def _until_ready(process: "subprocess.Popen[str]") -> str:
    """What it prints until it is ready; its end, or the test's time limit, ends the waiting."""
    assert process.stdout is not None
    said = ""
    while "Ctrl-C ends it" not in said:
        line = process.stdout.readline()
        assert line, f"it ended: {said}"
        said += line
    return said
