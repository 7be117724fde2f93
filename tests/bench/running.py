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
from tests.bench.tables import Table

Suite = Callable[[], Iterable[object]]
"""Yields tables and lines, which are printed, and `Measure`s and a `Calibration`, which are kept."""


def measured(name: str, suite: Suite, seconds: float, folder: Path = FOLDER) -> Outcome | None:
    """The suite's outcome, written too; None, with the reason on stderr, where it could not measure.

    It has failed as well when its time is over. What it measured until then is printed and not written. What an earlier
    run wrote is gone in any case.
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
        return _failed(outcome, f". {reason}\n")
    except Exception:
        return _failed(outcome, f":\n{traceback.format_exc()}")
    if outcome.measures:
        _tell(outcome.table())
    outcome.write(folder)
    return outcome


def _failed(outcome: Outcome, reason: str) -> None:
    if outcome.measures:
        _tell(outcome.table())
    what = f"{outcome.suite} was not measured to its end" if outcome.measures else f"{outcome.suite} was not measured"
    sys.stderr.write(what + reason)


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
    """How much time a suite has, its own and no more than is left of the whole run, and how long each took."""

    def __init__(self, run_seconds: float) -> None:
        self._run_seconds = run_seconds
        self._began = time.monotonic()
        self._took: dict[str, tuple[float, float]] = {}

    @contextmanager
    def turn_of(self, suite: str, own: float) -> Iterator[float]:
        """While a suite runs, of `own` seconds: the seconds that it has, which may be negative."""
        began = time.monotonic()
        yield min(own, self._began + self._run_seconds - began)
        self._took[suite] = (time.monotonic() - began, own)

    def table(self) -> Table:
        """How long each suite took, beside what it may take, and all of them together."""
        taken = {**self._took, "all": (time.monotonic() - self._began, self._run_seconds)}
        lines = [(name, f"{took:.0f} s", f"{most:.0f} s") for name, (took, most) in taken.items()]
        return Table("How long the suites took", ("suite", "took", "may take"), lines)
