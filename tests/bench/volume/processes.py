"""The processes of a site, and the processor time that they have taken."""

import subprocess

from tests.bench.runs import processor


def below(pid: int) -> set[int]:
    """A process and all that it has started, and those they have."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True, timeout=10)
    pairs = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    found = {pid}
    while more := {child for child, parent in pairs if parent in found} - found:
        found |= more
    return found


def processor_of_site(pid: int) -> float:
    """Seconds of processor of the laptop's AWS, which is the process `pid`, and of the dashboard below it."""
    return sum(map(processor, below(pid)))
