"""What a suite needs of the machine before it measures: a browser, open files, memory. What is missing, it says."""

import resource
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.browser import on_this_machine


class NotMeasured(Exception):
    """Why a suite cannot measure here, in a sentence for the person at the terminal."""


def browser() -> str:
    """Chromium's executable; raises `NotMeasured` where there is none."""
    executable = on_this_machine()
    if not executable:
        raise NotMeasured("No Chromium was found: python -m tests.browser installs one.")
    return executable


def open_files(count: int) -> None:
    """Lets this process and those it starts open so many files; raises `NotMeasured` where the hard limit is lower."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < count:
        raise NotMeasured(f"{count:,} open files are needed, and ulimit -Hn allows {hard:,}.")
    if soft != resource.RLIM_INFINITY and soft < count:
        resource.setrlimit(resource.RLIMIT_NOFILE, (count, hard))


def memory(megabytes: int) -> None:
    """Raises `NotMeasured` unless so much memory is free, by the kernel's estimate; where it gives none, returns."""
    available = _memory_info().get("MemAvailable")
    if available is not None and available / 1000 < megabytes:
        raise NotMeasured(f"{megabytes:,} MB of memory are needed, and {available / 1000:,.0f} MB are free.")


def disk(needed: int, folder: Path | None = None) -> None:
    """Raises `NotMeasured` unless so many bytes are free where temporary files go, or in a folder."""
    folder = folder or Path(tempfile.gettempdir())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise NotMeasured(f"{needed / 1e9:,.1f} GB are needed in {folder}, and {free / 1e9:,.1f} GB are free.")


def _memory_info() -> Mapping[str, int]:
    """The kilobytes of `/proc/meminfo`; empty where there is no such file."""
    file = Path("/proc/meminfo")
    if not file.exists():
        return {}
    lines = (line.split() for line in file.read_text(encoding="ascii").splitlines())
    return {words[0].rstrip(":"): int(words[1]) for words in lines}
