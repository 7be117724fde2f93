"""What random walks have in common: functions that run call by call, many at once, in any order, and may die.

Used by `test_walks`, `test_walks_of_loads`, `test_walks_of_jobs` and `test_walks_of_everything`.
"""

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from threading import Thread
from typing import Any

from botocore.exceptions import ClientError
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule, run_state_machine_as_test

from backend_lambdas import clock
from backend_lambdas.handlers.reconcile import Unreconciled
from backend_lambdas.sockets.notifier import DeliveryFailed
from tests.backend_lambdas.lambda_fakes import Gate, Gated, World

Wrap = Callable[[Any], Any]
"""Puts a gate in front of a client."""

WALKS = int(os.environ.get("WALKS", "0"))
FEW, STEPS = 10, 40
PHASES = (Phase.generate, Phase.shrink)


class Killed(BaseException):
    """The sandbox is gone: nothing after it is done."""


class DeadlyGate(Gate):
    """Where a function waits before each of its calls, dies, or has the call refused."""

    dead = False
    refused = 0

    def arrive(self) -> None:
        if not self.dead:
            super().arrive()
        if self.dead:
            raise Killed
        if self.refused:
            self.refused -= 1
            raise ClientError({"Error": {"Code": "ProvisionedThroughputExceededException"}}, "Any")


@dataclass(frozen=True)
class Ids:
    """In the place of the module `uuid`, where ids are made that the walk is to tell; boto3's own stay unique."""

    chance: Random

    def uuid4(self) -> uuid.UUID:
        """Random, by the walk's own chance."""
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)


@dataclass
class Invocation:
    """A function that is under way, and what to do when it fails."""

    name: str
    gate: DeadlyGate
    thread: Thread
    again: Callable[[], None] | None = None


class Walking(RuleBasedStateMachine):
    """Functions under way in one world, by a clock of its own. `world` is set by `walked`."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.world.reset()
        self.now = 1_900_000_000_000
        clock.now = lambda: self.now  # type: ignore[assignment]
        clock.sleep = self.sleep  # type: ignore[assignment]
        self.invocations: list[Invocation] = []

    def sleep(self, duration: float) -> None:
        self.now += int(duration * 1000)

    def begin(self, name: str, do: Callable[[Wrap], object], again: Callable[[], None] | None = None) -> None:
        gate = DeadlyGate()
        thread = Thread(target=gate.run, args=(lambda: do(lambda client: Gated(client, gate)),), daemon=True)
        invocation = Invocation(name, gate, thread, again)
        self.invocations.append(invocation)
        thread.start()
        gate.wait_for_arrival()
        self.look_at(invocation)

    def step(self, invocation: Invocation, calls: int) -> None:
        for _ in range(calls):
            invocation.gate.open_once()
        self.look_at(invocation)

    def finish(self, invocation: Invocation) -> None:
        while not invocation.gate.ended:
            invocation.gate.open_once()
        self.look_at(invocation)

    def look_at(self, invocation: Invocation) -> None:
        """Once it has ended: what it raised is one of the things that may go wrong, or else a defect."""
        self.note_meanwhile(invocation)
        if not invocation.gate.ended or invocation not in self.invocations:
            return
        self.invocations.remove(invocation)
        invocation.thread.join(10)
        error = invocation.gate.error
        if isinstance(error, (Killed, ClientError, DeliveryFailed, Unreconciled)):
            if invocation.again:
                invocation.again()
        elif error:
            raise error

    def note_meanwhile(self, invocation: Invocation) -> None:
        """Called whenever a function has gone on."""

    @precondition(lambda self: self.invocations)
    @rule(data=st.data(), calls=st.integers(1, 6))
    def a_function_goes_on(self, data: st.DataObject, calls: int) -> None:
        self.step(self.any_invocation(data), calls)

    @precondition(lambda self: self.invocations)
    @rule(data=st.data())
    def a_function_comes_to_its_end(self, data: st.DataObject) -> None:
        self.finish(self.any_invocation(data))

    def any_invocation(self, data: st.DataObject) -> Invocation:
        return self.invocations[data.draw(st.integers(0, len(self.invocations) - 1))]

    def finish_everything(self) -> None:
        while self.invocations:
            self.finish(self.invocations[0])

    def end_everything(self) -> None:
        for invocation in list(self.invocations):
            invocation.gate.dead = True
            invocation.gate.open_once()


class Deadly(Walking):
    """Functions also die."""

    @precondition(lambda self: self.invocations)
    @rule(data=st.data())
    def a_function_dies(self, data: st.DataObject) -> None:
        invocation = self.any_invocation(data)
        invocation.gate.dead = True
        self.finish(invocation)


def walked(world: World, walk: type[Walking], few: int = FEW) -> None:
    """Walks as often as was asked for, else a few times; raises what does not hold, with the way that led there."""
    machine = type(walk.__name__, (walk,), {"world": world})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=WALKS or few,
            stateful_step_count=STEPS,
            derandomize=not WALKS,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            print_blob=True,
            phases=PHASES,
        ),
    )
