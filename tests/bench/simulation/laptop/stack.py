"""The suite `morning`, simulated: the laptop's stack, whose only quotas are its processors.

Three programs share them, one interpreter each: the laptop's AWS, the dashboard and the viewers. What each step of a
page costs them, and a statement, is measured where nothing else goes on, and how much more a page is in a crowd by the
small morning; the large one is foretold by them. So it tells whether sharing, queueing and the order of steps are
understood, before the account is simulated.
"""

from collections import deque
from collections.abc import Generator, Mapping
from typing import Any

import simpy

from dashboard.bridge.tab_bridge import BridgeLimits
from tests.bench.simulation.laptop.morning_file import PROGRAMS, Costs, Crowd, Measured
from tests.bench.simulation.outcome import Completion
from tests.bench.simulation.workload import Question

TOLERANCE = 0.2
"""By how much a foretold measure may differ from the measured one."""

OTHER_EVERY = 5
"""One viewer of so many has the other month, as in the suite."""


LOOP_TURNS = {"document": 2, "links": 2, "favourites": 2, "socket": 5, "runs": 4, "drawings": 2, "statement": 2}
"""How often a step comes to the end of the dashboard's queue: its loop serves whoever waits for nothing, in order."""


def costs_in_crowd(measured: Measured) -> Costs:
    """Of the steps in a crowd, by the small one: what it spent besides its statements, as its pages' steps share it."""
    small, statement = measured.small, measured.steps["statement"]
    of_page = {name: step for name, step in measured.steps.items() if name != "statement"}

    def dearer(program: str) -> float:
        of_pages = small.processor_seconds[program] - small.statements * statement[program]
        return of_pages / small.viewers / sum(step[program] for step in of_page.values())

    by_program = {program: dearer(program) for program in PROGRAMS}
    crowded = {
        name: {program: seconds * by_program[program] for program, seconds in step.items()}
        for name, step in of_page.items()
    }
    return crowded | {"statement": statement}


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

    def __init__(self, crowd: Crowd, costs: Costs, processors: int) -> None:
        self._env = simpy.Environment()
        machine = Machine(self._env, processors)
        self._laptop, self._dashboard, self._viewers = (Program(machine) for _ in PROGRAMS)
        self._opening = simpy.Resource(self._env, BridgeLimits().opened_at_once)
        self._crowd, self._costs = crowd, costs
        self._ends: dict[Question, simpy.Process] = {}
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
            "result_fetches": len(self._ends),
            "half_complete_seconds": waits[(len(waits) - 1) // 2],
            "all_complete_seconds": waits[-1],
            "errors": 0,
        }

    def _viewer(self, viewer: int, at: float, month: int) -> Generator[simpy.Event, Any, None]:
        """A page is complete when it is drawn; links and favourites, besides, only take their time."""
        yield self._env.timeout(at)
        yield self._step("document")
        self._env.process(self._beside())
        with self._opening.request() as turn:
            yield turn
            yield self._step("socket")
        yield self._step("runs") & self._statements(month)
        yield self._step("drawings")
        self._completion.end(viewer, self._env.now)

    def _beside(self) -> Generator[simpy.Event, Any, None]:
        yield self._step("links")
        yield self._step("favourites")

    def _step(self, name: str) -> simpy.Process:
        return self._env.process(self._through(self._costs[name], LOOP_TURNS[name]))

    def _through(self, costs: Mapping[str, float], turns: int) -> Generator[simpy.Event, Any, None]:
        """From the viewer to the dashboard, on to the laptop's AWS and back."""
        yield self._viewers.work(costs["viewers"] / 2)
        for turn in range(turns):
            yield self._dashboard.work(costs["dashboard"] / turns)
            if turn == (turns - 1) // 2:
                yield self._laptop.work(costs["laptop"])
        yield self._viewers.work(costs["viewers"] / 2)

    def _statements(self, month: int) -> simpy.Event:
        """The ends of the page's questions: each is the work of who has asked first."""
        questions = [(panel, month) for panel in range(self._crowd.panels)]
        for question in questions:
            if question not in self._ends:
                self._ends[question] = self._step("statement")
        return self._env.all_of([self._ends[question] for question in questions])


def foretold(measured: Measured) -> dict[str, tuple[float, float]]:
    """Each measure of the large morning as it is foretold, and as it was measured."""
    found = Morning(measured.large, costs_in_crowd(measured), measured.processors).run()
    return {name: (found[name], value) for name, value in measured.measures.items()}


def small_seconds(measured: Measured) -> tuple[float, float]:
    """When all of the small morning were complete: simulated and measured. Far apart, the machine had other work."""
    small = Morning(measured.small, costs_in_crowd(measured), measured.processors).run()
    return small["all_complete_seconds"], measured.small.all_seconds


def difference(foretold: float, measured: float) -> float:
    """By which part of the measured value the foretold one differs; of none there is none, or all."""
    if not measured:
        return float(bool(foretold))
    return abs(foretold - measured) / abs(measured)
