"""What the suite `morning` has measured, read from its file: what the laptop's simulation is calibrated by and held to.

Its form is told in the suite's own words: `measures` of the large morning, and a `calibration` with a `small` morning
that came before it and `services` that were measured one at a time.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[4] / "var" / "bench" / "morning.json"

HELD_TO = ("statements", "result_fetches", "half_complete_seconds", "all_complete_seconds", "errors")
"""The measures that a simulation has to come to."""


class NotMeasured(Exception):
    """The suite has not been run, or what it has written lacks something; the text tells what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} {what}. Run `make bench SUITES=morning` first, which measures it.")


@dataclass(frozen=True)
class Crowd:
    """A morning that was measured: its viewers, within how long they came, and processor seconds by program.

    `all_seconds` is until the last was complete.
    """

    viewers: int
    arrival_seconds: float
    panels: int
    statements: int
    result_fetches: int
    laptop_seconds: float
    dashboard_seconds: float
    viewers_seconds: float
    all_seconds: float


@dataclass(frozen=True)
class Measured:
    """The small morning, by which we calibrate; the large one's crowd and measures, which are foretold by that.

    `run_seconds` and `page_seconds` are of the laptop's processor, of one cached run and one page where nothing else
    goes on.
    """

    small: Crowd
    large: Crowd
    run_seconds: float
    page_seconds: float
    processors: int
    measures: Mapping[str, float]


def read(path: Path = FILE) -> Measured:
    """The measured mornings; raises `NotMeasured` when the file, or something in it, is missing."""
    if not path.exists():
        raise NotMeasured(path, "is not there")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        calibration, services = content["calibration"], content["calibration"]["services"]
        if None in (calibration[crowd]["all_complete_seconds"] for crowd in ("small", "large")):
            raise NotMeasured(path, "tells of a morning in which not all pages were complete")
        return Measured(
            _crowd(calibration["small"]),
            _crowd(calibration["large"]),
            run_seconds=float(services["laptop_per_run_seconds"]),
            page_seconds=float(services["laptop_per_page_seconds"]),
            processors=int(calibration["processors"]),
            measures={name: _value(content["measures"][name]) for name in HELD_TO},
        )
    except json.JSONDecodeError as error:
        raise NotMeasured(path, f"is not JSON: {error}") from None
    except KeyError as error:
        raise NotMeasured(path, f"has no {error.args[0]!r}") from None


def _crowd(told: Mapping[str, Any]) -> Crowd:
    return Crowd(
        viewers=int(told["viewers"]),
        arrival_seconds=float(told["within_seconds"]),
        panels=int(told["panels"]),
        statements=int(told["statements"]),
        result_fetches=int(told["result_fetches"]),
        laptop_seconds=float(told["laptop_processor_seconds"]),
        dashboard_seconds=float(told["dashboard_processor_seconds"]),
        viewers_seconds=float(told["viewers_processor_seconds"]),
        all_seconds=float(told["all_complete_seconds"]),
    )


def _value(measure: Any) -> float:
    """Of a measure with its unit and targets, or of a bare number."""
    return float(measure["value"] if isinstance(measure, dict) else measure)
