"""Real trip files, as the TLC publishes them, loaded by a stack of its own."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import DRAWN, FINANCE, REPO, Stack, expect_all_finished, sign_in

pytestmark = pytest.mark.e2e

DATA = Path(os.environ.get("PUSHBOARD_TEST_DATA", REPO.parent / "shared" / "data"))
TRIPS = DATA / "tlc_trips_march_2019.csv"


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
