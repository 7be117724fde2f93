"""ministack as a process of its own, on a free port of loopback, with everything it writes in one folder."""

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from socket import socket

from tests.elsewhere.certificate import Certificate

REPO = Path(__file__).resolve().parents[2]
PYTHON = REPO / ".venv-elsewhere" / "bin" / "python"
_PATIENCE = 60


class Emulator:
    """The running process; `environment` is its own and, with what Lambda adds, that of each function."""

    def __init__(self, folder: Path, certificate: Certificate, settings: Mapping[str, str]) -> None:
        self._folder, self._certificate, self._settings = folder, certificate, settings
        self._listener = socket()
        self._listener.bind(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.log = folder / "ministack.log"

    def start(self, shared: Mapping[str, str]) -> None:
        """Starts it; requests wait in its socket from now on."""
        if not PYTHON.exists():
            raise RuntimeError("ministack is not installed: make check-elsewhere does that.")
        descriptor = self._listener.fileno()
        script = [str(Path(__file__).with_name("inside") / "serve.py"), str(descriptor)]
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                [str(PYTHON), *script, str(self._certificate.path), str(self._certificate.key)],
                cwd=self._folder,
                env=self._environment(shared),
                pass_fds=[descriptor],
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._listener.listen()
        self._listener.close()

    @property
    def process_id(self) -> int:
        """The process that everything of it runs in, but for the functions."""
        return self._process.pid

    def _environment(self, shared: Mapping[str, str]) -> dict[str, str]:
        """Nothing of the user's own AWS configuration; temporary files, functions' code among them, in the folder."""
        own = {
            "PATH": os.environ["PATH"],
            "HOME": str(self._folder),
            "TMPDIR": str(self._folder),
            "STATE_DIR": str(self._folder / "state"),
            "S3_DATA_DIR": str(self._folder / "s3"),
            "AUTH": "true",
            "USE_SSL": "1",
            "MINISTACK_SSL_CERT": str(self._certificate.path),
            "MINISTACK_SSL_KEY": str(self._certificate.key),
            "BIND_HOST": "127.0.0.1",
            "GATEWAY_PORT": str(self.port),
            "IOT_MTLS_ENABLED": "0",
            "LOG_LEVEL": "INFO",
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        return {**own, **self._settings, **shared}

    def stop(self) -> None:
        """Ends it and the functions' processes, which are the session of their own that it was started in."""
        os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(timeout=10)
