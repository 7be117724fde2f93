"""Signing in in a browser with several tabs."""

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DRAWN, OPS, PASSWORD, Stack
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e


def test_two_tabs_at_the_form_both_end_on_their_own_page(tab: Tab, stack: Stack, small: str) -> None:
    """Whichever is filled in second finds the browser signed in already, and still lands where it wanted."""
    first, second = tab, Tab(tab.page.context.new_page())
    wanted = {first: f"{stack.url}{small}", second: f"{stack.url}/d/operations?month=2015-07"}
    for one, address in wanted.items():
        one.page.goto(address)
        expect(one.page.get_by_label("Password")).to_be_visible(timeout=DRAWN)
    for one, address in wanted.items():
        fill_in(one.page)
        expect(one.page).to_have_url(address, timeout=DRAWN)
        expect(one.page.locator("#content h1")).to_be_visible(timeout=DRAWN)
    for one in wanted:
        one.is_live()


def fill_in(page: Page) -> None:
    """The form, as far as the user pool still wants it."""
    page.get_by_label("Email").fill(OPS)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
