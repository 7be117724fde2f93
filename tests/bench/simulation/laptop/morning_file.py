"""What the suite `morning` has measured, read from its file: what the laptop's simulation is calibrated by and held to.

Its form is told in the suite's own words: `measures` of the large morning, and a `calibration` with a `small` morning
that came before it and what the `steps` of a page cost, one after the other.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parents[4] / "var" / "bench" / "morning.json"

STEPS = ("document", "links", "favourites", "socket", "runs", "drawings", "statement")
"""Of a page, in its order, `links` and `favourites` beside the socket and what comes of it; and a statement, which
answers one panel anew."""

PROGRAMS = ("laptop", "dashboard", "viewers")

HELD_TO = ("statements", "result_fetches", "half_complete_seconds", "all_complete_seconds", "errors")
"""The measures that a simulation has to come to."""


class NotMeasured(Exception):
    """The suite has not been run, or what it has written lacks something; the text tells what to do."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path} {what}. Run `make bench SUITES=morning` first, which measures it.")


Costs = Mapping[str, Mapping[str, float]]
"""Seconds of processor by step and program."""


@dataclass(frozen=True)
class Crowd:
    """A morning that was measured: its viewers, the seconds within which they came, and until the last was complete.

    `processor_seconds` are those of each program.
    """

    viewers: int
    arrival_seconds: float
    panels: int
    statements: int
    processor_seconds: Mapping[str, float]
    all_seconds: float


@dataclass(frozen=True)
class Measured:
    """Both mornings, the measures of the large one, and what the steps cost where nothing else goes on."""

    small: Crowd
    large: Crowd
    steps: Costs
    processors: int
    measures: Mapping[str, float]


def read(path: Path = FILE) -> Measured:
    """The measured mornings; raises `NotMeasured` when the file, or something in it, is missing."""
    if not path.exists():
        raise NotMeasured(path, "is not there")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        calibration = content["calibration"]
        if None in (calibration[crowd]["all_complete_seconds"] for crowd in ("small", "large")):
            raise NotMeasured(path, "tells of a morning in which not all pages were complete")
        return Measured(
            _crowd(calibration["small"]),
            _crowd(calibration["large"]),
            steps={step: _costs(calibration["steps"][step]) for step in STEPS},
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
        processor_seconds={program: float(told[f"{program}_processor_seconds"]) for program in PROGRAMS},
        all_seconds=float(told["all_complete_seconds"]),
    )


def _costs(told: Mapping[str, Any]) -> Mapping[str, float]:
    return {program: float(told[program]) for program in PROGRAMS}


def _value(measure: Any) -> float:
    """Of a measure with its unit and targets, or of a bare number."""
    return float(measure["value"] if isinstance(measure, dict) else measure)
