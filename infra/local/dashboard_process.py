"""The dashboard as a child process of `make run`: its environment, its start, its end. Used by `__main__`."""

import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from urllib.error import URLError

from infra.local.lambda_.logs import LogFile
from infra.local.runtime import LocalAws

SECONDS_TO_START = 60
SECONDS_TO_STOP = 5


class DashboardFailed(Exception):
    """The dashboard ended, or never answered."""


def dashboard_environment(aws: LocalAws, var: Path, public_url: str) -> dict[str, str]:
    """Every variable the dashboard reads, and what points its AWS SDK here."""
    return {
        **aws.environment(),
        "PUBLIC_URL": public_url,
        "SECRET_KEY": _secret(var / "secret_key"),
        "USER_POOL_ID": aws.pool_id,
        "USER_POOL_CLIENT_ID": aws.client_id,
        "COGNITO_DOMAIN": aws.endpoint_url,
        "WEBSOCKET_ENDPOINT_SSM_PARAMETER": "REDSHIFT_WSS_ENDPOINT",
        "REST_API_ENDPOINT_SSM_PARAMETER": "REDSHIFT_REST_API_ENDPOINT",
        "SESSION_DIR": str(var / "sessions"),
        "DATA_NOTE": aws.data_note,
        "LANGUAGES": "en-US,de-DE,fr-FR,ja-JP,ar-EG",
    }


class DashboardProcess:
    """gunicorn, configured as on AWS but for where it listens, how fast it ends and how much it says.

    What it logs goes to `dashboard.jsonl` in the folder `logs`, and warnings to the terminal, too.
    """

    def __init__(self, repo: Path, port: int, environment: Mapping[str, str], logs: Path) -> None:
        self._port = port
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", *_options(port)],
            cwd=repo,
            env={**inherited, **environment},
            start_new_session=True,  # Ctrl-C is for us; we then end it in order
            stdout=subprocess.PIPE,
            text=True,
        )
        self._log = LogFile(logs / "dashboard.jsonl")
        self._reader = threading.Thread(target=self._keep_lines, name="dashboard-log")
        self._reader.start()

    def wait_until_healthy(self) -> None:
        """Returns once /health answers; raises `DashboardFailed` if it ends or takes too long."""
        deadline = time.monotonic() + SECONDS_TO_START
        while not self._healthy():
            self.check()
            if time.monotonic() > deadline:
                raise DashboardFailed(f"The dashboard did not answer within {SECONDS_TO_START} s.")
            time.sleep(0.05)

    def check(self) -> None:
        """Raises `DashboardFailed` once the process has ended."""
        code = self._process.poll()
        if code is not None:
            raise DashboardFailed(f"The dashboard ended with exit code {code}; the reason is above.")

    def stop(self) -> None:
        """Ends it: by asking, then by force."""
        if self._process.poll() is None:
            self._end()
        self._reader.join(SECONDS_TO_STOP)

    def _end(self) -> None:
        self._process.send_signal(signal.SIGINT)  # for gunicorn: quickly, open sockets or not
        try:
            self._process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)  # its own session, so this is gunicorn and its worker
            self._process.wait(SECONDS_TO_STOP)

    def _keep_lines(self) -> None:
        """Until the last of its processes has ended."""
        with self._process.stdout as lines:  # type: ignore[union-attr] # it is a pipe
            for line in lines:
                self._log.write(line.rstrip())
                if shown := _for_people(line):
                    print(f"[dashboard] {shown}", file=sys.stderr, flush=True)  # noqa: T201
        self._log.close()

    def _healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (URLError, TimeoutError, ConnectionError):
            return False


def _for_people(line: str) -> str:
    """What a line of the log has for the terminal; empty unless it is a warning, or no line of the log."""
    try:
        entry = json.loads(line)
    except ValueError:
        return line.rstrip()
    if not isinstance(entry, dict) or entry.get("level") not in {"WARNING", "ERROR", "CRITICAL"}:
        return ""
    told = ("message", "reason", "path", "errorType", "errorMessage")
    return " · ".join(str(entry[name]) for name in told if name in entry)


def _options(port: int) -> list[str]:
    addresses = [f"127.0.0.1:{port}", *([f"[::1]:{port}"] if _has_ipv6() else [])]
    binds = [option for address in addresses for option in ("--bind", address)]
    return ["--config", "python:dashboard.gunicorn_conf", *binds, "--graceful-timeout", "2", "--log-level", "warning"]


def _secret(file: Path) -> str:
    """The key that signs session cookies, made once; only its owner may read it."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text()
    with os.fdopen(descriptor, "w") as opened:
        opened.write(secrets.token_hex(32))
    return file.read_text()


def _has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True
