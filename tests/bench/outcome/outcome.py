"""The outcome of one suite: its measures and what they belong to, printed, written and compared with the baseline."""

import datetime
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.bench.outcome.bar_chart import svg, written
from tests.bench.outcome.machine import Machine
from tests.bench.outcome.measures import Calibration, Measure
from tests.bench.tables import Table

FOLDER = Path(__file__).resolve().parents[3] / "var" / "bench"
"""Where each suite leaves its JSON and its chart."""


@dataclass
class Outcome:
    """Filled while the suite goes on."""

    suite: str
    machine: Machine
    measures: list[Measure] = field(default_factory=list)
    calibration: Mapping[str, Any] = field(default_factory=dict)

    def take(self, part: object) -> bool:
        """Keeps a measure or a calibration; False for anything else, which is only printed."""
        if isinstance(part, Measure):
            assert part.name not in {measure.name for measure in self.measures}, f"{part.name} is measured twice"
            self.measures.append(part)
        elif isinstance(part, Calibration):
            self.calibration = part.values
        return isinstance(part, Measure | Calibration)

    def table(self) -> Table:
        """All measures, with their targets."""
        head = (self.suite, "value", "p90", "beside", "ratio", "target", "met")
        return Table(f"Measures of {self.suite}", head, [_line(measure) for measure in self.measures])

    def write(self, folder: Path = FOLDER) -> None:
        """Writes `<suite>.json` and `<suite>.svg`, both without measures where the suite has only tables."""
        folder.mkdir(parents=True, exist_ok=True)
        json_file, chart_file = files(self.suite, folder)
        chart_file.write_text(svg(self.suite, str(self.machine), self.measures), encoding="utf-8")
        json_file.write_text(json.dumps(self.as_json(), indent=2) + "\n", encoding="utf-8")

    def as_json(self) -> Mapping[str, Any]:
        """As it is written; see `measures`."""
        whole = {
            "suite": self.suite,
            "measured_at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
            "machine": self.machine.as_json(),
            "measures": {measure.name: measure.as_json() for measure in self.measures},
        }
        return {**whole, "calibration": self.calibration} if self.calibration else whole


def files(suite: str, folder: Path = FOLDER) -> tuple[Path, Path]:
    """Where a suite's JSON and its chart are."""
    return folder / f"{suite}.json", folder / f"{suite}.svg"


def forget(suite: str, folder: Path = FOLDER) -> None:
    """Removes what an earlier run of the suite left, so that a run that measures nothing leaves nothing."""
    for file in files(suite, folder):
        file.unlink(missing_ok=True)


def _line(measure: Measure) -> tuple[str, ...]:
    def told(value: float | None) -> str:
        return "" if value is None else written(value, measure.unit)

    ratio = "" if measure.ratio is None else f"{measure.ratio:.2f}"
    ratio_target = "" if measure.ratio_at_most is None else f"ratio {measure.ratio_at_most:g}"
    target = " and ".join(filter(None, [told(measure.at_most), ratio_target]))
    met = {True: "yes", False: "NO", None: ""}[measure.is_met]
    return measure.name, told(measure.value), told(measure.p90), told(measure.beside), ratio, target, met
