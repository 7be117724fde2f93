"""The dashboard as gunicorn serves it with its configuration, under gevent: its sockets, its limits, its end."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from dashboard.bridge.tab_bridge import RESTARTING
from tests.dashboard.bridge.tabs import RUN, closing_code, hear, next_text, say
from tests.dashboard.server_fakes import (
    CLIENT_ID,
    POOL_ID,
    FakeGateway,
    FakePool,
    address,
    fake_gateway,
    fake_pool,
    listening,
    open_tab,
    signed_in_cookie,
    wait_for,
)

SERVED = """
import os
import threading
import time
from types import SimpleNamespace
from gunicorn.workers import base
from dashboard.app import create_app
from dashboard.bridge.tab_bridge import BridgeLimits
from dashboard.settings import Settings
if "END_LAST" in os.environ:
    base.time = SimpleNamespace(time=time.time, sleep=lambda _: threading.main_thread().join(10))
app = create_app(Settings.from_environ(os.environ), attach_ui=None, limits=BridgeLimits(heartbeat=0.5))
"""


@dataclass(frozen=True)
class Served:
    """A dashboard as it is served for real, in a process of its own."""

    url: str
    process: subprocess.Popen[bytes]


@contextlib.contextmanager
def gunicorn(pool: FakePool, gateway: FakeGateway, directory: Path, *more: str) -> Iterator[Served]:
    """By gunicorn, with its configuration and `more` options.

    It is handed a socket that listens already: a port that were free for a while might be another test's by then.
    """
    (directory / "served.py").write_text(SERVED)
    pool.parameters = {"REDSHIFT_WSS_ENDPOINT": gateway.url, "REDSHIFT_REST_API_ENDPOINT": pool.url}
    with listening() as listener, (directory / "gunicorn.log").open("w") as log:
        url = address(listener).replace("127.0.0.1", "localhost")
        options = ["--config", "python:dashboard.gunicorn_conf", "--bind", f"fd://{listener.fileno()}", *more]
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *options, "served:app"],
            env=_environ(url, pool, directory),
            stdout=log,
            stderr=log,
            cwd=directory,
            pass_fds=[listener.fileno()],
        )
    try:
        wait_for(lambda: _healthy(url, process), 15)
        yield Served(url, process)
    finally:
        process.send_signal(signal.SIGINT)  # at once
        process.wait(10)


def _environ(url: str, pool: FakePool, directory: Path) -> dict[str, str]:
    return {
        "PUBLIC_URL": url,
        "SECRET_KEY": "test-secret",
        "USER_POOL_ID": POOL_ID,
        "USER_POOL_CLIENT_ID": CLIENT_ID,
        "COGNITO_DOMAIN": pool.url,
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": pool.url,
        "AWS_ACCESS_KEY_ID": "test",
        "AWS_SECRET_ACCESS_KEY": "test",
        "SESSION_DIR": str(directory / "gunicorn-sessions"),
        "PYTHONPATH": os.pathsep.join([str(Path.cwd()), str(directory)]),
        "PATH": os.environ["PATH"],
    }


def _healthy(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "gunicorn ended"
    try:
        return requests.get(f"{url}/health", timeout=1).ok
    except (requests.ConnectionError, requests.Timeout):  # it is still loading
        return False


def test_fifty_tabs_under_gunicorns_gevent_worker(tmp_path: Path) -> None:
    """Each tab has its own connection, all are told, and none leaves anything behind."""
    with fake_pool() as pool, fake_gateway() as gateway, gunicorn(pool, gateway, tmp_path) as served:
        url, cookie = served.url, signed_in_cookie(served.url)
        with contextlib.ExitStack() as stack:
            tabs = [stack.enter_context(open_tab(url, cookie)) for _ in range(50)]
            assert {hear(tab)["type"] for tab in tabs} == {"connected"}
            wait_for(lambda: len(gateway.open) == 50)
            assert say(tabs[7], RUN)["type"] == "accepted"
            large = json.dumps({"type": "finished", "text": "x" * 120_000})
            gateway.say(large)
            assert [next_text(tab) for tab in tabs] == [large] * 50
        wait_for(lambda: not gateway.open)
        with open_tab(url, "") as stranger:
            assert closing_code(stranger) == 4401
        with open_tab(url, cookie) as tab:
            assert hear(tab)["type"] == "connected"
            wait_for(lambda: gateway.open)
            gateway.open[0].close(1001)
            assert closing_code(tab) == 1013
    assert "Traceback" not in (tmp_path / "gunicorn.log").read_text()


def test_a_process_asked_to_end_sends_its_tabs_elsewhere_and_ends(tmp_path: Path) -> None:
    """With a good-bye that makes them reconnect, long before it would be killed."""
    with fake_pool() as pool, fake_gateway() as gateway, gunicorn(pool, gateway, tmp_path) as served:
        cookie = signed_in_cookie(served.url)
        with open_tab(served.url, cookie) as one, open_tab(served.url, cookie) as other:
            assert {hear(tab)["type"] for tab in (one, other)} == {"connected"}
            served.process.terminate()
            assert [closing_code(tab) for tab in (one, other)] == [RESTARTING, RESTARTING]
        assert served.process.wait(10) == 0
        wait_for(lambda: not gateway.open)
    log = (tmp_path / "gunicorn.log").read_text()
    assert "Traceback" not in log
    assert "graceful timeout" not in log


def test_a_process_ended_at_once_ends_without_a_word_of_it(tmp_path: Path) -> None:
    """Also when the worker's loop ends within the pause that gunicorn makes before it ends the process."""
    with (
        fake_pool() as pool,
        fake_gateway() as gateway,
        gunicorn(pool, gateway, tmp_path, "--log-level", "warning", "--env", "END_LAST=1") as served,
    ):
        with open_tab(served.url, signed_in_cookie(served.url)) as tab:
            assert hear(tab)["type"] == "connected"
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(10) == 0
    assert (tmp_path / "gunicorn.log").read_text() == ""


@pytest.mark.parametrize(
    "begun", [b"", b"GET /health HTTP/1.1\r\nHost: x\r\nX-Never: ends"], ids=["nothing", "a header"]
)
def test_a_request_whose_headers_never_end_is_closed(tmp_path: Path, begun: bytes) -> None:
    """After `keepalive` seconds, which under gevent is also the time for the headers of a request."""
    with (
        fake_pool() as pool,
        fake_gateway() as gateway,
        gunicorn(pool, gateway, tmp_path, "--keep-alive", "1") as served,
    ):
        host, _, port = served.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=15) as client:
            client.sendall(begun)
            assert client.recv(100) == b""
