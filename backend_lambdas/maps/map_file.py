"""A map is one GeoJSON file, `maps/<map>.geojson`: the areas that charts of type `map` colour. Pure.

Used by `get_reports`, which hands it to clients, and by the project's check. What is wrong with a file is told in the
same words by both.
Source: RFC 7946, "The GeoJSON Format".
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Raw, Struct

from backend_lambdas.reports.mistakes import ReportError

FOLDER = "maps/"
SUFFIX = ".geojson"
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")
MAX_BYTES = 1_000_000
"""Of a file: every browser that shows the map gets it with the chart."""

_WHOLE = "the file is not a GeoJSON FeatureCollection"

Position = Annotated[list[float], Meta(min_length=2)]
Ring = Annotated[list[Position], Meta(min_length=4)]
Rings = Annotated[list[Ring], Meta(min_length=1)]


class Polygon(Struct, frozen=True, tag_field="type", tag="Polygon"):
    """One outline, and the outlines of what is cut out of it."""

    coordinates: Rings

    @property
    def polygons(self) -> list[Rings]:
        """The one."""
        return [self.coordinates]


class MultiPolygon(Struct, frozen=True, tag_field="type", tag="MultiPolygon"):
    """Several of these."""

    coordinates: Annotated[list[Rings], Meta(min_length=1)]

    @property
    def polygons(self) -> list[Rings]:
        """Each of them."""
        return self.coordinates


class Feature(Struct, frozen=True):
    """One area."""

    type: Literal["Feature"]
    geometry: Polygon | MultiPolygon
    properties: dict[str, Any] | None = None
    id: str | int | None = None

    def key(self, name: str) -> str | None:
        """What a column's values are compared with, as text: this property, or else the feature's own `id`."""
        value = (self.properties or {}).get(name, self.id)
        return str(value) if isinstance(value, str | int) and not isinstance(value, bool) and value != "" else None


class _Collection(Struct, frozen=True):
    type: Literal["FeatureCollection"]
    features: Annotated[list[Raw], Meta(min_length=1)]


_COLLECTION, _FEATURE = msgspec.json.Decoder(_Collection), msgspec.json.Decoder(Feature)


def is_map_file(path: str) -> bool:
    """Whether a path below the place of reports is that of a map."""
    return path == path_of(name_of(path)) and bool(NAME.fullmatch(name_of(path)))


def path_of(name: str) -> str:
    """Where the map of this name lies, below the place of reports."""
    return f"{FOLDER}{name}{SUFFIX}"


def name_of(path: str) -> str:
    """The name of the map at this path."""
    return path.removeprefix(FOLDER).removesuffix(SUFFIX)


def load(content: bytes) -> dict[str, Any]:
    """The FeatureCollection of a file, as JSON; raises `ReportError` for the first thing that is wrong with it."""
    areas(content)
    return dict(msgspec.json.decode(content))


def areas(content: bytes) -> list[Feature]:
    """The areas of a file in their order; raises `ReportError` with line and reason."""
    if len(content) > MAX_BYTES:
        raise ReportError(1, f"the file is larger than {MAX_BYTES:,} bytes: simplify its outlines")
    return list(_areas(content, _features(content)))


def mistakes_of_key(found: list[Feature], name: str) -> Iterator[str]:
    """Why the areas cannot be told apart by this property; nothing where they can."""
    keys = [feature.key(name) for feature in found]
    for number, key in enumerate(keys, 1):
        if key is None:
            yield f"feature {number} has neither a property {name!r} nor an id"
    for key, times in Counter(keys).items():
        if key is not None and times > 1:
            yield f"{times} features have the {name} {key!r}"


def _features(content: bytes) -> list[Raw]:
    """The features as they stand in the file."""
    try:
        msgspec.json.decode(content)
        return _COLLECTION.decode(content).features
    except msgspec.ValidationError as error:
        raise ReportError(1, f"{_WHOLE} with at least one feature") from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _not_json(content, str(error)) from error


def _not_json(content: bytes, reason: str) -> ReportError:
    """Python's own reader, which is slow, tells the line; what it takes, such as NaN, is no JSON either."""
    try:
        json.loads(content)
    except json.JSONDecodeError as error:
        return ReportError(error.lineno, f"the file is not JSON: {error.msg}")
    except (UnicodeDecodeError, RecursionError):
        return ReportError(1, "the file is not JSON in UTF-8")
    return ReportError(1, f"the file is not JSON: {reason}")


def _areas(content: bytes, features: list[Raw]) -> Iterator[Feature]:
    end = 0
    for number, raw in enumerate(map(bytes, features), 1):
        start = content.index(raw, end)
        end = start + len(raw)
        try:
            yield _area(raw)
        except ValueError as error:
            raise ReportError(content.count(b"\n", 0, start) + 1, f"feature {number}{error}") from error


def _area(raw: bytes) -> Feature:
    """The area that a feature is; raises `ValueError` with what is to be said of the feature."""
    try:
        feature = _FEATURE.decode(raw)
    except msgspec.ValidationError as error:
        wanted = "an area needs a geometry of type Polygon or MultiPolygon, each ring of four positions or more"
        raise ValueError(f" is no area: {wanted} ({error})") from error
    for ring in (ring for polygon in feature.geometry.polygons for ring in polygon):
        if ring[0] != ring[-1]:
            raise ValueError(": a ring must end with the position that it begins with")
        if not all(abs(position[0]) <= 180 and abs(position[1]) <= 90 for position in ring):
            raise ValueError(": write positions as longitude and latitude in degrees (WGS 84)")
    return feature
