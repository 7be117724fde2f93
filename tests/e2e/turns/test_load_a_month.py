"""What a newcomer sees: somebody loads the last month, and the page that another user has open turns to it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import FINANCE, OPS, Stack, open_page
from tests.e2e.tab import DRAWN, Tab

pytestmark = pytest.mark.e2e

PANELS = ["revenue_by_day", "paid_trips"]


def test_a_load_turns_another_users_open_page_to_the_new_month(
    page: Page, other: Page, start_stack: Callable[..., Stack]
) -> None:
    stack = start_stack("--rows", "24000", "--hold-back")
    tab = Tab(page)
    open_page(page, stack, FINANCE, "/d/finance")
    tab.is_finished(*PANELS)
    tab.ask_all_with(PANELS, month="2015-11")
    load_december(other, stack)
    tab.ask_all_with(PANELS, month="2015-12")
    tab.is_finished(*PANELS)
    expect(page.locator("#page-state")).to_contain_text("New data at", timeout=DRAWN)
    assert "month" not in page.url, "nobody has chosen the month"


def load_december(page: Page, stack: Stack) -> None:
    open_page(page, stack, OPS, "/jobs")
    expect(page.locator("#connection-text")).to_have_text("Live", timeout=DRAWN)
    page.locator("[data-job='load_month']").get_by_role("button", name="Start").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Load the trips of 2015-12?")
    dialog.get_by_role("button", name="Start").click()
    run = page.get_by_role("article", name="Load a month of trips").first
    expect(run).to_have_attribute("data-state", "finished", timeout=DRAWN)
    expect(run.get_by_role("listitem")).to_have_count(3)
