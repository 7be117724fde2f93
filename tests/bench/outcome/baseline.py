"""The committed baseline, and how far a run has drifted from it.

Only what machines share is compared: the ratio of ours to the alternative, kilobytes, and counts. A count that differs
at all fails, as does a ratio or a size that is worse by more than half. One that is worse by more than a fifth warns,
as does one that is better by as much, since the baseline then says too little. `--write-baseline` renews the suites
that were run.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.bench.outcome.measures import COUNT, KILOBYTES, Measure

FILE = Path(__file__).parents[1] / "baseline.json"
LARGE, SMALL = 0.5, 0.2
"""Drifts of a ratio or a size, as shares of it, that fail and that warn."""

Figures = Mapping[str, Mapping[str, float]]
"""By the name of a measure: its `count`, its `kB`, its `ratio`, or several of them."""


@dataclass(frozen=True)
class Drift:
    """What a figure was and is, in words, and whether that fails the run."""

    words: str
    is_large: bool

    def __str__(self) -> str:
        return f"{'DRIFT' if self.is_large else 'drift'}: {self.words}"


def figures(measures: Sequence[Measure]) -> Figures:
    """What of the measures is compared."""
    found: dict[str, dict[str, float]] = {}
    for measure in measures:
        if measure.unit == COUNT:
            found.setdefault(measure.name, {})["count"] = measure.value
        if measure.unit == KILOBYTES:
            found.setdefault(measure.name, {})["kB"] = round(measure.value, 1)
        if measure.ratio is not None and measure.is_compared:
            found.setdefault(measure.name, {})["ratio"] = round(measure.ratio, 4)
    return found


def drifts(now: Figures, before: Figures) -> Iterator[Drift]:
    """What differs by too much. A figure that one of them lacks is a large drift; without a baseline there is none."""
    if not before:
        return
    for name in sorted({*now, *before}):
        for kind in ("count", "kB", "ratio"):
            values = before.get(name, {}).get(kind), now.get(name, {}).get(kind)
            if values != (None, None):
                yield from _drift(f"{kind} of {name}", kind, *values)


def _drift(words: str, kind: str, before: float | None, now: float | None) -> Iterator[Drift]:
    if before is None or now is None:
        yield Drift(f"{words} was {_told(before)} and is {_told(now)}", is_large=True)
        return
    told = f"{words} was {_told(before)} and is {_told(now)}"
    if kind == "count":
        if now != before:
            yield Drift(told, is_large=True)
    elif now > before * (1 + LARGE):
        yield Drift(told, is_large=True)
    elif now > before * (1 + SMALL) or now * (1 + SMALL) < before:
        yield Drift(told, is_large=False)


def _told(value: float | None) -> str:
    return "not there" if value is None else f"{value:g}"


def read(file: Path = FILE) -> Mapping[str, Figures]:
    """The baseline of each suite; empty where there is none yet."""
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def renew(suites: Mapping[str, Figures], file: Path = FILE) -> None:
    """Writes these suites into the baseline; others stay."""
    whole = {**read(file), **{name: found for name, found in suites.items() if found}}
    file.write_text(json.dumps(whole, indent=2, sort_keys=True) + "\n", encoding="utf-8")
