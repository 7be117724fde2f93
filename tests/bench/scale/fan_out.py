"""One statement ends, and 1, 10, 100 or 1,000 tabs wait for it: from its end until the first and the last are told.

The tabs are sockets of one dashboard process, which hold nothing but their wait. They all ask for the same report,
whose statement ends when it is let, so that every tab waits by then. Growth is the time of the last of 1,000 beside ten
times that of the last of 100.
"""

import statistics
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tests.bench import bounds, requirements
from tests.bench.outcome.measures import Measure, of_goes
from tests.bench.scale.crowd import Crowd, crowd
from tests.bench.scale.site import Site, site
from tests.bench.tables import Table

REPORT = "fan_out"
RUN = {"action": "run", "topicName": REPORT, "report": REPORT, "parameters": {}}
PEOPLE = -(-max(bounds.FAN_OUT_TABS) // bounds.TABS_OF_A_PERSON)

SPREAD_SECONDS = 1.0
"""The target: so long after the first of 1,000 tabs the last is told."""


@dataclass(frozen=True)
class Told:
    """Seconds from the end of one statement until the first and the last tab were told, and its cost until then."""

    first: float
    last: float
    laptop: float
    dashboard: float


def suite() -> Iterator[object]:
    """Some statements for each number of tabs, after one that nobody measures."""
    requirements.open_files(bounds.OPEN_FILES)
    requirements.memory(2_000)
    told: dict[int, Sequence[Told]] = {}
    with site(bounds.TRIP_ROWS, by_event=True) as running, crowd(running.stack, PEOPLE) as tabs:
        running.publish_gate(REPORT)
        tabs.do("open", 60, count=1)
        end_told(running, tabs, 1)
        for count in bounds.FAN_OUT_TABS:
            tabs.do("open", bounds.OPENING_SECONDS, count=count)
            told[count] = [end_told(running, tabs, count) for _ in range(bounds.FAN_OUT_ROUNDS)]
    yield _table(told)
    yield from _measures(told)


def end_told(running: Site, tabs: Crowd, count: int) -> Told:
    """Has so many tabs wait for one statement, lets it end, and returns when they were told."""
    asked = tabs.do("ask", bounds.ANSWER_SECONDS, run=RUN, tabs=count)
    assert not asked["ended"], f"{asked['ended']} tabs were told an end before there was one"
    before = running.cost()
    ended = running.open_gate(REPORT)
    at = tabs.do("told", bounds.ANSWER_SECONDS)["at"]
    spent = running.cost() - before
    return Told(min(at) - ended, max(at) - ended, spent.laptop, spent.dashboard)


def _measures(told: Mapping[int, Sequence[Told]]) -> Iterator[Measure]:
    for count, ends in told.items():
        yield of_goes(f"first_of_{count}_told", [end.first for end in ends], "s")
        yield of_goes(f"last_of_{count}_told", [end.last for end in ends], "s")
    most, tenth = max(told), max(told) // 10
    last, of_tenth = (statistics.median(end.last for end in told[count]) for count in (most, tenth))
    yield Measure(f"growth_from_{tenth}_to_{most}", last, "s", goes=len(told[most]), beside=10 * of_tenth)
    spread = [end.last - end.first for end in told[most]]
    yield of_goes(f"first_to_last_of_{most}", spread, "s", at_most=SPREAD_SECONDS)


def _table(told: Mapping[int, Sequence[Told]]) -> Table:
    lines = [
        (
            f"{count:,}",
            *(f"{statistics.median(getattr(end, name) for end in ends):.2f} s" for name in Told.__dataclass_fields__),
        )
        for count, ends in told.items()
    ]
    head = ("tabs", "first told", "last told", "laptop's processor", "dashboard's processor")
    return Table(f"From a statement's end, medians of {bounds.FAN_OUT_ROUNDS}", head, lines)
