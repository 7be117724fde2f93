"""A map's file: what is taken, and what is told of a mistake, with its line."""

import json
from pathlib import Path
from typing import Any

import pytest

from backend_lambdas.maps import map_file
from backend_lambdas.reports.mistakes import ReportError

RING = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
SHIPPED = Path(__file__).parents[3] / "sql" / "maps" / "new_york.geojson"


def feature(kind: str = "Polygon", coordinates: Any = (RING,), **more: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, **more}


def written(*features: Any) -> bytes:
    """A file with a feature on each line from the second."""
    lines = ",\n".join(map(json.dumps, features))
    return f'{{"type": "FeatureCollection", "features": [\n{lines}\n]}}'.encode()


def mistake(content: bytes) -> tuple[int, str]:
    with pytest.raises(ReportError) as raised:
        map_file.load(content)
    return raised.value.line, raised.value.reason


def test_the_samples_map_is_taken_as_it_stands() -> None:
    content = SHIPPED.read_bytes()
    assert map_file.load(content) == json.loads(content)


def test_an_area_is_named_by_a_property_or_else_by_its_id() -> None:
    named, numbered = feature(properties={"name": "A", "zone": 4}), feature("MultiPolygon", [[RING], [RING]], id=7)
    found = map_file.areas(written(named, numbered))
    assert [area.key("name") for area in found] == ["A", "7"]
    assert [area.key("zone") for area in found] == ["4", "7"]
    assert [len(area.geometry.polygons) for area in found] == [1, 2]


@pytest.mark.parametrize(
    ("content", "line", "reason"),
    [
        (b'{"type":\n "FeatureCollection",\n}', 3, "the file is not JSON: "),
        (b"\xff", 1, "the file is not JSON in UTF-8"),
        (b"[" * 100_000, 1, "the file is not JSON in UTF-8"),
        (b'{"type": NaN}', 1, "the file is not JSON: "),
        (b'{"type": "\xff"}', 1, "the file is not JSON in UTF-8"),
        (b"[]", 1, "the file is not a GeoJSON FeatureCollection with at least one feature"),
        (json.dumps(feature()).encode(), 1, "the file is not a GeoJSON FeatureCollection with at least one feature"),
        (written(), 1, "the file is not a GeoJSON FeatureCollection with at least one feature"),
        (written(feature(), feature("Point", [0, 0])), 3, "feature 2 is no area: "),
        (written(feature(coordinates=[])), 2, "feature 1 is no area: "),
        (written(feature(coordinates=[RING[:2]])), 2, "feature 1 is no area: "),
        (written(feature(coordinates=[[["a", "b"], *RING]])), 2, "feature 1 is no area: "),
        (written({"type": "Feature", "geometry": None}), 2, "feature 1 is no area: "),
        (written(feature(), feature(coordinates=[RING[:4]])), 3, "feature 2: a ring must end with the position"),
        (
            written(feature(coordinates=[[[583960, 4507523], *RING[1:4], [583960, 4507523]]])),
            2,
            "feature 1: write positions as longitude and latitude in degrees (WGS 84)",
        ),
        (b" " * (map_file.MAX_BYTES + 1), 1, "the file is larger than 1,000,000 bytes: simplify its outlines"),
    ],
)
def test_a_mistake_is_told_with_its_line(content: bytes, line: int, reason: str) -> None:
    found = mistake(content)
    assert found[0] == line
    assert found[1].startswith(reason)


def test_equal_features_have_lines_of_their_own() -> None:
    bad = feature("LineString", RING)
    assert mistake(written(feature(), feature(), bad, bad))[0] == 4


def test_areas_that_cannot_be_told_apart_are_told() -> None:
    names = [{"name": "A"}, {"name": "A"}, {"name": ""}, {"name": None}, {"name": True}, None]
    found = map_file.areas(written(*(feature(properties=one) for one in names)))
    nameless = [f"feature {number} has neither a property 'name' nor an id" for number in (3, 4, 5, 6)]
    assert list(map_file.mistakes_of_key(found, "name")) == [*nameless, "2 features have the name 'A'"]


@pytest.mark.parametrize(
    ("path", "is_one"),
    [
        ("maps/new_york.geojson", True),
        ("maps/New York.geojson", False),
        ("maps/a/b.geojson", False),
        ("maps/.geojson", False),
        ("new_york.geojson", False),
        ("finance/maps/a.geojson", False),
        ("maps/new_york.sql", False),
    ],
)
def test_a_map_is_known_by_its_path(path: str, is_one: bool) -> None:
    assert map_file.is_map_file(path) is is_one
