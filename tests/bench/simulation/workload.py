"""Nine o'clock: who comes, what they ask, how long things take. All that is assumed stands here, as a parameter."""

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.local.cloudformation import intrinsics

TEMPLATE = Path(__file__).parents[3] / "infra" / "backend-setup.yaml"

Question = tuple[int, int]
"""Which panel of the page, and which month: equal ones are the same question."""


@dataclass(frozen=True)
class Workload:
    """Viewers who open one page in the same minute: each asks all its panels, some for another month.

    `other_share` of them look at one of `other_months`; they come evenly within `arrival_seconds` and have the page
    open for `open_seconds`. A statement takes `statement_seconds` at the median, and `warehouse_places` run at a
    time. `tables` is how many tables each report reads.
    """

    viewers: int
    panels: int = 8
    arrival_seconds: float = 60.0
    other_share: float = 0.2
    other_months: int = 1
    open_seconds: float = 3600.0
    statement_seconds: float = 1.5
    warehouse_places: int = 50
    tables: int = 1
    seed: int = 9

    @property
    def runs(self) -> int:
        """How many panels ask."""
        return self.viewers * self.panels

    def arrivals(self) -> list[tuple[float, int]]:
        """When each viewer comes, the first first, and the month looked at: 0 for the page's own."""
        dice = random.Random(self.seed)
        months = [dice.randint(1, self.other_months) if dice.random() < self.other_share else 0 for _ in self._all()]
        times = sorted(dice.uniform(0, self.arrival_seconds) for _ in self._all())
        return list(zip(times, months, strict=True))

    def _all(self) -> range:
        return range(self.viewers)

    def durations(self) -> Iterator[float]:
        """How long one statement after another runs: between half and twice the median, for most."""
        dice = random.Random(f"statements {self.seed}")
        while True:
            yield self.statement_seconds * dice.lognormvariate(0.0, 0.4)


@dataclass(frozen=True)
class Site:
    """What of ours limits a morning: parameters of `infra/backend-setup.yaml`, by its own names in small letters.

    Memory is in MiB; `key_parts` is into how many keys each key is divided that all viewers write or read: one.
    `tabs_per_process` is how many tabs a process of the dashboard serves, by assumption; it fetches rows once.
    """

    requests_per_second: float
    request_burst: float
    queue_seconds: float
    quick_seconds: float
    max_runs_per_department: int
    function_memory: float
    send_message_memory: float
    key_parts: int = 1
    tabs_per_process: int = 1000

    @classmethod
    def of_template(cls, path: Path = TEMPLATE) -> "Site":
        """As a stack is that is deployed without a word of its own."""
        parameters: Mapping[str, Mapping[str, float]] = intrinsics.load(path)["Parameters"]
        return cls(
            requests_per_second=float(parameters["RequestsPerSecond"]["Default"]),
            request_burst=float(parameters["RequestBurst"]["Default"]),
            queue_seconds=float(parameters["QueueSeconds"]["Default"]),
            quick_seconds=float(parameters["QuickSeconds"]["Default"]),
            max_runs_per_department=int(parameters["MaxRunsPerDepartment"]["Default"]),
            function_memory=float(parameters["FunctionMemory"]["Default"]),
            send_message_memory=float(parameters["SendMessageMemory"]["Default"]),
        )


@dataclass(frozen=True)
class Durations:
    """Seconds that things take where nothing queues. docs/operations.md reckons its costs with the same.

    `told` is what one subscriber more takes of the function that tells an end: by assumption, two milliseconds of a
    whole processor. `event` is from the end of a statement to its function.
    """

    authorizer: float = 0.15
    message: float = 0.15
    rows: float = 0.15
    drawing: float = 0.05
    reports: float = 0.30
    told: float = 0.002
    event: float = 0.5
    ping_every: float = 300.0
    refused_try: float = 10.0
    """Between two tries of an SDK that was refused many times: its back-off ends at 20 s, and is drawn by chance."""
