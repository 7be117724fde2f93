"""Maps in a browser: areas in colours, by their own file alone, that can be pointed at and clicked."""

import json
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.conftest import ADMIN, Stack, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

AREAS = """/*---
title: By area
parameters: {area: {type: text, label: Area, default: anywhere}}
chart: {type: map, map: squares_for_tests, area: area, value: trips, click: {filter: {area: area}}}
---*/
SELECT 'West' AS area, 30 AS trips WHERE :area <> ''
UNION ALL SELECT 'East', 10 UNION ALL SELECT 'Atlantis', 5
"""
BESIDE = """/*---
title: Beside it
parameters: {area: {type: text, label: Area, default: anywhere}}
chart: {type: bar, x: area, y: n}
---*/
SELECT :area AS area, 1 AS n
"""
LOST = AREAS.replace("squares_for_tests", "no_such_map").replace("By area", "Lost")
TOPICS = ("map_areas", "map_beside", "map_lost")


def squares(*names: str) -> str:
    """A map of squares in a row, wound as RFC 7946 wants it: counterclockwise."""
    corners = [[[at, 0], [at + 1, 0], [at + 1, 1], [at, 1], [at, 0]] for at in range(len(names))]
    features = [
        {"type": "Feature", "properties": {"name": name}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
        for name, ring in zip(names, corners, strict=True)
    ]
    return json.dumps({"type": "FeatureCollection", "features": features})


@pytest.fixture
def drawn(tab: Tab, stack: Stack, publish: Publish) -> Tab:
    """A page with a map, a panel that shows what was clicked, and a map whose file is missing."""
    publish("maps/squares_for_tests.geojson", squares("West", "Middle", "East"))
    for topic, text in zip(TOPICS, (AREAS, BESIDE, LOST), strict=True):
        publish(f"mapping/{topic}", text)
    stack.until(lambda: all(topic in stack.reports() for topic in TOPICS), 60, "the reports")
    stack.until(lambda: "mapVersion" in stack.reports(), 60, "the map")
    open_page(tab.page, stack, ADMIN, "/d/mapping")
    tab.is_finished("map_areas", "map_beside")
    expect(areas(tab)).to_have_count(3)
    return tab


def areas(tab: Tab) -> Locator:
    """The drawn areas of the map: those without a value first, the others in the order of the rows."""
    return tab.panel("map_areas").locator(".choroplethlayer path")


def point_at(tab: Tab, area: Locator) -> None:
    """Moves the mouse over the middle of an area, which lies below what hears it."""
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    tab.page.mouse.move(x - 2, y)
    tab.page.mouse.move(x, y)


def test_areas_are_coloured_and_told_by_name_and_value(drawn: Tab) -> None:
    fills = areas(drawn).evaluate_all("all => all.map(area => getComputedStyle(area).fill)")
    assert len(set(fills)) == 3, "nothing, the least and the most"
    widths = areas(drawn).evaluate_all("all => all.map(area => Math.round(area.getBBox().width))")
    assert max(widths) - min(widths) <= 1, "squares, and none of them the rest of the world"
    tooltip = drawn.panel("map_areas").locator(".hoverlayer")
    for at, told in enumerate(("MiddleNo data", "West30", "East10")):
        point_at(drawn, areas(drawn).nth(at))
        expect(tooltip).to_have_text(told)
    expect(drawn.panel("map_areas")).to_contain_text("1 row is of no area of the map: Atlantis.")


def test_a_map_of_the_page_asks_nothing_of_anybody_else(drawn: Tab) -> None:
    """Plotly would fetch the coastlines of the world."""
    hosts = {urlsplit(url).hostname for url in drawn.requests if urlsplit(url).scheme in ("http", "https")}
    assert hosts == {"localhost"}
    assert drawn.page.evaluate("performance.getEntriesByType('resource').every(({ name }) => name.startsWith(origin))")


def test_a_click_on_an_area_narrows_the_page_and_the_wheel_moves_it(drawn: Tab) -> None:
    shape = areas(drawn).first.get_attribute("d")
    point_at(drawn, areas(drawn).nth(1))
    drawn.page.mouse.wheel(0, 120)
    point_at(drawn, areas(drawn).nth(1))
    drawn.page.mouse.down()
    drawn.page.mouse.up()
    expect(drawn.page.locator("#click-chips")).to_contain_text("West")
    drawn.ask_all_with(["map_areas", "map_beside"], area="West")
    drawn.is_finished("map_areas", "map_beside")
    assert areas(drawn).first.get_attribute("d") == shape
    point_at(drawn, areas(drawn).nth(0))  # which has no row, and stands for nothing
    drawn.page.mouse.down()
    drawn.page.mouse.up()
    expect(drawn.page.locator("#click-chips")).to_contain_text("West")


def test_a_map_that_is_missing_takes_down_its_panel_only(drawn: Tab, stack: Stack, publish: Publish) -> None:
    lost = drawn.panel("map_lost")
    expect(lost).to_contain_text("The map of this chart is not there. Its author has to look at it.")
    publish("maps/no_such_map.geojson", squares("West", "East"))
    expect(lost.locator(".choroplethlayer path")).to_have_count(2)


def test_a_new_version_of_a_map_stands_on_the_open_page(drawn: Tab, publish: Publish) -> None:
    publish("maps/squares_for_tests.geojson", squares("West", "Middle", "East", "Atlantis"))
    expect(areas(drawn)).to_have_count(4)
    expect(drawn.panel("map_areas")).not_to_contain_text("no area of the map")
