"""How much memory processes come to hold while something goes on: the growth of their resident set (RSS)."""

import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

_EVERY = 0.25
"""Seconds between two looks."""


@dataclass
class Growth:
    """What groups of processes held at first, and the most that each held since, in MB."""

    first: Mapping[str, float]
    most: dict[str, float] = field(default_factory=dict)

    def megabytes(self, name: str) -> float:
        """How much a group has grown at the most."""
        return self.most[name] - self.first[name]

    def look(self, now: Mapping[str, float]) -> None:
        """Takes in what the groups hold now."""
        self.most = {name: max(self.most.get(name, 0), held) for name, held in now.items()}


@contextmanager
def growth_of_site(pid: int) -> Iterator[Growth]:
    """The growth of the laptop's AWS, which is the process `pid`, and of the dashboard below it."""
    growth, over = Growth(held(pid)), threading.Event()

    def watch() -> None:
        while not over.wait(_EVERY):
            growth.look(held(pid))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield growth
    finally:
        over.set()
        watcher.join()
        growth.look(held(pid))


def held(pid: int) -> Mapping[str, float]:
    """What the runtime and all processes below it hold, in MB."""
    sizes = dict(tree(pid))
    runtime = sizes.pop(pid)
    return {"runtime": runtime, "dashboard": sum(sizes.values())}


def tree(pid: int) -> Mapping[int, float]:
    """A process and all that are below it, and the MB that each holds."""
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True, timeout=10
    )
    processes = [tuple(map(int, line.split())) for line in listed.stdout.splitlines()]
    below = {pid}
    while more := {child for child, parent, _ in processes if parent in below} - below:
        below |= more
    return {process: kilobytes / 1000 for process, _, kilobytes in processes if process in below}
