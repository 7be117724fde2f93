"""Idle tabs on one dashboard process: what each of 100, 1,000 and 5,000 holds of memory, and how soon one is told.

Tabs are sockets that hold nothing but their connection, as a page's does once it is drawn; each has its own connection
to the gateway and a heartbeat every eight seconds. Memory is the growth of the dashboard's processes since the first
ten tabs, which have been told an end as well. Beside the deliveries with many tabs stand those with the fewest.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.bench import bounds, requirements
from tests.bench.outcome.measures import KILOBYTES, Measure, of_goes, percentile
from tests.bench.scale.crowd import Crowd, crowd
from tests.bench.scale.fan_out import REPORT, end_told
from tests.bench.scale.site import Site, site
from tests.bench.tables import Table

FIRST = 10
"""Tabs before the first look at memory: what the first of all bring along is no tab's."""

PEOPLE = -(-max(bounds.IDLE_TABS) // bounds.TABS_OF_A_PERSON)

MOST_KILOBYTES = 100
"""The target for each of the most tabs."""


@dataclass(frozen=True)
class Idle:
    """So many open tabs: the kilobytes of each, the seconds in which the last were opened and those of deliveries."""

    tabs: int
    kilobytes: float
    opened: float
    deliveries: Sequence[float]


def suite() -> Iterator[object]:
    """Opens more and more tabs."""
    requirements.open_files(bounds.OPEN_FILES)
    requirements.memory(4_000)
    with site(bounds.TRIP_ROWS, by_event=True) as running, crowd(running.stack, PEOPLE) as tabs:
        running.publish_gate(REPORT)
        tabs.do("open", 60, count=FIRST)
        end_told(running, tabs, FIRST)
        before = running.memory()
        idle = [_idle(running, tabs, count, before) for count in bounds.IDLE_TABS]
    yield _table(idle)
    yield from _measures(idle)


def _idle(running: Site, tabs: Crowd, count: int, before: float) -> Idle:
    opened = tabs.do("open", bounds.OPENING_SECONDS, count=count)
    assert opened["tabs"] == count, f"{opened['tabs']:,} of {count:,} tabs were opened"
    kilobytes = (running.memory() - before) * 1000 / (count - FIRST)
    deliveries = [end_told(running, tabs, 1).last for _ in range(bounds.DELIVERIES)]
    return Idle(count, kilobytes, opened["seconds"], deliveries)


def _measures(idle: Sequence[Idle]) -> Iterator[Measure]:
    most = max(bounds.IDLE_TABS)
    for each in idle:
        target = {"at_most": MOST_KILOBYTES} if each.tabs == most else {}
        fewest = idle[0].deliveries if each is not idle[0] else ()
        yield Measure(f"kilobytes_of_each_of_{each.tabs}", each.kilobytes, KILOBYTES, **target)
        yield of_goes(f"told_with_{each.tabs}_open", each.deliveries, "s", fewest)


def _table(idle: Sequence[Idle]) -> Table:
    lines = [
        (
            f"{each.tabs:,}",
            f"{each.kilobytes:.0f} kB",
            f"{each.opened:.1f} s",
            f"{percentile(each.deliveries, 50) * 1000:.0f} ms",
            f"{percentile(each.deliveries, 90) * 1000:.0f} ms",
        )
        for each in idle
    ]
    head = ("idle tabs", "each", "the last opened in", "told after", "90th percentile")
    return Table(f"Idle tabs on one dashboard process, {bounds.DELIVERIES} deliveries to one of them", head, lines)
