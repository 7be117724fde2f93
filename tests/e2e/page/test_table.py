"""The rows behind a panel: exact, as many as it says, and of the filters that the page shows."""

import re

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.e2e.conftest import ADMIN, DRAWN, OPS, Stack, expect_all_finished, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

EXACT = """/*---
title: Exact values
size: full
chart: {type: table}
columns:
  plain: {format: text}
---*/
SELECT CAST(9007199254740993 AS bigint) AS big, CAST(9007199254740993 AS bigint) AS plain,
    CAST('12345678901234567.89' AS decimal(19, 2)) AS money, CAST('0.12345678' AS decimal(10, 8)) AS part,
    CAST('10007' AS varchar) AS code, CAST('2015-12-31 23:59:58' AS timestamp) AS moment
FROM nyc_yellow_taxi LIMIT 6000
"""
SHOWN = {
    "Big": "9,007,199,254,740,993",
    "Plain": "9007199254740993",
    "Money": "12,345,678,901,234,567.89",
    "Part": "0.12345678",
    "Code": "10007",
    "Moment": "2015-12-31 23:59:58",
}


def test_the_table_shows_exact_values_and_how_many_rows_it_has(tab: Tab, stack: Stack, publish: Publish) -> None:
    publish("exactness/exact_for_tests", EXACT)
    stack.until(lambda: "exact_for_tests" in stack.reports(), 60, "the report")
    open_page(tab.page, stack, ADMIN, "/d/exactness")
    tab.is_finished("exact_for_tests")
    panel = tab.panel("exact_for_tests")
    expect(panel.locator(".panel-foot")).to_contain_text("6,000 rows")
    shown = dict(
        zip(texts(panel, ".ag-header-cell-text"), texts(panel, ".ag-row[row-index='0'] .ag-cell"), strict=True)
    )
    assert shown == SHOWN


MANY = """/*---
title: Many rows
groups: [operations]
size: full
columns:
  n: {link: "https://example.com/{zone}"}
  fare: {format: currency, total: sum, bar: true, colour: {below: 0, is: bad}}
---*/
WITH ten AS (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9),
numbers AS (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS n
    FROM ten AS a, ten AS b, ten AS c, ten AS d, ten AS e)
SELECT CAST(n * 7919 % 50000 AS bigint) AS n, CAST(n * 7919 % 50000 - 10 AS decimal(12, 2)) AS fare,
    'Zone ' || CAST(n % 10 AS varchar) AS zone
FROM numbers WHERE n < 50000 ORDER BY n
"""


def test_a_table_of_50_000_rows_is_sorted_and_filtered_on_the_server(tab: Tab, stack: Stack, publish: Publish) -> None:
    """By keyboard, from the first row to the last; what is below the rows is of all that pass."""
    publish("crowds/many_for_tests", MANY)
    stack.until(lambda: "many_for_tests" in stack.reports(), 60, "the report")
    open_page(tab.page, stack, OPS, "/d/crowds")
    tab.is_finished("many_for_tests")
    panel = tab.panel("many_for_tests")
    expect(panel.locator(".panel-foot")).to_contain_text("50,000 rows")
    first, total = panel.locator(".ag-row[row-index='0'] [col-id=c0]"), panel.locator(".line-total [col-id=c1]")
    expect(total).to_have_text("$1,249,475,000.00")
    header = panel.get_by_role("columnheader", name="N", exact=True)
    header.press("Enter")
    expect(first).to_have_text("0", timeout=DRAWN)
    expect(panel.locator(".ag-row[row-index='0'] .tone-bad")).to_have_text("-$10.00")
    header.press("Enter")
    expect(first).to_have_text("49,999", timeout=DRAWN)
    expect(first.locator("a")).to_have_attribute("rel", "noopener noreferrer")
    first.click(position={"x": 2, "y": 10})
    tab.page.keyboard.press("Control+End")
    expect(panel.locator(".ag-row[row-index='49999'] [col-id=c0]")).to_have_text("0", timeout=DRAWN)
    tab.page.evaluate(FILTER, [{"type": "table-rows", "topic": "many_for_tests"}, {"c2": ZONE_3}])
    expect(panel.locator(".table-note")).to_have_text("5,000 of 50,000 rows pass the filters.", timeout=DRAWN)
    expect(total).not_to_have_text("$1,249,475,000.00")


ZONE_3 = {"filterType": "text", "type": "equals", "filter": "zone 3"}
FILTER = "([id, model]) => window.dash_ag_grid.getApi(id).setFilterModel(model)"


def texts(panel: Locator, selector: str) -> list[str]:
    """The texts of cells from left to right, in whatever order they stand in the document."""
    return list(panel.locator(selector).evaluate_all(FROM_THE_LEFT))


FROM_THE_LEFT = """cells => cells
    .sort((a, b) => a.getBoundingClientRect().left - b.getBoundingClientRect().left)
    .map(cell => cell.textContent.trim())"""


def test_a_table_is_not_finished_while_it_shows_the_rows_before(tab: Tab, stack: Stack, small: str) -> None:
    """The rows of the new month are held on their way; only with them the panel has finished."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        if '"property":"tableWanted"' in (route.request.post_data or ""):
            held.append(route)
        else:
            route.continue_()

    page, panel = tab.page, tab.panel("small_days")
    open_page(page, stack, OPS, small)
    expect_all_finished(page)
    panel.get_by_text("Table", exact=True).click()
    first = panel.locator(".ag-row[row-index='0'] .ag-cell").first
    expect(first).to_contain_text(re.compile("Dec|2015-12"), timeout=DRAWN)
    expect(panel).to_have_attribute("data-state", "finished", timeout=DRAWN)
    page.route("**/_dash-update-component*", hold)
    page.get_by_label("Trip month").locator("visible=true").first.click()
    page.get_by_role("button", name="Jul", exact=False).locator("visible=true").first.click()
    tab.until(lambda: bool(held))
    expect(panel).to_have_attribute("data-state", "running")
    expect(first).to_contain_text(re.compile("Dec|2015-12"))
    page.evaluate(ROWS_WHEN_FINISHED)
    for route in held:
        route.continue_()
    page.unroute_all(behavior="ignoreErrors")
    expect(panel).to_have_attribute("data-state", "finished", timeout=DRAWN)
    assert "Dec" not in page.evaluate("window.rowsWhenFinished")
    expect(first).to_contain_text(re.compile("Jul|2015-07"))


ROWS_WHEN_FINISHED = """() => {
    const panel = document.querySelector("[data-topic=small_days]");
    const rows = () => panel.querySelector(".panel-table").textContent;
    const note = () => panel.dataset.state === "finished" && (window.rowsWhenFinished = rows());
    new MutationObserver(note).observe(panel, { attributeFilter: ["data-state"] });
}"""
"""Notes what the table shows at the moment at which the panel says that it has finished."""
