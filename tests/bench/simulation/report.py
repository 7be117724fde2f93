"""Mornings as tables and as charts."""

from collections.abc import Callable, Mapping, Sequence

from tests.bench.simulation import ours, prices
from tests.bench.simulation.charts import Axis, Chart, Series
from tests.bench.simulation.ladder import WAYS, Move
from tests.bench.simulation.laptop.stack import TOLERANCE, difference
from tests.bench.simulation.outcome import Outcome
from tests.bench.tables import Table

_SHORT = {ours.SHARED: "ours", ours.ALONE: "not shared", "polling each second": "polling"}

_VIEWERS = Axis("viewers who come within a minute", [(10**power, f"{10**power:,}") for power in range(2, 6)])


def ladder_table(outcomes: Sequence[Outcome]) -> Table:
    """A line for each morning; waits are a viewer's, from coming to complete."""
    head = (
        *("viewers, way", "half wait", "95 of 100", "within 60 s", "all by", "statements", "statement time"),
        *("Data API calls", "dollars", "waited longest for"),
    )
    return Table("A morning on AWS", head, [_line(one) for one in outcomes])


def _line(one: Outcome) -> tuple[str, ...]:
    return (
        f"{one.workload.viewers:,}, {one.way}",
        _span(one.half_seconds),
        _span(one.most_seconds),
        f"{one.prompt_share:.0%}",
        _span(one.all_seconds),
        f"{one.statements:,}",
        _span(one.statement_seconds),
        f"{one.all_calls:,.0f}",
        f"{one.dollars:,.2f}",
        wall_words(one),
    )


def wall_words(one: Outcome) -> str:
    """The quota that was waited for the longest, and how long; empty where nobody noticed one."""
    return f"{one.first_wall}, {_span(one.walls[one.first_wall])}" if one.first_wall else "nothing"


def _span(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def walls_table(met: Sequence[Outcome]) -> Table:
    """From how many viewers on each way waits, and at what."""
    lines = [
        (one.way, f"{one.workload.viewers:,}", f"{one.workload.arrival_seconds:g} s", one.first_wall) for one in met
    ]
    return Table("Where the first wall stands", ("way", "viewers", "who come within", "quota"), lines)


def moves_table(moved: Sequence[tuple[Move, Outcome]]) -> Table:
    """A line for each move, on top of those before it."""
    lines = [
        (step.words, _span(one.half_seconds), _span(one.all_seconds), f"{one.dollars:.2f}", wall_words(one))
        for step, one in moved
    ]
    viewers = moved[0][1].workload.viewers
    head = ("moved", "half wait", "all by", "dollars", "waited longest for")
    return Table(f"What moves it: {viewers:,} viewers of ours", head, lines)


def bill_table(outcomes: Sequence[Outcome]) -> Table:
    """What each way pays for, in dollars, and Cognito's month beside it."""
    names = list(prices.PRICES)
    lines = [
        (name, *(f"{prices.bill(one.usage).get(name, 0):,.2f}" for one in outcomes))
        for name in names
        if any(one.usage.get(name) and prices.PRICES[name].dollars for one in outcomes)
    ]
    lines.append(("all", *(f"{one.dollars:,.2f}" for one in outcomes)))
    month = [f"{prices.cognito_month(one.workload.viewers):,.2f}" for one in outcomes]
    lines.append(("Cognito, a month", *month))
    head = ("dollars", *(f"{one.workload.viewers:,} {_SHORT[one.way]}" for one in outcomes))
    return Table("What a morning costs beside the warehouse", head, lines)


def laptop_table(foretold: Mapping[str, tuple[float, float]], small: tuple[float, float]) -> Table:
    """What was foretold of the suite's large morning and what it measured; of the small one, when all were complete."""
    lines = [
        (name, f"{told:,.1f}", f"{found:,.1f}", f"{difference(told, found):.0%}")
        for name, (told, found) in foretold.items()
    ]
    head = ("measure", "simulated", "measured", "difference")
    notes = [
        f"At most {TOLERANCE:.0%} is allowed.",
        f"The small morning was complete after {small[1]:.1f} s, simulated {small[0]:.1f} s: far apart, the machine had"
        " other work.",
    ]
    return Table("The suite morning, simulated from the steps of a page", head, lines, notes)


def charts(outcomes: Sequence[Outcome], moved: Sequence[Outcome]) -> Mapping[str, Chart]:
    """The charts of docs/scale.md by the names of their files; `moved` are mornings of ours after all moves."""
    return {
        "scale-complete.svg": Chart(
            "Until half of the viewers are complete",
            "Published quotas, as deployed; and ours with its walls moved. Eight panels a page.",
            _VIEWERS,
            Axis("seconds from coming, half of all", _powers(-1, 5)),
            [*_series(outcomes, _half), Series("ours, walls moved", [(_viewers(one), _half(one)) for one in moved])],
            [(60, "a minute"), (3600, "an hour")],
        ),
        "scale-statements.svg": Chart(
            "Statements that the warehouse runs",
            "Distinct questions by ours; viewers times panels by the others.",
            _VIEWERS,
            Axis("statements", _powers(1, 6)),
            _series(outcomes, lambda one: one.statements),
        ),
        "scale-dollars.svg": Chart(
            "What a morning costs beside the warehouse",
            "An hour with the page open. Calls that are refused, Cognito and the dashboard's tasks are left out.",
            _VIEWERS,
            Axis("dollars", _powers(-2, 3)),
            _series(outcomes, lambda one: one.dollars),
        ),
    }


def _powers(low: int, high: int) -> list[tuple[float, str]]:
    return [(10.0**power, f"{10.0**power:,.{max(-power, 0)}f}") for power in range(low, high + 1)]


def _series(outcomes: Sequence[Outcome], value: Callable[[Outcome], float]) -> list[Series]:
    return [Series(_SHORT[way], [(_viewers(one), value(one)) for one in outcomes if one.way == way]) for way in WAYS]


def _viewers(one: Outcome) -> int:
    return one.workload.viewers


def _half(one: Outcome) -> float:
    return one.half_seconds
