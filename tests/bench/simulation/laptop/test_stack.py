"""The suite `morning` foretold by its small one: what is read, and what comes of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.bench import simulate
from tests.bench.simulation.laptop import morning_file, stack
from tests.bench.simulation.laptop.morning_file import Crowd, NotMeasured


def crowd(viewers: int, within: float) -> dict[str, Any]:
    """A morning of pages that cost the laptop a tenth of a second, the others less."""
    return {
        "viewers": viewers,
        "within_seconds": within,
        "panels": 8,
        "statements": 16,
        "result_fetches": 16,
        "laptop_processor_seconds": 0.1 * viewers,
        "dashboard_processor_seconds": 0.05 * viewers,
        "viewers_processor_seconds": 0.02 * viewers,
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
            "services": {"laptop_per_run_seconds": 0.01, "laptop_per_page_seconds": 0.1},
            "processors": 2,
        },
    }
    path = folder / "morning.json"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def services(processors: int = 2) -> stack.Services:
    return stack.Services(run=0.01, page=0.02, dashboard=0.05, viewer=0.02, fetches=1, processors=processors)


def large(viewers: int = 1000) -> Crowd:
    return Crowd(viewers, 10, 8, 16, 16, 0, 0, 0, 0)


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


def test_a_run_is_the_part_of_a_crowds_page_that_it_is_of_a_page_alone(tmp_path: Path) -> None:
    found = stack.Services.of(morning_file.read(written(tmp_path, half_complete_seconds=1, all_complete_seconds=1)))
    assert found.run == pytest.approx(0.01)
    assert found.page == pytest.approx(0.02)
    assert found.dashboard == pytest.approx(0.05)


def test_all_are_complete_when_the_busiest_program_has_done_its_work() -> None:
    """A thousand pages at a tenth of a second, on processors enough; the last has come after ten seconds."""
    found = stack.Morning(large(), services(processors=3)).run()
    assert found["statements"] == 16
    assert 89 <= found["all_complete_seconds"] <= 101
    assert found["half_complete_seconds"] < found["all_complete_seconds"]


def test_fewer_processors_than_programs_make_all_of_them_slower() -> None:
    few, enough = (stack.Morning(large(), services(count)).run() for count in (1, 3))
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
