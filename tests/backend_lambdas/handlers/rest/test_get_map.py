"""GET /maps/{name}, and what GET /reports says of the map that a report draws."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from backend_lambdas.handlers.rest import get_reports
from backend_lambdas.maps.map_file import MAX_BYTES
from tests.backend_lambdas.lambda_fakes import REPORT

RING = [[0, 0], [1, 0], [1, 1], [0, 0]]
AREA = {"type": "Feature", "properties": {"name": "A"}, "geometry": {"type": "Polygon", "coordinates": [RING]}}
SQUARES = {"type": "FeatureCollection", "features": [AREA]}
MAP = "{type: map, map: squares, area: trip_date, value: total_fare}"
DRAWN = REPORT.replace("{type: line, x: trip_date, y: [total_fare]}", MAP)

Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def ask(put: Any, wire: Callable[..., None], recorded: Callable[[str], dict[str, Any]]) -> Ask:
    """Status and body for a map of this name, or for the listing."""
    wire(REPORTS_S3_PATH=f"s3://{put.bucket}/reports/")

    def request(name: str | None, groups: str = "finance") -> tuple[int, dict[str, Any]]:
        event = recorded("get_reports") | {"pathParameters": {"name": name} if name is not None else None}
        event["requestContext"]["authorizer"]["claims"]["cognito:groups"] = groups
        answer = get_reports.handler(event, None)
        return answer["statusCode"], json.loads(answer["body"])

    return request


def test_a_map_comes_as_its_file_has_it(ask: Ask, put: Any) -> None:
    put("reports/maps/squares.geojson", json.dumps(SQUARES))
    assert ask("squares") == (200, {"name": "squares", "map": SQUARES})


@pytest.mark.parametrize("name", ["other", "../finance/revenue", "squares.geojson", "Squares", "", "a/b", "x" * 65])
def test_a_name_of_no_map_reads_nothing_else(ask: Ask, put: Any, name: str) -> None:
    put("reports/maps/squares.geojson", json.dumps(SQUARES))
    put("reports/finance/revenue.sql", REPORT)
    status, body = ask(name)
    assert (status, body["error"]["code"]) == (404, "not_found")
    assert body["error"]["message"] == "The map of this chart is not there. Its author has to look at it."


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ('{"type": "FeatureCollection"}', "line 1: the file is not a GeoJSON FeatureCollection"),
        (" " * (3 * MAX_BYTES), "line 1: the file is larger than 1,000,000 bytes"),
    ],
)
def test_where_and_why_a_map_is_broken_is_for_authors(ask: Ask, put: Any, content: str, reason: str) -> None:
    put("reports/maps/squares.geojson", content)
    status, body = ask("squares")
    assert status == 404
    assert body["error"]["message"] == (
        "The map of this chart has a mistake in its file. Its author has to look at it."
    )
    told = ask("squares", "finance,authors")[1]["error"]["message"]
    assert told.startswith(f"maps/squares.geojson, {reason}")


def test_the_listing_has_the_maps_version_in_chart_and_report(ask: Ask, put: Any) -> None:
    """So a client fetches a map once, and draws anew when it is another."""
    put("reports/finance/drawn.sql", DRAWN)
    put("reports/finance/plain.sql", REPORT)

    def listed() -> dict[str, dict[str, Any]]:
        return {report["id"]: report for report in ask(None)[1]["reports"]}

    without = listed()
    assert "mapVersion" not in without["drawn"]["chart"]
    put("reports/maps/squares.geojson", json.dumps(SQUARES))
    first = listed()
    assert first["drawn"]["chart"] == without["drawn"]["chart"] | {"mapVersion": first["drawn"]["chart"]["mapVersion"]}
    put("reports/maps/squares.geojson", json.dumps(SQUARES) + "\n")
    second = listed()
    assert len({one["drawn"]["version"] for one in (without, first, second)}) == 3
    assert first["drawn"]["chart"]["mapVersion"] != second["drawn"]["chart"]["mapVersion"]
    assert without["plain"] == second["plain"]
