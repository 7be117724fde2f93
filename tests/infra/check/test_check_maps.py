"""The check of maps, and of reports that draw them: each kind of mistake with its file, its line and its reason."""

import json
import re
from pathlib import Path

import pytest

from infra.check.__main__ import main
from tests.backend_lambdas.maps.test_map_file import feature, written

REPO = Path(__file__).resolve().parents[3]
REPORT = """/*---
title: By area
chart:
  type: map
  map: squares
  key: zone
  area: place
  value: n
---*/
SELECT 'A' AS place, 1 AS n
"""
SQUARES = written(feature(properties={"zone": "A"}), feature(properties={"zone": "B"}))


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    """A project with a map and a report that draws it."""
    for name in ("setup", "load"):
        (tmp_path / "sql").mkdir(exist_ok=True)
        (tmp_path / "sql" / name).symlink_to(REPO / "sql" / name)
    for name, content in {"reports/finance/by_area.sql": REPORT.encode(), "maps/squares.geojson": SQUARES}.items():
        file = tmp_path / "sql" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    return tmp_path


def lines(repo: Path, capsys: pytest.CaptureFixture[str], *files: str) -> list[str]:
    """What the command says, each line from the file's own name on."""
    main([str(repo / "sql" / file) for file in files], repo)
    return [re.sub(r"^.*/(?=[^/]*\.(sql|geojson):)", "", line) for line in capsys.readouterr().out.splitlines()]


def test_a_map_and_the_report_that_draws_it_are_fine(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert lines(repo, capsys) == ["1 report and 1 map are fine"]
    assert lines(repo, capsys, "maps/squares.geojson") == ["1 map is fine"]


def test_a_map_with_a_mistake_is_told_in_its_file_and_where_it_is_drawn(
    repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repo / "sql/maps/squares.geojson").write_bytes(written(feature(), feature("Point", [0, 0])))
    drawn, broken = sorted(lines(repo, capsys))
    assert drawn == "by_area.sql:5: chart.map: the map 'squares' has a mistake in its file"
    assert broken.startswith("squares.geojson:3: feature 2 is no area: ")
    assert lines(repo, capsys, "maps/squares.geojson") == [broken]
    assert lines(repo, capsys, "reports/finance/by_area.sql") == [drawn]


def test_a_map_that_is_not_there_is_told_with_the_nearest_name(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "sql/reports/finance/by_area.sql").write_text(REPORT.replace("map: squares", "map: square"))
    assert lines(repo, capsys) == ["by_area.sql:5: chart.map: there is no map 'square' (did you mean 'squares'?)"]


def test_areas_that_rows_cannot_name_are_told(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    areas = [feature(properties={"zone": zone}) for zone in ("A", "A", None)]
    (repo / "sql/maps/squares.geojson").write_bytes(written(*areas))
    start = "by_area.sql:6: chart.key: in the map 'squares' "
    assert sorted(lines(repo, capsys)) == [
        f"{start}2 features have the zone 'A'",
        f"{start}feature 3 has neither a property 'zone' nor an id",
    ]


@pytest.mark.parametrize("name", ["New York", "new-york", "2015", "below/squares"])
def test_a_map_whose_name_no_report_can_say_is_told(repo: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    file = repo / f"sql/maps/{name}.geojson"
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(SQUARES)
    (told,) = lines(repo, capsys)
    assert ".geojson:1: a map is named by lower-case letters, digits and underscores, lies in sql/maps" in told


def test_a_column_that_the_query_lacks_is_told(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "sql/reports/finance/by_area.sql").write_text(REPORT.replace("area: place", "area: plaice"))
    (told,) = lines(repo, capsys)
    assert told.startswith("by_area.sql:7: chart.area: the query gives no column 'plaice'")


def test_findings_are_told_to_programs_too(repo: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repo / "sql/maps/squares.geojson").write_bytes(b"[]")
    assert main(["--json", str(repo / "sql/maps/squares.geojson")], repo) == 1
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["line"], told["reason"]) == (
        1,
        "the file is not a GeoJSON FeatureCollection with at least one feature",
    )
