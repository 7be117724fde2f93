"""A page of many panels: those far below wait until somebody comes near, yet all means all."""

from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page
from tests.e2e.reports import publishing
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

MANY = 24
TOPICS = [f"many_{number:02}" for number in range(1, MANY + 1)]
LAST = TOPICS[-1]
REPORT = """/*---
title: Panel {number}
chart: {{type: bar, x: name, y: value}}
order: {number}
---*/
SELECT 'this' AS name, {number} AS value
"""


@pytest.fixture(scope="module")
def many(stack: Stack) -> Iterator[str]:
    """The address of the page."""
    with publishing(stack) as publish:
        for number, topic in enumerate(TOPICS, 1):
            publish(f"many/{topic}", REPORT.format(number=number))
        stack.until(lambda: f'"{LAST}"' in stack.reports(), 60, "the reports to be known")
        yield "/d/many"


def test_panels_far_below_run_once_somebody_scrolls_there(tab: Tab, stack: Stack, many: str) -> None:
    open_page(tab.page, stack, ADMIN, many)
    tab.is_finished(TOPICS[0], TOPICS[1])
    assert tab.runs(LAST) == []
    expect(tab.panel(LAST)).to_have_attribute("data-state", "idle")
    tab.panel(LAST).scroll_into_view_if_needed()
    tab.is_finished(LAST)
    expect(tab.panel(LAST).locator(".js-plotly-plot .point").first).to_be_visible()


def test_run_all_runs_those_far_below_too(tab: Tab, stack: Stack, many: str) -> None:
    open_page(tab.page, stack, ADMIN, many)
    tab.is_finished(TOPICS[0])
    tab.page.get_by_role("button", name="Run all").click()
    tab.until(lambda: all(tab.runs(topic) and tab.runs(topic)[-1]["refresh"] for topic in TOPICS))
    tab.is_finished(*TOPICS)
    assert {tab.end_of_newest(topic)["type"] for topic in TOPICS} == {"finished"}


def test_the_workbook_has_panels_that_nobody_scrolled_to(tab: Tab, stack: Stack, many: str, tmp_path: Path) -> None:
    """A sheet for each, and the last one tells of all of them."""
    open_page(tab.page, stack, ADMIN, many)
    tab.is_finished(TOPICS[0])
    assert tab.runs(LAST) == []
    with tab.page.expect_download(timeout=2 * DRAWN) as started:
        tab.page.get_by_role("button", name="Workbook").click()
    file = tmp_path / "page.xlsx"
    started.value.save_as(file)
    sheets = openpyxl.load_workbook(file).worksheets
    assert [sheet.cell(2, 2).value for sheet in sheets[:-1]] == list(range(1, MANY + 1))
