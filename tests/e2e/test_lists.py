"""The lists of what was taken away, on a desk and on a phone: nothing beyond the edge, and open to everybody."""

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.accessibility import serious_findings
from tests.e2e.clients import Taker
from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page

pytestmark = pytest.mark.e2e

FURTHEST = (
    "() => Math.max(...[...document.querySelectorAll('.list td')].map((cell) => cell.getBoundingClientRect().right))"
)


@pytest.fixture(scope="module")
def taken(stack: Stack) -> None:
    """An export that is ready, and so on record."""
    taker = Taker(stack, ADMIN)
    taker.export("trips_by_hour", "csv", month="2015-12")
    taker.close()


@pytest.mark.usefixtures("taken")
@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 1440), ("light", 390), ("dark", 390)])
def test_lists_fit_and_break_no_rule_of_accessibility(browser: Browser, stack: Stack, scheme: str, width: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": 1000}, color_scheme=scheme)
    page = context.new_page()
    open_page(page, stack, ADMIN, "/exports")
    expect(page.get_by_role("button", name="Download CSV").first).to_be_in_viewport(timeout=DRAWN)
    fits(page, width)
    page.goto(f"{stack.url}/audit?kind=export&report=trips_by_hour")
    expect(page.locator(".list tbody tr").first).to_contain_text("Completed", timeout=DRAWN)
    for fact in (ADMIN, "Export", "When the city rides", "trips_by_hour", "month 2015-12", "csv", "168"):
        expect(page.locator(".list tbody tr").first).to_contain_text(fact)
    fits(page, width)
    page.goto(f"{stack.url}/audit?email=nobody@example.com")
    expect(page.get_by_text("No downloads or exports in this time")).to_be_visible(timeout=DRAWN)
    context.close()


def fits(page: Page, width: int) -> None:
    """No cell lies beyond the edge, where one would have to know to look for it."""
    assert page.evaluate(FURTHEST) <= width
    assert serious_findings(page) == []
