"""A ladder of mornings, from 100 to 100,000 viewers, by each way; and what a quota or a setting that is moved does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.bench.simulation import ours, polling
from tests.bench.simulation.outcome import Outcome
from tests.bench.simulation.quotas import PUBLISHED, published
from tests.bench.simulation.workload import Durations, Site, Workload

VIEWERS = (100, 300, 1_000, 3_000, 10_000, 30_000, 100_000)

WAYS = (ours.SHARED, ours.ALONE, polling.POLLING)


@dataclass(frozen=True)
class Setting:
    """All that a morning stands on beside its viewers: quotas by name, ours, and how long things take."""

    quotas: Mapping[str, float] = field(default_factory=published)
    site: Site = field(default_factory=Site.of_template)
    durations: Durations = field(default_factory=Durations)

    def moved(self, name: str, value: float) -> "Setting":
        """The same with one quota, or parameter of ours, changed; raises `ValueError` for a name that is neither."""
        if name in PUBLISHED:
            return replace(self, quotas={**self.quotas, name: value})
        if name in Site.__dataclass_fields__:
            changed: dict[str, Any] = {name: type(getattr(self.site, name))(value)}
            return replace(self, site=replace(self.site, **changed))
        known = [*PUBLISHED, *Site.__dataclass_fields__]
        raise ValueError(f"No quota or setting {name!r}: there are {', '.join(known)}.")


@dataclass(frozen=True)
class Move:
    """What one does next, and what it changes."""

    words: str
    changes: Mapping[str, float]


MOVES: Sequence[Move] = (
    Move("as deployed", {}),
    Move("`RequestsPerSecond` 10,000, `RequestBurst` 5,000", {"requests_per_second": 10_000, "request_burst": 5_000}),
    Move("Cognito's token quota 2,000 a second", {"cognito_token": 2_000}),
    Move("table warmed up to its quota", {"table_writes": 40_000, "table_reads": 40_000}),
    Move("shared keys of the table in 16 parts", {"key_parts": 16}),
    Move("Lambda's concurrency 10,000", {"lambda_concurrency": 10_000}),
    Move("new connections 2,000 a second", {"new_connections": 2_000}),
    Move("account's requests 50,000 a second", {"account_requests": 50_000}),
)
"""One after the other, each on top of those before it."""


def morning(way: str, workload: Workload, setting: Setting) -> Outcome:
    """One morning by one of `WAYS`."""
    if way == polling.POLLING:
        return polling.simulate(workload, setting.quotas, setting.site, setting.durations)
    return ours.simulate(workload, setting.quotas, setting.site, setting.durations, way == ours.SHARED)


def mornings(workload: Workload, setting: Setting, numbers: Sequence[int]) -> Iterator[Outcome]:
    """For each number of viewers a morning by each way."""
    for viewers in numbers:
        for way in WAYS:
            yield morning(way, replace(workload, viewers=viewers), setting)


def moves(workload: Workload, setting: Setting, steps: Sequence[Move] = MOVES) -> Iterator[tuple[Move, Outcome]]:
    """A morning of ours after each of the moves."""
    for step in steps:
        for name, value in step.changes.items():
            setting = setting.moved(name, value)
        yield step, morning(ours.SHARED, workload, setting)


def moved_mornings(workload: Workload, setting: Setting, numbers: Sequence[int]) -> Iterator[Outcome]:
    """For each number of viewers a morning of ours after all moves."""
    for step in MOVES:
        for name, value in step.changes.items():
            setting = setting.moved(name, value)
    for viewers in numbers:
        yield morning(ours.SHARED, replace(workload, viewers=viewers), setting)


def first_wall(way: str, workload: Workload, setting: Setting) -> Outcome:
    """The smallest morning, to a part in fifty, in which somebody waits at a quota for longer than is not noticed."""
    clear, viewers = 0, 50
    while not (met := morning(way, replace(workload, viewers=viewers), setting)).first_wall:
        clear, viewers = viewers, viewers * 2
    while viewers - clear > max(viewers // 50, 1):
        middle = (clear + viewers) // 2
        between = morning(way, replace(workload, viewers=middle), setting)
        if between.first_wall:
            viewers, met = middle, between
        else:
            clear = middle
    return met
