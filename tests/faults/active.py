"""The faults that are switched on. Used by `switches` and `failing_calls`."""

import threading
from collections.abc import Callable
from typing import TypeVar

from tests.faults.kinds import Fault

Kind = TypeVar("Kind", bound=Fault)


class ActiveFaults:
    """All of them, for many threads. While there are none, asking is free."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._faults: list[Fault] = []

    @property
    def are_none(self) -> bool:
        """Whether nothing is switched on."""
        return not self._faults

    def add(self, fault: Kind) -> Kind:
        """Switches it on, and gives it back."""
        with self._lock:
            self._faults.append(fault)
        return fault

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Those of a kind."""
        return [fault for fault in self._faults if isinstance(fault, kind)]

    def mend(self, *faults: Fault) -> None:
        """Ends these faults, or all; what they hold up goes on."""
        with self._lock:
            ended = list(faults) or self._faults
            self._faults = [fault for fault in self._faults if fault not in ended]
        for fault in ended:
            fault.mend()

    def strike(self, kind: type[Kind], concerned: Callable[[Kind], bool] = lambda _: True) -> Kind | None:
        """The fault of a kind that happens now, if one is concerned; counts it."""
        if self.are_none:
            return None
        with self._lock:
            for fault in self._faults:
                if isinstance(fault, kind) and fault.is_active and concerned(fault):
                    fault.happened += 1
                    return fault
        return None
