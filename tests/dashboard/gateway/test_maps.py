"""A map's areas as the gateway hands them out: what they are called, and which way round they run."""

import pytest

from dashboard.gateway.maps import areas_of, positions_in

CLOCKWISE = [[0, 0], [0, 1], [1, 1], [1, 0], [0, 0]]
COUNTER = CLOCKWISE[::-1]


def of(kind: str, coordinates: object, **more: object) -> dict[str, object]:
    return {"features": [{"type": "Feature", "geometry": {"type": kind, "coordinates": coordinates}, **more}]}


@pytest.mark.parametrize("outline", [CLOCKWISE, COUNTER])
@pytest.mark.parametrize("hole", [CLOCKWISE, COUNTER])
def test_outlines_run_clockwise_and_holes_do_not(outline: list[list[int]], hole: list[list[int]]) -> None:
    """RFC 7946 wants the opposite, older files have either."""
    (area,) = areas_of(of("Polygon", [outline, hole]))
    assert area.polygons == ((CLOCKWISE, COUNTER),)
    (several,) = areas_of(of("MultiPolygon", [[outline], [outline, hole]]))
    assert several.polygons == ((CLOCKWISE,), (CLOCKWISE, COUNTER))
    assert positions_in((area, several)) == 25


def test_heights_are_passed_over() -> None:
    ring = [[*position, 12.5] for position in COUNTER]
    (area,) = areas_of(of("Polygon", [ring]))
    assert area.polygons == ((ring[::-1],),)


def test_a_name_is_a_property_or_else_the_own_id() -> None:
    (area,) = areas_of(of("Polygon", [CLOCKWISE], properties={"name": "A", "zone": 4, "flag": True, "none": ""}, id=7))
    assert [area.text(name) for name in ("name", "zone", "other", "flag", "none")] == ["A", "4", "7", None, None]
    (nameless,) = areas_of(of("Polygon", [CLOCKWISE], properties=None))
    assert nameless.text("name") is None
