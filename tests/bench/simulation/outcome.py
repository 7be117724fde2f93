"""What came of a morning: who was complete when, what was called how often, what was waited for, what it costs."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from tests.bench.simulation import prices
from tests.bench.simulation.workload import Workload

NOTICED_SECONDS = 1.0
"""What waits for longer than this at a quota has met a wall."""

PROMPT_SECONDS = 60.0
"""A viewer who is complete within this time has not noticed the crowd much."""


@dataclass
class Completion:
    """When each viewer has all panels; a panel that is ended twice is a mistake of the simulation."""

    came: list[float]
    panels: int
    ended: list[float] = field(init=False)
    _left: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.ended = list(self.came)
        self._left = [self.panels] * len(self.came)

    def end(self, viewer: int, at: float) -> None:
        """One panel of a viewer shows its rows."""
        self._left[viewer] -= 1
        assert self._left[viewer] >= 0, f"viewer {viewer} has more panels than the page"
        self.ended[viewer] = max(self.ended[viewer], at)

    def waits(self) -> list[float]:
        """Of each viewer, seconds from coming to complete, the shortest first; raises if one is not complete."""
        assert not any(self._left), f"{sum(map(bool, self._left))} viewers were never complete"
        return sorted(end - came for came, end in zip(self.came, self.ended, strict=True))


@dataclass(frozen=True)
class Outcome:
    """A morning by one way. Seconds are counted from a viewer's coming, `all_seconds` from nine o'clock.

    `walls` are the longest waits at each quota, the longest first; `usage` is what `prices` bills. `too_busy` panels
    were told so, and asked again; `refused` calls are tries that came to nothing.
    """

    way: str
    workload: Workload
    half_seconds: float
    most_seconds: float
    all_seconds: float
    prompt_share: float
    statements: int
    statement_seconds: float
    calls: Mapping[str, float]
    walls: Mapping[str, float]
    usage: Mapping[str, float]
    too_busy: int = 0
    refused: int = 0

    @property
    def first_wall(self) -> str:
        """The quota that was waited for the longest; empty when nobody noticed one."""
        name, seconds = next(iter(self.walls.items()), ("", 0.0))
        return name if seconds > NOTICED_SECONDS else ""

    @property
    def dollars(self) -> float:
        """What the morning costs beside the warehouse."""
        return sum(prices.bill(self.usage).values())

    @property
    def all_calls(self) -> float:
        """Calls of the Data API."""
        return sum(self.calls.values())


def outcome(
    way: str,
    workload: Workload,
    completion: Completion,
    seconds_of_statements: list[float],
    calls: Counter[str],
    walls: Mapping[str, float],
    usage: Mapping[str, float],
    too_busy: int = 0,
    refused: int = 0,
) -> Outcome:
    """Adds a morning up."""
    waits = completion.waits()
    return Outcome(
        way,
        workload,
        half_seconds=waits[len(waits) // 2],
        most_seconds=waits[min(math.ceil(len(waits) * 0.95), len(waits) - 1)],
        all_seconds=max(completion.ended),
        prompt_share=sum(wait <= PROMPT_SECONDS for wait in waits) / len(waits),
        statements=len(seconds_of_statements),
        statement_seconds=sum(seconds_of_statements),
        calls=calls,
        walls=walls,
        usage=usage,
        too_busy=too_busy,
        refused=refused,
    )
