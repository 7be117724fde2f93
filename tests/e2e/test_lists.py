"""The lists of what was taken away, on a desk and on a phone: nothing beyond the edge, and open to everybody."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import DESK, PHONE, looks, serious_findings
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
def test_exports_fit_and_break_no_rule_of_accessibility(page: Page, stack: Stack) -> None:
    open_page(page, stack, ADMIN, "/exports")
    for width in looks(page, DESK, PHONE):
        expect(page.get_by_role("button", name="Download CSV").first).to_be_in_viewport(timeout=DRAWN)
        fits(page, width)


@pytest.mark.usefixtures("taken")
def test_the_audit_fits_and_breaks_no_rule_of_accessibility(page: Page, stack: Stack) -> None:
    open_page(page, stack, ADMIN)
    page.goto(f"{stack.url}/audit?kind=export&report=trips_by_hour")
    expect(page.locator(".list tbody tr").first).to_contain_text("Completed", timeout=DRAWN)
    for fact in (ADMIN, "Export", "When the city rides", "trips_by_hour", "month 2015-12", "csv", "168"):
        expect(page.locator(".list tbody tr").first).to_contain_text(fact)
    for width in looks(page, DESK, PHONE):
        fits(page, width)
    page.goto(f"{stack.url}/audit?email=nobody@example.com")
    expect(page.get_by_text("No downloads or exports in this time")).to_be_visible(timeout=DRAWN)


def fits(page: Page, width: int) -> None:
    """No cell lies beyond the edge, where one would have to know to look for it."""
    assert page.evaluate(FURTHEST) <= width
    assert serious_findings(page) == []
