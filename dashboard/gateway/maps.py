"""A map's areas, as `GET /maps/{name}` returns them; read by `client`, drawn by `charts.kinds.area_map`.

Source: RFC 7946, "The GeoJSON Format": rings of longitudes and latitudes, closed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

Position = Sequence[float]
Ring = Sequence[Position]
Polygon = Sequence[Ring]


@dataclass(frozen=True)
class Area:
    """One area: what the map's file says of it, its own id, and its polygons: each an outline, then its holes.

    Outlines run clockwise and holes the other way round: what draws them takes an outline that does not for the hole
    in a world that is filled.
    """

    properties: Mapping[str, Any]
    own_id: str | int | None
    polygons: Sequence[Polygon] = field(repr=False)

    def text(self, name: str) -> str | None:
        """A property as text, or the area's own id where it has no such property; None for what is no name."""
        value = self.properties.get(name, self.own_id)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


def areas_of(collection: Mapping[str, Any]) -> tuple[Area, ...]:
    """The areas of a FeatureCollection; raises `KeyError`, `TypeError` or `ValueError` for anything else."""
    return tuple(_area(feature) for feature in collection["features"])


def positions_in(areas: Sequence[Area]) -> int:
    """How many positions all outlines have together."""
    return sum(len(ring) for area in areas for polygon in area.polygons for ring in polygon)


def _area(feature: Mapping[str, Any]) -> Area:
    geometry = feature["geometry"]
    several = geometry["type"] == "MultiPolygon"
    polygons = geometry["coordinates"] if several else [geometry["coordinates"]]
    wound = tuple(tuple(_wound(ring, is_outline=at == 0) for at, ring in enumerate(polygon)) for polygon in polygons)
    return Area(feature.get("properties") or {}, feature.get("id"), wound)


def _wound(ring: Ring, *, is_outline: bool) -> Ring:
    is_clockwise = sum((x2 - x1) * (y2 + y1) for (x1, y1, *_), (x2, y2, *_) in pairwise(ring)) > 0
    return ring if is_clockwise == is_outline else ring[::-1]
