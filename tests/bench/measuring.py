"""Measuring in turn: each round every contestant has its go, so that a busy moment of the machine hits them alike."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Contestant:
    """What is measured: `go` gives the measure of one go, such as seconds; it goes in the first `rounds` rounds."""

    name: str
    go: Callable[[], float]
    rounds: int


def in_turn(contestants: Sequence[Contestant]) -> Mapping[str, float]:
    """The median of each contestant's goes."""
    measured: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    for number in range(max(contestant.rounds for contestant in contestants)):
        for contestant in contestants:
            if number < contestant.rounds:
                measured[contestant.name].append(contestant.go())
    return {name: statistics.median(goes) for name, goes in measured.items()}


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
