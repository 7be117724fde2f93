"""What a suite measured, by name. A suite yields `Measure`s among its tables; `python -m tests.bench` gathers them.

A run writes them to `var/bench/<suite>.json`:

    {"suite": "morning",
     "measured_at": "2026-11-28T08:00:00+00:00",
     "machine": {"processors": 2, "memory_mb": 24000, "python": "3.11.9", "system": "Linux ...",
                 "load_before": [0.1, 0.2, 0.3]},
     "measures": {"half_complete_seconds": {"value": 4.2, "unit": "s", "p90": null, "goes": 1, "beside": null,
                                            "ratio": null, "at_most": 15.0, "ratio_at_most": null, "met": true}},
     "calibration": {...}}

`value` is the median of `goes` goes where there is more than one, `p90` their 90th percentile, `beside` the
alternative's median in the same run, `ratio` value / beside. `at_most` and `ratio_at_most` are targets, and `met` tells
whether all that are set are met; null where none is. Each measure is a cost: less is better. `calibration` is there
only where a suite yields a `Calibration`.
"""

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COUNT = "count"
"""The unit of a count that is the same in every run on every machine: the baseline allows no other."""


KILOBYTES = "kB"
"""The unit of sizes, of memory and of traffic, which the baseline compares as it does ratios."""


@dataclass(frozen=True)
class Measure:
    """One measured cost of ours, and the alternative's where there is one."""

    name: str
    value: float
    unit: str
    p90: float | None = None
    goes: int = 1
    beside: float | None = None
    at_most: float | None = None
    ratio_at_most: float | None = None
    is_compared: bool = True
    """Whether the baseline has its ratio: not that of small differences, in which noise is a large share."""

    @property
    def ratio(self) -> float | None:
        """Ours to the alternative; None where there is none, or where it is zero."""
        return self.value / self.beside if self.beside else None

    @property
    def is_met(self) -> bool | None:
        """Whether every target that is set is met; None where none is set."""
        targets = ((self.value, self.at_most), (self.ratio, self.ratio_at_most))
        met = [value is not None and value <= target for value, target in targets if target is not None]
        return all(met) if met else None

    def as_json(self) -> Mapping[str, Any]:
        """As it is written; see the top of this file."""
        return {
            "value": self.value,
            "unit": self.unit,
            "p90": self.p90,
            "goes": self.goes,
            "beside": self.beside,
            "ratio": self.ratio,
            "at_most": self.at_most,
            "ratio_at_most": self.ratio_at_most,
            "met": self.is_met,
        }


@dataclass(frozen=True)
class Calibration:
    """What a suite measured beside its measures, for whoever predicts them; its keys are told by the suite."""

    values: Mapping[str, Any]


def of_goes(name: str, goes: Sequence[float], unit: str, beside: Sequence[float] = (), **targets: float) -> Measure:
    """The measure of several goes, and of those of the alternative; `targets` are those of `Measure`."""
    other = statistics.median(beside) if beside else None
    return Measure(name, statistics.median(goes), unit, percentile(goes, 90), len(goes), other, **targets)


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that so many percent of them do not exceed; raises IndexError where there are none."""
    return sorted(values)[max(math.ceil(percent / 100 * len(values)) - 1, 0)]
