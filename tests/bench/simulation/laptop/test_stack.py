"""The suite `morning` foretold by the steps of a page: what is read, and what comes of it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.bench import simulate
from tests.bench.simulation.laptop import morning_file, stack
from tests.bench.simulation.laptop.morning_file import Crowd, NotMeasured

STEPS = {
    "document": {"laptop": 0.01, "dashboard": 0.02, "viewers": 0.004},
    "links": {"laptop": 0.005, "dashboard": 0.005, "viewers": 0.004},
    "favourites": {"laptop": 0.01, "dashboard": 0.005, "viewers": 0.004},
    "socket": {"laptop": 0.015, "dashboard": 0.005, "viewers": 0.004},
    "runs": {"laptop": 0.06, "dashboard": 0.005, "viewers": 0.004},
    "drawings": {"laptop": 0, "dashboard": 0.01, "viewers": 0},
    "statement": {"laptop": 0.05, "dashboard": 0.01, "viewers": 0},
}
"""A page costs the laptop a tenth of a second, the others half and a fifth of that."""


def crowd(viewers: int, within: float) -> dict[str, Any]:
    """A morning of so many viewers, as the suite writes it: a page costs half as much again as by itself."""
    return {
        "viewers": viewers,
        "within_seconds": within,
        "panels": 8,
        "statements": 16,
        "laptop_processor_seconds": 0.15 * viewers + 16 * 0.05,
        "dashboard_processor_seconds": 0.075 * viewers + 16 * 0.01,
        "viewers_processor_seconds": 0.03 * viewers,
        "all_complete_seconds": 0.1 * viewers,
    }


def written(folder: Path, **measures: float) -> Path:
    """A file as the suite writes it, with these measures."""
    values = {"statements": 16, "result_fetches": 16, "errors": 0} | measures
    content = {
        "suite": "morning",
        "measures": {name: {"value": value, "unit": ""} for name, value in values.items()},
        "calibration": {
            "small": crowd(200, 2),
            "large": crowd(1000, 10),
            "steps": STEPS,
            "processors": 2,
        },
    }
    path = folder / "morning.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def morning(viewers: int = 1000, processors: int = 2) -> Mapping[str, float]:
    """What comes of so many viewers within ten seconds."""
    return stack.Morning(Crowd(viewers, 10, 8, 16, {}, 0), STEPS, processors).run()


def test_a_suite_that_was_not_run_is_told_with_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match=r"morning\.json is not there\. Run `make bench SUITES=morning` first"):
        simulate.laptop_suite(tmp_path / "morning.json")


def test_a_file_that_lacks_something_is_told_by_its_name(tmp_path: Path) -> None:
    path = written(tmp_path, half_complete_seconds=50)
    with pytest.raises(NotMeasured, match="has no 'all_complete_seconds'"):
        morning_file.read(path)
    told = json.loads(written(tmp_path, half_complete_seconds=50, all_complete_seconds=60).read_text(encoding="utf-8"))
    told["calibration"]["large"]["all_complete_seconds"] = None
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(NotMeasured, match="a morning in which not all pages were complete"):
        morning_file.read(path)
    path.write_text("{", encoding="utf-8")
    with pytest.raises(NotMeasured, match="is not JSON"):
        morning_file.read(path)


def test_what_a_step_costs_is_told_by_program(tmp_path: Path) -> None:
    path = written(tmp_path, half_complete_seconds=1, all_complete_seconds=1)
    assert morning_file.read(path).steps == STEPS
    told = json.loads(path.read_text(encoding="utf-8"))
    del told["calibration"]["steps"]["socket"]["dashboard"]
    path.write_text(json.dumps(told), encoding="utf-8")
    with pytest.raises(NotMeasured, match="has no 'dashboard'"):
        morning_file.read(path)


def test_a_step_costs_as_much_more_in_a_crowd_as_a_page_does_and_a_statement_does_not(tmp_path: Path) -> None:
    measured = morning_file.read(written(tmp_path, half_complete_seconds=1, all_complete_seconds=1))
    costs = stack.costs_in_crowd(measured)
    assert costs["runs"]["laptop"] == pytest.approx(0.09)
    assert costs["document"] == pytest.approx({"laptop": 0.015, "dashboard": 0.03, "viewers": 0.006})
    assert costs["statement"] == STEPS["statement"]


def test_all_are_complete_when_the_busiest_program_has_done_its_work() -> None:
    """A thousand pages at a tenth of a second, on processors enough; the last has come after ten seconds."""
    found = morning(processors=3)
    assert found["statements"] == found["result_fetches"] == 16
    assert 89 <= found["all_complete_seconds"] <= 101


def test_who_came_first_is_complete_first() -> None:
    """A crowd is connected some at a time; were all served at the same time, half would be as late as all."""
    found = morning()
    assert found["half_complete_seconds"] < 0.8 * found["all_complete_seconds"]


def test_a_viewer_alone_waits_for_his_statements_and_for_nobody() -> None:
    """His page's tenth of a second in the laptop, and eight statements one after the other."""
    assert 0.4 + 0.1 <= morning(viewers=1)["all_complete_seconds"] <= 0.4 + 0.1 + 0.08 + 0.05 + 0.02


def test_fewer_processors_than_programs_make_all_of_them_slower() -> None:
    few, enough = (morning(processors=count) for count in (1, 3))
    assert few["all_complete_seconds"] > 1.3 * enough["all_complete_seconds"]


def test_a_morning_as_foretold_is_a_table_and_another_one_an_error(tmp_path: Path) -> None:
    foretold = stack.foretold(morning_file.read(written(tmp_path, half_complete_seconds=1, all_complete_seconds=1)))
    half, whole = (foretold[name][0] for name in ("half_complete_seconds", "all_complete_seconds"))
    near = written(tmp_path, half_complete_seconds=half * 1.1, all_complete_seconds=whole * 0.9)
    assert [row[0] for row in simulate.laptop_suite(near).rows] == list(morning_file.HELD_TO)
    far = written(tmp_path, half_complete_seconds=half * 1.5, all_complete_seconds=whole)
    with pytest.raises(ValueError, match=r"too far off: half_complete_seconds\."):
        simulate.laptop_suite(far)


def test_an_error_where_none_was_foretold_is_all_the_difference() -> None:
    assert stack.difference(0, 0) == 0
    assert stack.difference(0, 3) == 1
    assert stack.difference(3, 0) == 1
