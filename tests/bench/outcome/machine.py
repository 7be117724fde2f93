"""What the figures belong to: the machine, and what else it did before they were measured."""

import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Machine:
    """`load_before` are the load averages of 1, 5 and 15 minutes."""

    processors: int
    memory_mb: int
    python: str
    system: str
    load_before: tuple[float, float, float]

    @classmethod
    def now(cls) -> Self:
        """This machine at this moment."""
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_000_000
        system = f"{platform.system()} {platform.release()} {platform.machine()}"
        return cls(os.cpu_count() or 1, memory, platform.python_version(), system, os.getloadavg())

    def __str__(self) -> str:
        load = ", ".join(f"{average:.1f}" for average in self.load_before)
        return (
            f"{self.processors} processors, {self.memory_mb:,} MB, Python {self.python}, {self.system}, "
            f"load before {load} (1, 5, 15 minutes)"
        )

    def as_json(self) -> Mapping[str, Any]:
        """As it is written; see `measures`."""
        return {
            "processors": self.processors,
            "memory_mb": self.memory_mb,
            "python": self.python,
            "system": self.system,
            "load_before": list(self.load_before),
        }
