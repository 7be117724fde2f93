"""Installs what a lock file names beside the Python that runs this: `python infra/install.py requirements/run.lock`.

By uv, which takes seconds where pip takes a minute; by pip where uv cannot be had or cannot do it. Both look for
packages where pip is set to look. Needs nothing that is not in the standard library. Called by `make`.
"""

import ast
import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

UV = Path(__file__).resolve().parents[1] / "requirements" / "install.lock"
TIMEOUT = 1800
TRIES = 3
"""Of pip, since a download may break."""

OF_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_NO_INDEX",
    "proxy": "ALL_PROXY",
    "cert": "SSL_CERT_FILE",
}
"""Settings of pip, and the variables by which uv is told the same."""


def install(lock: Path) -> bool:
    """Whether all of the lock is there now."""
    if _told("uv", _pip(UV)) and _told(lock.name, _uv(lock), uv_settings(_pip_settings())):
        return True
    return any(_told(f"{lock.name} by pip", _pip(lock)) for _ in range(TRIES))


def uv_settings(pip_settings: str) -> dict[str, str]:
    """What `pip config list` tells of where packages are, as uv's variables."""
    found = {}
    for line in pip_settings.splitlines():
        name, _, value = line.partition("=")
        name, text = name.rpartition(".")[2], str(ast.literal_eval(value)) if value else ""
        if name in OF_UV:
            found[OF_UV[name]] = ("," if name == "find-links" else " ").join(text.split())
    return found


def _pip(lock: Path) -> list[str]:
    options = ["--quiet", "--disable-pip-version-check", "--no-compile", "--require-hashes"]
    return [sys.executable, "-m", "pip", "install", *options, "-r", str(lock)]


def _uv(lock: Path) -> list[str]:
    uv = Path(sys.executable).with_name("uv")
    options = ["--quiet", "--require-hashes", "--python", sys.executable]
    return [str(uv), "pip", "install", *options, "-r", str(lock)]


def _pip_settings() -> str:
    asked = [sys.executable, "-m", "pip", "config", "list"]
    return subprocess.run(asked, capture_output=True, text=True, timeout=60, check=False).stdout


def _told(what: str, command: list[str], variables: Mapping[str, str] | None = None) -> bool:
    """Runs a step and tells how long it took; whether it worked."""
    print(f"  {what} ...", end=" ", flush=True)
    began = time.monotonic()
    try:
        done = subprocess.run(command, env={**os.environ, **(variables or {})}, timeout=TIMEOUT, check=False)
        worked = done.returncode == 0
    except (OSError, subprocess.TimeoutExpired) as error:
        print(error)
        worked = False
    print(f"{time.monotonic() - began:.0f} s" if worked else "that failed", flush=True)
    return worked


if __name__ == "__main__":
    sys.exit(0 if install(Path(sys.argv[1])) else "What is needed could not be installed: see above.")
