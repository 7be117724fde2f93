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
    expect(panel.locator(".table-note")).to_have_text(
        "The first 5,000 of 6,000 rows. Sorting and filtering are of these; a download has all."
    )
    shown = dict(
        zip(texts(panel, ".ag-header-cell-text"), texts(panel, ".ag-row[row-index='0'] .ag-cell"), strict=True)
    )
    assert shown == SHOWN


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
