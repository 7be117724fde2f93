"""The suite `morning`, simulated: the laptop's stack, whose only quotas are its processors.

Three programs share them: the laptop's AWS and the dashboard, one interpreter each, and the viewers. What a page costs
each is measured by the small morning, and how much of that its runs are by themselves; the large morning is foretold by
them. So it tells whether sharing, queueing and the order of steps are understood, before the account is simulated.
"""

from collections import deque
from collections.abc import Generator, Mapping
from dataclasses import dataclass
from typing import Any

import simpy

from tests.bench.simulation.laptop.morning_file import Crowd, Measured
from tests.bench.simulation.outcome import Completion
from tests.bench.simulation.workload import Question

TOLERANCE = 0.2
"""By how much a foretold measure may differ from the measured one."""

OTHER_EVERY = 5
"""One viewer of so many has the other month, as in the suite."""


@dataclass(frozen=True)
class Services:
    """Processor seconds: of the laptop's AWS a run, and a page besides its runs; of the others a page.

    `fetches` is how often the rows of one statement are asked for.
    """

    run: float
    page: float
    dashboard: float
    viewer: float
    fetches: float
    processors: int

    @classmethod
    def of(cls, measured: Measured) -> "Services":
        """By the small morning; of a page in its crowd the runs are as large a part as of a page alone."""
        small = measured.small
        page = small.laptop_seconds / small.viewers
        runs = min(measured.run_seconds * small.panels / measured.page_seconds, 1.0) * page
        return cls(
            run=runs / small.panels,
            page=page - runs,
            dashboard=small.dashboard_seconds / small.viewers,
            viewer=small.viewers_seconds / small.viewers,
            fetches=small.result_fetches / small.statements,
            processors=measured.processors,
        )


class Machine:
    """Processors that programs share: where more programs are busy than there are, all are slower."""

    def __init__(self, env: simpy.Environment, processors: int) -> None:
        self.env = env
        self.processors = processors
        self.busy = 0


class Program:
    """One interpreter: it does one thing at a time, in the order in which things come."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._waiting: deque[tuple[float, simpy.Event]] = deque()
        self._is_busy = False

    def work(self, seconds: float) -> simpy.Event:
        """An event that comes when so many seconds of processor were spent on this."""
        done = self._machine.env.event()
        self._waiting.append((seconds, done))
        if not self._is_busy:
            self._is_busy = True
            self._machine.env.process(self._works())
        return done

    def _works(self) -> Generator[simpy.Event, Any, None]:
        machine = self._machine
        machine.busy += 1
        while self._waiting:
            seconds, done = self._waiting.popleft()
            yield machine.env.timeout(seconds * max(machine.busy / machine.processors, 1.0))
            done.succeed()
        machine.busy -= 1
        self._is_busy = False


class Morning:
    """A crowd that comes to the laptop's stack. Times are in seconds since the first viewer."""

    def __init__(self, crowd: Crowd, services: Services) -> None:
        self._env = simpy.Environment()
        machine = Machine(self._env, services.processors)
        self._laptop, self._dashboard, self._viewers = (Program(machine) for _ in range(3))
        self._crowd, self._services = crowd, services
        self._ends: dict[Question, simpy.Event] = {}
        came = [crowd.arrival_seconds * number / crowd.viewers for number in range(crowd.viewers)]
        self._completion = Completion(came, panels=1)
        for viewer, at in enumerate(came):
            self._env.process(self._viewer(viewer, at, month=int(viewer % OTHER_EVERY == 0)))

    def run(self) -> Mapping[str, float]:
        """The measures that the suite tells, by its names."""
        self._env.run()
        waits = self._completion.waits()
        return {
            "statements": len(self._ends),
            "result_fetches": self._services.fetches * len(self._ends),
            "half_complete_seconds": waits[(len(waits) - 1) // 2],
            "all_complete_seconds": waits[-1],
            "errors": 0,
        }

    def _viewer(self, viewer: int, at: float, month: int) -> Generator[simpy.Event, Any, None]:
        """The document and the socket, the runs, then the drawings, whose rows the dashboard has from the second on."""
        services = self._services
        yield self._env.timeout(at)
        yield self._viewers.work(services.viewer / 2)
        yield self._dashboard.work(services.dashboard / 2)
        yield self._laptop.work(services.page)
        yield self._env.all_of([self._run((panel, month)) for panel in range(self._crowd.panels)])
        yield self._dashboard.work(services.dashboard / 2)
        yield self._viewers.work(services.viewer / 2)
        self._completion.end(viewer, self._env.now)

    def _run(self, question: Question) -> simpy.Event:
        """A run's end: its own work, and the statement, which is the work of who has asked first."""
        own = self._laptop.work(self._services.run)
        first = self._ends.setdefault(question, own)
        return own & first


def foretold(measured: Measured) -> dict[str, tuple[float, float]]:
    """Each measure of the large morning as it is foretold by the small one, and as it was measured."""
    found = Morning(measured.large, Services.of(measured)).run()
    return {name: (found[name], value) for name, value in measured.measures.items()}


def small_seconds(measured: Measured) -> tuple[float, float]:
    """When all of the small morning were complete: simulated and measured. Far apart, the machine had other work."""
    return Morning(measured.small, Services.of(measured)).run()["all_complete_seconds"], measured.small.all_seconds


def difference(foretold: float, measured: float) -> float:
    """By which part of the measured value the foretold one differs; of none there is none, or all."""
    if not measured:
        return float(bool(foretold))
    return abs(foretold - measured) / abs(measured)
