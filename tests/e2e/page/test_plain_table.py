"""A table of few rows: there with the drawing, a grid once somebody sorts it, and the same rows in both."""

import pytest
from playwright.sync_api import Locator, Request, expect

from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

FEW = """/*---
title: A few rows
size: full
parameters: {zone: {type: choice, choices: [All, North, South, East], default: All}}
chart: {type: table, click: {filter: {zone: zone}}}
columns:
  fare: {format: currency, total: sum, bar: true, colour: {below: 0, is: bad}}
  place: {link: "https://example.com/{place}"}
---*/
SELECT zone, fare, place FROM (
    SELECT 'North' AS zone, CAST(12.5 AS decimal(9, 2)) AS fare, 'a b' AS place
    UNION ALL SELECT 'South', CAST(-3 AS decimal(9, 2)), 'c'
    UNION ALL SELECT 'East', CAST(100 AS decimal(9, 2)), NULL
) AS rows WHERE :zone = 'All' OR zone = :zone ORDER BY zone
"""


@pytest.fixture
def few(tab: Tab, stack: Stack, publish: Publish) -> Locator:
    """The panel of three rows, on a page of its own; its scripts and styles are asked for as a stranger would."""
    publish("fewness/few_rows", FEW)
    stack.until(lambda: '"few_rows"' in stack.reports(), 60, "the report")
    open_page(tab.page, stack, ADMIN, "/d/fewness")
    tab.is_finished("few_rows")
    return tab.panel("few_rows")


def test_its_rows_come_with_the_drawing_and_without_a_grid(tab: Tab, few: Locator) -> None:
    expect(few.locator("tbody th, tbody td")).to_have_text(
        ["East", "$100.00", "", "North", "$12.50", "a b", "South", "-$3.00", "c"]
    )
    expect(few.locator("tfoot td")).to_have_text(["Total", "$109.50", ""])
    expect(few.locator(".tone-bad")).to_have_text("-$3.00")
    expect(few.get_by_role("link", name="a b")).to_have_attribute("href", "https://example.com/a%20b")
    assert tab.page.evaluate("window.dash_ag_grid === undefined")


def test_a_click_on_a_cell_sets_the_filter_and_a_second_one_takes_it_back(few: Locator) -> None:
    few.get_by_role("button", name="North").press("Enter")
    expect(few.locator("tbody tr")).to_have_count(1, timeout=DRAWN)
    few.get_by_role("button", name="North").click()
    expect(few.locator("tbody tr")).to_have_count(3, timeout=DRAWN)


def test_whoever_sorts_gets_the_grid_and_keeps_it(tab: Tab, few: Locator) -> None:
    few.get_by_role("button", name="Fare").press("Enter")
    fares = few.locator(".ag-center-cols-container [col-id=c1]")
    expect(fares).to_have_text(["-$3.00", "$12.50", "$100.00"], timeout=DRAWN)
    expect(few.locator(".plain-table")).to_have_count(0)
    expect(few.get_by_role("columnheader", name="Fare")).to_be_focused()
    few.locator(".ag-center-cols-container [col-id=c0]", has_text="South").click()
    expect(fares).to_have_text(["-$3.00"], timeout=DRAWN)
    assert few.get_attribute("data-state") == "finished"


def test_a_grid_that_cannot_be_loaded_leaves_the_table_as_it_is(tab: Tab, few: Locator) -> None:
    failed: list[Request] = []
    tab.page.on("requestfailed", lambda request: failed.append(request))
    tab.page.route("**/dash_ag_grid*", lambda route: route.abort())
    few.get_by_role("button", name="Fare").click()
    tab.until(lambda: bool(failed))
    expect(few.locator("tbody tr")).to_have_count(3)
    expect(few).to_have_attribute("data-state", "finished")
    tab.page.unroute("**/dash_ag_grid*")
    few.get_by_role("button", name="Fare").click()
    expect(few.locator(".ag-center-cols-container [col-id=c1]").first).to_have_text("-$3.00", timeout=DRAWN)
