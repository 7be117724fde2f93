"""Signing up, restarting, and real trip files: each with a stack of its own."""

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DRAWN, FINANCE, REPO, Stack, expect_all_finished, sign_in

pytestmark = pytest.mark.e2e

DATA = Path(os.environ.get("PUSHBOARD_TEST_DATA", REPO.parent / "shared" / "data"))
TRIPS = DATA / "tlc_trips_march_2019.csv"


def test_a_new_user_signs_up_and_survives_a_restart(
    page: Page, start_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    """The code is read from the terminal; the account is there after a restart on the same folder."""
    stack = start_stack("--rows", "5000", var=tmp_path / "kept")
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
    stack.stop()

    again = start_stack("--rows", "5000", var=tmp_path / "kept")
    page.context.clear_cookies()
    sign_in(page, again, "new@example.com", password="Brand-New-2026!")
    expect(page.get_by_text("no department is open to you yet")).to_be_visible(timeout=DRAWN)


@pytest.mark.skipif(not TRIPS.exists(), reason=f"no real trip file at {TRIPS} (set PUSHBOARD_TEST_DATA)")
def test_real_trips_are_shown_for_their_month(page: Page, start_stack: Callable[..., Stack]) -> None:
    """Loaded from the TLC's file, the page opens on March 2019; December 2015 says that there is nothing."""
    stack = start_stack("--data", str(TRIPS))
    sign_in(page, stack, FINANCE, "/d/finance")
    expect_all_finished(page)
    expect(page.get_by_label("Trip month")).to_have_text("March 2019")
    expect(page.locator("[data-topic=revenue_by_day] .js-plotly-plot .trace").first).to_be_visible(timeout=DRAWN)
    page.goto(stack.url + "/d/finance?month=2015-12")
    expect_all_finished(page)
    expect(page.locator("[data-topic=revenue_by_day] .panel-empty")).to_be_visible()
