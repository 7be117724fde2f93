"""The outcome of the turn suite for the terminal: ratios first, then each load."""

import math
import statistics
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.tables import Table


@dataclass(frozen=True)
class Load:
    """One load: statements beside distinct questions, and for each tab the seconds from the event to its last panel."""

    statements: int
    redrawn: Sequence[float]
    """Of the browser's pages: until the last panel was redrawn."""

    told: Sequence[float]
    """Of the other tabs: until the last `finished`."""

    drawn: Sequence[float]
    """Of the other tabs: until the last drawing was there."""

    processor: Sequence[float]
    """Seconds of processor that the laptop's AWS took until then: a single value of one load."""


@dataclass(frozen=True)
class Quiet:
    """What all browser's pages sent and got while nothing changed, and the statements that were run for all tabs."""

    traffic: Counter[str]
    statements: int


@dataclass(frozen=True)
class Turned:
    """What was measured of pages that are told: all loads, and what the browser's pages cost while all was quiet."""

    loads: Sequence[Load]
    questions: int
    panels: int
    tabs: int
    pages: int
    quiet: Quiet


@dataclass(frozen=True)
class Refreshed:
    """The same of pages that ask every so many seconds; `redrawn` as above, from the load.

    All are pages in a browser; `round_seconds` is how long it takes to renew all panels of as many tabs as ours.
    """

    redrawn: Sequence[Sequence[float]]
    pages: int
    round_seconds: float
    interval: int
    quiet: Quiet


TRAFFIC = {
    "requests": "HTTP requests",
    "messages": "socket messages but heartbeats",
    "heartbeats": "heartbeats of the socket",
}
"""What a browser's page sends and gets, with words for it."""


def percentile_95(values: Sequence[float]) -> float:
    """The value that 95 of 100 do not exceed."""
    return sorted(values)[math.ceil(0.95 * len(values)) - 1]


def ratios(turned: Turned, refreshed: Refreshed, quiet_seconds: int) -> Table:
    """Ours beside the refreshing page, for each tab."""
    loads, every = turned.loads, f"every {refreshed.interval} s"
    stale = [seconds for load in loads for seconds in load.redrawn]
    plain_stale = [seconds for load in refreshed.redrawn for seconds in load]
    quiet = f"in {quiet_seconds} s without a change"
    lines = [
        _seconds("from a load to a page's last redraw, median", *map(statistics.median, (stale, plain_stale))),
        _seconds("the same, 95th percentile", *map(percentile_95, (stale, plain_stale))),
        _seconds(f"until {turned.tabs} tabs on either site show it", _all_drawn(loads), refreshed.round_seconds),
        _counts(f"statements of a tab {quiet}", _of(turned.quiet.statements, turned.tabs), _plain(refreshed)),
        *(_traffic(f"{words} of a page {quiet}", name, turned, refreshed) for name, words in TRAFFIC.items()),
    ]
    asked = sum(load.statements for load in loads) / len(loads)
    question = (
        f"Statements of a load to distinct questions: {asked / turned.questions:.2f} "
        f"({asked:.0f} to {turned.questions}, for {turned.panels} panels of {turned.tabs} tabs).",
    )
    head = ("measure", "ratio", f"told, {turned.tabs} tabs", f"{every}, {refreshed.pages} tabs")
    return Table("Pages that turn beside pages that refresh", head, lines, question)


def _all_drawn(loads: Sequence[Load]) -> float:
    """Seconds from a load until the last tab has drawn it, in the median of the loads."""
    return statistics.median(max([*load.redrawn, *load.drawn]) for load in loads)


def each_load(loads: Sequence[Load], asked: int, pages: int) -> Table:
    """A line for each load, and the medians and 95th percentiles of all tabs below."""
    lines = [_line(f"load {number}", load, asked, max) for number, load in enumerate(loads, 1)]
    together = Load(
        sum(load.statements for load in loads),
        [each for load in loads for each in load.redrawn],
        [each for load in loads for each in load.told],
        [each for load in loads for each in load.drawn],
        [each for load in loads for each in load.processor],
    )
    questions = asked * len(loads)
    lines.append(_line("all tabs, median", together, questions, statistics.median))
    lines.append(_line("all tabs, 95th percentile", together, questions, percentile_95))
    head = ("until the last of", "statements", "redrawn, browser", "finished, others", "drawn, others", "processor")
    notes = (
        f"{pages} tabs are pages in a browser; the others are clients of the bridge's WebSocket, which ask the "
        "dashboard for each drawing and draw nothing.",
        "Processor: of the laptop's AWS, which is one process; the dashboard, the browser and the tabs share the rest.",
    )
    return Table("Each load, from its event", head, lines, notes)


def _line(name: str, load: Load, questions: int, of: Callable[[Sequence[float]], float]) -> tuple[str, ...]:
    times = (of(part) for part in (load.redrawn, load.told, load.drawn, load.processor))
    return (name, f"{load.statements} to {questions}", *(f"{seconds:.2f} s" for seconds in times))


def _seconds(name: str, ours: float, plain: float) -> tuple[str, ...]:
    return name, f"{ours / plain:.2f}", f"{ours:.2f} s", f"{plain:.2f} s"


def _counts(name: str, ours: float, plain: float) -> tuple[str, ...]:
    return name, f"{ours / plain:.2f}" if plain else "", f"{ours:.1f}", f"{plain:.1f}"


def _traffic(words: str, name: str, turned: Turned, refreshed: Refreshed) -> tuple[str, ...]:
    return _counts(
        words, _of(turned.quiet.traffic[name], turned.pages), _of(refreshed.quiet.traffic[name], refreshed.pages)
    )


def _plain(refreshed: Refreshed) -> float:
    return _of(refreshed.quiet.statements, refreshed.pages)


def _of(count: int, tabs: int) -> float:
    return count / tabs
