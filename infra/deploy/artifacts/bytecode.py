"""Compiles the functions' code for Lambda's Python, so that a cold start need not. Used by `package`.

Lambda cannot keep what it compiles: its code's folder is read-only, so without bytecode each start compiles everything
anew. It takes a Python of the same release, since each has a bytecode of its own; the processor does not matter. Files
are never compared with their source (`unchecked-hash`), as neither changes inside a zip, and times differ in it.
Source: PEP 552; AWS Lambda, "Working with .zip file archives for Python Lambda functions".
"""

import shutil
import subprocess
import sys
from pathlib import Path

_SECONDS = 300
_AT_LAMBDA = "/var/task"
"""Where Lambda unpacks the zip: the path that tracebacks show."""


def interpreter(version: str) -> str | None:
    """A Python of this release (`3.13`): this one, or the one that is called `python3.13`; None where there is none."""
    for candidate in (sys.executable, shutil.which(f"python{version}")):
        if candidate and _release(candidate) == version:
            return candidate
    return None


def _release(python: str) -> str:
    """The release that a Python says it has; nothing for a name that leads to none, as a version manager's may."""
    ask = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-I", "-c", ask], capture_output=True, text=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def compile_all(python: str, folder: Path) -> bool:
    """Compiles every module below a folder, beside its source; whether all could be."""
    command = [python, "-I", "-m", "compileall", "-q", "-f", "--invalidation-mode", "unchecked-hash"]
    command += ["-s", str(folder), "-p", _AT_LAMBDA, str(folder)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0
