"""Signing up in a real browser, with the code from the terminal, by keyboard alone."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.e2e


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def test_a_newcomer_signs_up_by_keyboard_without_scripts(page: Page, visitor: Any, mailbox: Any) -> None:
    """From the sign-in page to the application, which gets a code, through the pages' own security policy."""
    page.goto(f"{visitor.endpoint}/oauth2/authorize?{visitor.query(state='from-the-browser')}")
    expect(page.get_by_label("Email")).to_be_focused()
    page.get_by_role("link", name="Create an account").press("Enter")
    expect(page.get_by_role("heading", name="Create an account")).to_be_visible()
    page.keyboard.type("new@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("Taxi-2015!")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code")).to_be_focused()
    page.keyboard.type(mailbox.code("new@example.com"))
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Confirm")).to_be_focused()
    with page.expect_request("http://localhost:8050/**") as arrived:
        page.keyboard.press("Enter")
    assert "state=from-the-browser" in arrived.value.url
    assert "code=" in arrived.value.url
