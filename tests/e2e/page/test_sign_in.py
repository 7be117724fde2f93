"""Signing in with several tabs, and signing up."""

import re

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


def test_who_signs_up_reads_the_code_at_the_terminal_and_is_let_in(page: Page, stack: Stack) -> None:
    page.goto(stack.url)
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Email").fill("new@example.com")
    page.get_by_label("Password").first.fill("Brand-New-2026!")
    page.get_by_role("button", name=re.compile("Create|Sign up")).click()
    line = stack.until(lambda: stack.printed("new@example.com"), 60, "the code")
    page.get_by_label("Code").fill(re.search(r"\b\d{6}\b", line)[0])
    page.get_by_role("button", name="Confirm").click()
    if page.get_by_label("Password").count():
        page.get_by_label("Email").fill("new@example.com")
        page.get_by_label("Password").fill("Brand-New-2026!")
        page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("no department is open to you yet")).to_be_visible(timeout=DRAWN)
