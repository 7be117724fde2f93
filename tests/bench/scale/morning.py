"""Nine in the morning: 1,000 viewers come within ten seconds to a page of eight panels.

A fifth of them look at another month. The page is Management, opened at addresses that name the month. Viewers are tabs
without a browser, in a process of their own that shares the machine: each gets the document, opens its socket, asks for
all panels and has them drawn, and gets what a page gets besides; files that a browser has in its cache are not asked
for. A smaller morning comes first, three times on months of its own: the one that took a middling time of the processor
counts, since other programs disturb so short a one.

Measures: `statements` that the warehouse ran, the `distinct_questions` that were asked, `result_fetches` (requests of
the dashboard for rows), `half_complete_seconds` and `all_complete_seconds` (from a viewer's coming until the last
drawing has arrived, of half and of all viewers; left out where so many never were complete), `errors` (pages that are
not complete; why is printed).

Calibration: `small` and `large` are the two mornings, each with `viewers`, `within_seconds`, `panels` (of a page),
`statements`, `distinct_questions`, `result_fetches`, `gateway_requests` (of the dashboard, by the first part of their
path), `reconnects` (sockets opened again), `errors`, `half_complete_seconds`, `p90_complete_seconds`,
`all_complete_seconds`, `span_seconds` (from the first viewer's coming to the last drawing), and the seconds of
processor spent by each process until then: `laptop_processor_seconds` (the laptop's AWS with its warehouse),
`dashboard_processor_seconds`, `viewers_processor_seconds`. `steps` are processor seconds of the `laptop`, the
`dashboard` and the `viewers` for each step of a page that is cached, on the small morning's site, where nothing else
goes on (`tests/bench/scale/page_steps.py`), and for a `statement` that answers one panel anew, besides those.
`processors` is how many the machine has.
"""

import math
import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tests.bench import bounds, requirements
from tests.bench.outcome.measures import COUNT, Calibration, Measure
from tests.bench.scale.crowd import Crowd, crowd
from tests.bench.scale.page_steps import STEPS
from tests.bench.scale.site import Cost, Site, site
from tests.bench.tables import Table

PAGE, PANELS = "/d/management", 8
ALONE = 80
"""How often each step of a page is done to learn what it costs."""

WARM_MONTH, LARGE_MONTHS = "2015-02", ("2015-12", "2015-11")
SMALL_MONTHS = (("2015-06", "2015-05"), ("2015-07", "2015-08"), ("2015-09", "2015-10"))
ALONE_MONTHS = ("2015-01", "2015-03", "2015-04")
OTHER_EVERY = 5
"""One viewer of so many has the other month."""

HALF_COMPLETE_SECONDS = 15
"""The target: half of the pages are complete within so many seconds of their viewer's coming."""


Spent = Mapping[str, float]
"""Seconds of processor, of the `laptop`, the `dashboard` and the `viewers`."""


@dataclass(frozen=True)
class Morning:
    """What was measured of one morning; seconds of processor are those spent until its last drawing."""

    visits: Mapping[str, Any]
    statements: int
    requests: Counter[str]
    within: float
    span: float
    spent: Cost
    viewers_spent: float

    @property
    def complete(self) -> list[float]:
        """The seconds of each page that was complete."""
        return [seconds for seconds in self.visits["complete"] if seconds is not None]

    def within_which(self, percent: float) -> float | None:
        """Seconds in which so many percent of all pages were complete; None where fewer ever were."""
        count = math.ceil(percent / 100 * len(self.visits["complete"]))
        return sorted(self.complete)[count - 1] if count <= len(self.complete) else None

    @property
    def questions(self) -> int:
        """How many different ones were asked."""
        return len(self.visits["questions"])

    @property
    def words(self) -> str:
        """What went wrong, in a few words."""
        trouble = self.visits["trouble"]
        return f"{len(trouble)} errors, the first: {trouble[0][:300]}" if trouble else "no error"

    def as_json(self) -> Mapping[str, Any]:
        """As `calibration` has it."""
        return {
            "viewers": len(self.visits["complete"]),
            "within_seconds": self.within,
            "panels": PANELS,
            "statements": self.statements,
            "distinct_questions": self.questions,
            "result_fetches": self.requests["results"],
            "gateway_requests": dict(self.requests),
            "reconnects": self.visits["reconnects"],
            "errors": len(self.visits["trouble"]),
            "half_complete_seconds": self.within_which(50),
            "p90_complete_seconds": self.within_which(90),
            "all_complete_seconds": self.within_which(100),
            "span_seconds": self.span,
            "laptop_processor_seconds": self.spent.laptop,
            "dashboard_processor_seconds": self.spent.dashboard,
            "viewers_processor_seconds": self.viewers_spent,
        }


def suite() -> Iterator[object]:
    """A small morning, what single steps cost, and the large morning."""
    requirements.open_files(bounds.OPEN_FILES)
    requirements.memory(2_000)
    with site(bounds.TRIP_ROWS) as running, crowd(running.stack, bounds.MORNING_PEOPLE) as viewers:
        _visit(viewers, [f"{PAGE}?month={WARM_MONTH}"] * bounds.MORNING_PEOPLE, 5)
        viewers.do("leave", 60)
        small = _small(running, viewers)
        steps = _steps(running, viewers)
        large = _morning(running, viewers, LARGE_MONTHS, bounds.MORNING_VIEWERS, bounds.MORNING_SECONDS)
    yield _table(small, large)
    yield from _measures(large)
    mornings = {"small": small.as_json(), "large": large.as_json()}
    yield Calibration({**mornings, "steps": steps, "processors": os.cpu_count()})


def _small(running: Site, viewers: Crowd) -> Morning:
    """The small morning that took a middling time of the laptop's processor; one with errors, if there is any."""
    seconds = bounds.MORNING_SECONDS * bounds.MORNING_SMALL / bounds.MORNING_VIEWERS
    mornings = []
    for months in SMALL_MONTHS:
        mornings.append(_morning(running, viewers, months, bounds.MORNING_SMALL, seconds))
        viewers.do("leave", 60)
    for morning in mornings:
        if morning.visits["trouble"]:
            return morning
    return sorted(mornings, key=lambda morning: morning.spent.laptop)[len(mornings) // 2]


def _morning(running: Site, viewers: Crowd, months: tuple[str, str], count: int, seconds: float) -> Morning:
    before = running.cost(), viewers.processor, running.stack.statements(), running.gateway_requests()
    usual, other = (f"{PAGE}?month={month}" for month in months)
    paths = [other if number % OTHER_EVERY == 0 else usual for number in range(count)]
    began = time.monotonic()
    visits = _visit(viewers, paths, seconds)
    span, spent = time.monotonic() - began, running.cost() - before[0]
    return Morning(
        visits,
        len(running.stack.statements() - before[2]),
        running.gateway_requests() - before[3],
        seconds,
        span,
        spent,
        viewers.processor - before[1],
    )


def _visit(viewers: Crowd, paths: list[str], seconds: float) -> Mapping[str, Any]:
    limit = seconds + bounds.MORNING_COMPLETE_SECONDS
    return viewers.do("visit", limit + 30, paths=paths, seconds=seconds, limit=limit)


def _steps(running: Site, viewers: Crowd) -> Mapping[str, Spent]:
    """What each step of a page costs where nothing else goes on."""
    viewers.do("rehearse", 60, path=f"{PAGE}?month={SMALL_MONTHS[0][0]}", times=ALONE)
    costs = {
        step: _spent(running, viewers, ALONE, partial(viewers.do, "repeat", 60, step=step, times=ALONE))
        for step in STEPS
    }
    viewers.do("leave", 60)
    paths = [f"{PAGE}?month={month}" for month in ALONE_MONTHS]
    anew = _spent(running, viewers, len(paths), lambda: [_visit(viewers, [path], 0) for path in paths])
    cached = {program: sum(cost[program] for cost in costs.values()) for program in anew}
    costs["statement"] = {name: max(seconds - cached[name], 0) / PANELS for name, seconds in anew.items()}
    viewers.do("leave", 60)
    return costs


def _spent(running: Site, viewers: Crowd, times: int, do: Callable[[], object]) -> Spent:
    """Seconds of processor by program, of each of so many times."""
    before, viewers_before = running.cost(), viewers.processor
    do()
    spent, viewers_spent = running.cost() - before, viewers.processor - viewers_before
    each = {"laptop": spent.laptop, "dashboard": spent.dashboard, "viewers": viewers_spent}
    return {program: seconds / times for program, seconds in each.items()}


def _measures(morning: Morning) -> Iterator[Measure]:
    yield Measure("statements", morning.statements, COUNT, at_most=morning.questions)
    yield Measure("distinct_questions", morning.questions, COUNT)
    yield Measure("result_fetches", morning.requests["results"], "")
    half, all_complete = morning.within_which(50), morning.within_which(100)
    if half is not None:
        yield Measure("half_complete_seconds", half, "s", at_most=HALF_COMPLETE_SECONDS)
    if all_complete is not None:
        yield Measure("all_complete_seconds", all_complete, "s", p90=morning.within_which(90))
    yield Measure("errors", len(morning.visits["trouble"]), COUNT, at_most=0)


def _table(small: Morning, large: Morning) -> Table:
    both = small, large
    asked = sorted({name for each in both for name in each.requests})
    lines = [
        _line("viewers", [f"{len(each.visits['complete']):,}" for each in both]),
        _line("statements to distinct questions", [f"{each.statements} to {each.questions}" for each in both]),
        *(_line(f"requests to the gateway: {name}", [f"{each.requests[name]:,}" for each in both]) for name in asked),
        _line("sockets opened again", [f"{each.visits['reconnects']:,}" for each in both]),
        *_times(both),
        _line("errors", [f"{len(each.visits['trouble']):,}" for each in both]),
    ]
    notes = [f"{name}: {each.words}" for name, each in zip(("Small", "Large"), both, strict=True)]
    return Table("A morning", ["morning", *(f"within {each.within:g} s" for each in both)], lines, notes)


def _times(mornings: Sequence[Morning]) -> Iterator[tuple[str, ...]]:
    """When pages were complete, and what the processes spent until then."""
    for words, percent in (("half of all", 50), ("90 of 100", 90), ("all", 100)):
        yield _line(f"complete, {words}", [_seconds(each.within_which(percent)) for each in mornings])
    yield _line("from the first viewer to the last drawing", [_seconds(each.span) for each in mornings])
    yield _line("processor of the laptop's AWS", [_seconds(each.spent.laptop) for each in mornings])
    yield _line("processor of the dashboard", [_seconds(each.spent.dashboard) for each in mornings])
    yield _line("processor of the viewers", [_seconds(each.viewers_spent) for each in mornings])


def _line(words: str, cells: Sequence[str]) -> tuple[str, ...]:
    return words, *cells


def _seconds(value: float | None) -> str:
    return "never" if value is None else f"{value:.1f} s"
