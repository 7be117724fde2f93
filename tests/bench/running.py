"""Runs one suite within its time: prints what it yields, keeps what it measured, and says why it could not measure."""

import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.bench.outcome.machine import Machine
from tests.bench.outcome.outcome import FOLDER, Outcome, forget
from tests.bench.requirements import NotMeasured

Suite = Callable[[], Iterable[object]]
"""Yields tables and lines, which are printed, and `Measure`s and a `Calibration`, which are kept."""


def measured(name: str, suite: Suite, seconds: float, folder: Path = FOLDER) -> Outcome | None:
    """The suite's outcome, written too; None, with the reason on stderr, where it could not measure.

    It has failed as well when its time is over. What an earlier run wrote is gone in any case.
    """
    forget(name, folder)
    outcome = Outcome(name, Machine.now())
    sys.stdout.write(f"\n{name}: {outcome.machine}\n")
    try:
        with _at_most(seconds):
            for part in suite():
                if not outcome.take(part):
                    _tell(part)
    except (NotMeasured, AssertionError) as reason:
        sys.stderr.write(f"{name} was not measured. {reason}\n")
        return None
    except Exception:
        sys.stderr.write(f"{name} was not measured:\n{traceback.format_exc()}")
        return None
    if outcome.measures:
        _tell(outcome.table())
    outcome.write(folder)
    return outcome


def _tell(part: object) -> None:
    sys.stdout.write(f"{part}\n")
    sys.stdout.flush()


@contextmanager
def _at_most(seconds: float) -> Iterator[None]:
    """Raises `NotMeasured` in the main thread once the time is over."""

    def end(number: int, frame: FrameType | None) -> None:
        raise NotMeasured(f"It was not done after {seconds:.0f} s.")

    if seconds <= 0:
        raise NotMeasured("The suites before it took all the time that one run has.")
    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


class Clock:
    """How much time a suite has: its own, and no more than is left of the whole run."""

    def __init__(self, run_seconds: float) -> None:
        self._ends_at = time.monotonic() + run_seconds

    def seconds(self, own: float) -> float:
        """The time of a suite that begins now; may be negative."""
        return min(own, self._ends_at - time.monotonic())
