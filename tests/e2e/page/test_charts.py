"""Charts as the page's own policy lets them be drawn."""

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ADMIN, Stack, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

POINTS = """/*---
title: Ten thousand points
chart: {type: scatter, x: trip_distance, y: total_amount}
---*/
SELECT trip_distance, total_amount FROM nyc_yellow_taxi LIMIT 10000
"""
MONTHS = """/*---
title: Months
chart: {type: bar, x: label, y: value}
---*/
SELECT '2015-11' AS label, 1 AS value UNION ALL SELECT '2015-12', 2 UNION ALL SELECT '2015-13', 3 ORDER BY label
"""


@pytest.fixture
def drawn(tab: Tab, stack: Stack, publish: Publish) -> Tab:
    """A page of both, drawn; what its policy refuses is kept in `window.refused`."""
    publish("drawing/points_for_tests", POINTS)
    publish("drawing/months_for_tests", MONTHS)
    stack.until(lambda: all(name in stack.reports() for name in ("points_for_tests", "months_for_tests")), 60, "both")
    tab.page.add_init_script(KEEP_REFUSED)
    open_page(tab.page, stack, ADMIN, "/d/drawing")
    tab.is_finished("points_for_tests", "months_for_tests")
    return tab


KEEP_REFUSED = """
    window.refused = [];
    addEventListener("securitypolicyviolation", event => window.refused.push(event.violatedDirective));
"""


def test_ten_thousand_points_draw_under_the_pages_own_policy(drawn: Tab) -> None:
    panel = drawn.panel("points_for_tests")
    expect(panel.locator(".scatterlayer .point").first).to_be_attached()
    assert panel.locator(".scatterlayer .point").count() > 500
    expect(panel.locator(".panel-detail")).to_contain_text("10,000 rows")
    expect(panel).not_to_contain_text("WebGL")
    assert drawn.page.locator(".gl-container canvas").count() == 0
    assert drawn.page.evaluate("window.refused") == []


def test_texts_that_look_like_months_are_categories_of_their_own(drawn: Tab) -> None:
    """The third is no month: an axis of dates would drop it."""
    panel = drawn.panel("months_for_tests")
    expect(panel.locator(".barlayer .point")).to_have_count(3)
    expect(panel.locator(".xtick text")).to_have_text(["2015-11", "2015-12", "2015-13"])
