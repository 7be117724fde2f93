"""The address of a page: what somebody chose and nothing else, kept by the page's own link; and the tab's title."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ADMIN, DRAWN, OPS, Stack, expect_all_finished, open_page
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e


def test_a_plain_address_is_not_pinned_to_the_default_of_today(tab: Tab, stack: Stack) -> None:
    """The month comes from rows; a link sent to somebody else opens on the month that is newest then."""
    open_page(tab.page, stack, OPS, "/d/operations")
    tab.is_finished("trips")
    expect(tab.page.get_by_label("Trip month")).to_have_text("December 2015")
    assert tab.runs("trips")[-1]["parameters"] == {"month": "2015-12"}
    assert tab.page.url == f"{stack.url}/d/operations"


def test_the_link_of_the_page_that_is_open_keeps_its_filters(tab: Tab, stack: Stack, small: str) -> None:
    page, address = tab.page, f"{stack.url}{small}?month=2015-07"
    open_page(page, stack, OPS, f"{small}?month=2015-07")
    expect_all_finished(page)
    page.locator(".side-bar").get_by_role("link", name="Small").click()
    tab.run_again("small_trips")
    tab.is_finished("small_trips")
    assert tab.runs("small_trips")[-1]["parameters"] == {"month": "2015-07"}
    assert page.url == address
    expect(page.get_by_label("Trip month")).to_have_text("July 2015")


TITLES = {
    "Home": "Home · Pushboard",
    "Small": "Small · Pushboard",
    "Exports": "Exports · Pushboard",
    "Runs": "Runs · Pushboard",
    "Audit": "Audit · Pushboard",
}


def test_each_page_names_its_browser_tab(page: Page, stack: Stack, small: str) -> None:
    """Opened by its address, and by a link of the side bar."""
    open_page(page, stack, ADMIN, small)
    expect(page).to_have_title("Small · Pushboard")
    for link, title in TITLES.items():
        page.locator(".side-bar").get_by_role("link", name=link).click()
        expect(page).to_have_title(title, timeout=DRAWN)
    page.goto(f"{stack.url}/nothing")
    expect(page).to_have_title("Nothing here · Pushboard")
