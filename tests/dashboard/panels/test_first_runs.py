"""The runs that a page's document asks for itself: what the page's scripts would ask, and no more."""

import json
from pathlib import Path
from typing import Any

import pytest

from dashboard.panels.first_runs import COUNT, first_runs, parameters

CASES = json.loads((Path(__file__).parents[2] / "assets" / "parameters.json").read_text(encoding="utf-8"))
MONTH = {"name": "month", "kind": "month", "value": "2015-12"}


def spec(topic: str, **more: Any) -> dict[str, Any]:
    return {
        "topic": topic,
        "report": topic,
        "parameters": {"month": "month"},
        "required": ["month"],
        "preset": {},
        "own": {},
        **more,
    }


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_panel_runs_with_the_values_that_its_script_would_send(case: dict[str, Any]) -> None:
    panel = {"parameters": case["parameters"], "preset": case.get("preset", {}), "own": case["own"]}
    found = parameters(panel, case["filters"])
    assert [list(each) for each in found.items()] == case["expected"]


def test_the_first_panels_run_each_under_an_id_of_its_own() -> None:
    runs = first_runs([spec(f"panel_{number}") for number in range(COUNT + 2)], [MONTH])
    assert [run["topicName"] for run in runs] == [f"panel_{number}" for number in range(COUNT)]
    assert all(run["action"] == "run" and run["parameters"] == {"month": "2015-12"} for run in runs)
    assert len({run["runId"] for run in runs}) == COUNT


def test_a_panel_that_is_broken_or_whose_filter_is_not_known_yet_does_not_run() -> None:
    broken = {"topic": "broken", "broken": {"message": "No."}}
    waiting = spec("waiting", parameters={"zone": "choice"}, required=["zone"])
    assert [run["topicName"] for run in first_runs([broken, waiting, spec("ready")], [MONTH])] == ["ready"]
