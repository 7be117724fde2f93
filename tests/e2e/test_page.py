"""The page as viewers and authors live with it: filters as a link, reports that change under it, runs elsewhere."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.accessibility import DESK, looks, serious_findings
from tests.e2e.conftest import ADMIN, DRAWN, FINANCE, OPS, PASSWORD, Stack, expect_all_finished, open_page
from tests.e2e.reports import REPORT, SLOW, Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e


def choose_month(page: Page, name: str) -> None:
    """In the calendar that is open."""
    page.get_by_role("button", name=name, exact=False).locator("visible=true").first.click()


def test_one_month_moves_all_panels_but_the_one_with_its_own(tab: Tab, stack: Stack, small: str) -> None:
    """The shared filter changes every panel, an own one holds, and the address reproduces both."""
    page = tab.page
    open_page(page, stack, OPS, f"{small}?small_days.month=2015-03")
    expect_all_finished(page)
    own, shared = tab.panel("small_days"), page.locator("[data-topic=small_trips] .headline-figure")
    expect(own.locator(".own-mark")).to_have_text("own filters")
    before, runs = shared.inner_text(), len(tab.runs("small_days"))
    page.get_by_label("Trip month").locator("visible=true").first.click()
    choose_month(page, "Jul")
    tab.ask_all_with(["small_trips", "small_hours"], month="2015-07")
    tab.is_finished("small_trips", "small_hours")
    expect(shared).not_to_have_text(before, timeout=DRAWN)
    assert len(tab.runs("small_days")) == runs
    expect(page).to_have_url(re.compile(r"month=2015-07.*small_days\.month=2015-03"))
    july = shared.inner_text()
    page.reload()
    expect_all_finished(page)
    expect(shared).to_have_text(july)
    expect(own.locator(".xtick text", has_text="Mar").first).to_be_attached()


def test_a_link_with_nonsense_falls_back_and_says_so(page: Page, stack: Stack, small: str) -> None:
    open_page(page, stack, OPS, f"{small}?month=2015-99&colour=red")
    expect(page.get_by_text("defaults were taken: month=2015-99, colour=red")).to_be_visible(timeout=DRAWN)
    expect_all_finished(page)


def test_a_saved_report_stands_on_the_open_page_and_says_when_it_breaks(
    page: Page, stack: Stack, publish: Publish, small: str
) -> None:
    """Without a reload: a new panel, its new title, its mistake with file and line for authors, and its end."""
    open_page(page, stack, ADMIN, small)
    expect_all_finished(page)
    publish("small/fresh_for_tests", REPORT)
    fresh = page.locator("[data-topic=fresh_for_tests]")
    expect(fresh).to_have_attribute("data-state", "finished", timeout=DRAWN)
    publish("small/fresh_for_tests", REPORT.replace("Fresh from the file", "Another title"))
    expect(fresh.get_by_role("heading", name="Another title")).to_be_visible(timeout=DRAWN)
    publish("small/fresh_for_tests", REPORT.replace("chart:", "chrat:"))
    expect(fresh).to_contain_text(
        "small/fresh_for_tests.sql, line 3: unknown key 'chrat' (did you mean 'chart'?)", timeout=DRAWN
    )
    expect(page.locator("[data-topic=small_trips]")).to_have_attribute("data-state", "finished", timeout=DRAWN)


def test_a_viewer_is_told_of_a_broken_report_calmly(page: Page, stack: Stack, publish: Publish) -> None:
    publish("finance/broken_for_tests", REPORT.replace("title", "tilte"))
    stack.until(lambda: "broken_for_tests" in stack.reports(), 60, "the report")
    open_page(page, stack, FINANCE, "/d/finance")
    broken = page.locator("[data-topic=broken_for_tests]")
    expect(broken).to_contain_text("has a mistake in its file", timeout=DRAWN)
    expect(broken).not_to_contain_text("line")


def test_what_ends_on_another_page_is_told_with_a_way_back(tab: Tab, stack: Stack, publish: Publish) -> None:
    """The run goes on while its viewer is elsewhere, and a corner says so until it is closed or the page is opened."""
    page, slow = tab.page, tab.panel("slow_page_for_tests")
    publish("corner/slow_page_for_tests", SLOW)
    stack.until(lambda: "slow_page" in stack.reports(), 60, "the report")
    open_page(page, stack, ADMIN, "/d/corner")
    tab.is_running("slow_page_for_tests")
    tab.until(lambda: page.evaluate(ELAPSED, "slow_page_for_tests") > QUICK)
    page.locator(".side-bar").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    accepted = next(m for m in tab.received if m["type"] == "accepted" and m["topicName"] == "slow_page_for_tests")
    stack.client("redshift-data").cancel_statement(Id=accepted["statementId"])
    told = page.get_by_text("Slow ended without a result")
    expect(told).to_be_visible(timeout=DRAWN)
    page.get_by_role("link", name="Show corner").click()
    expect(page.get_by_role("heading", name="Corner")).to_be_visible(timeout=DRAWN)
    expect(told).to_have_count(0)
    tab.until(lambda: len(tab.runs("slow_page_for_tests")) == 2)
    tab.is_running("slow_page_for_tests")
    tab.choose("slow_page_for_tests", "Cancel this run")
    expect(slow).to_have_attribute("data-state", "cancelled", timeout=DRAWN)


ELAPSED = """topic => parseFloat(document.querySelector(`[data-topic=${topic}] .panel-elapsed`).textContent) || 0"""
"""Asked from here: a predicate that the page asks itself would be evaluated, which its policy forbids."""

QUICK = 2
"""Seconds; quicker runs are not told on another page."""


def test_an_author_sees_the_sql_with_its_values(tab: Tab, stack: Stack, small: str) -> None:
    open_page(tab.page, stack, ADMIN, small)
    expect_all_finished(tab.page)
    tab.choose("small_days", "Show the SQL")
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("nyc_yellow_taxi")
    expect(dialog).to_contain_text(":month = 2015-12")


def test_home_finds_reports_and_remembers_runs(page: Page, stack: Stack) -> None:
    open_page(page, stack, FINANCE, "/d/finance")
    expect_all_finished(page)
    page.locator(".side-bar").get_by_role("link", name="Home").click()
    expect(page.locator(".recent-run").first).to_be_visible(timeout=DRAWN)
    page.get_by_label("Search reports").fill("revenue by day")
    expect(page.locator("[data-search]:visible")).to_have_count(1)
    expect(page.get_by_text("1 report found")).to_be_visible()


def test_home_hears_of_a_new_report_too(page: Page, stack: Stack, publish: Publish) -> None:
    """Without a reload, and without an error on a page that has no panels."""
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    open_page(page, stack, FINANCE)
    expect(page.locator("#connection-line")).to_contain_text("Live", timeout=DRAWN)
    publish("finance/heard_for_tests", REPORT)
    expect(page.locator(".home-card").get_by_text("Fresh from the file")).to_be_visible(timeout=DRAWN)
    assert not errors


def test_the_keyboard_alone_is_enough(tab: Tab, stack: Stack, small: str) -> None:
    """Sign in, change a filter, run again, open the table: without a mouse."""
    page, panel = tab.page, tab.panel("small_days")
    page.goto(stack.url + small)
    expect(page.get_by_label("Email")).to_be_focused(timeout=DRAWN)
    page.keyboard.type(OPS)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect_all_finished(page)
    page.get_by_label("Trip month").locator("visible=true").first.focus()
    page.keyboard.press("Enter")
    july = page.get_by_role("button", name="Jul", exact=False).locator("visible=true").first
    expect(july).to_be_visible()
    july.focus()
    expect(july).to_be_focused()
    page.keyboard.press("Enter")
    tab.ask_all_with(["small_trips", "small_days", "small_hours"], month="2015-07")
    tab.is_finished("small_trips", "small_days", "small_hours")
    panel.get_by_role("button", name="More for").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("menuitem", name="Run again")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("menuitem", name="Cancel this run")).to_be_focused()
    page.keyboard.press("ArrowUp")
    expect(page.get_by_role("menuitem", name="Run again")).to_be_focused()
    before = len(tab.runs("small_days"))
    page.keyboard.press("Enter")
    tab.until(lambda: len(tab.runs("small_days")) == before + 1)
    tab.is_finished("small_days")
    expect(panel.get_by_role("status").first).to_have_text("Finished")
    expect(panel.get_by_role("button", name="More for")).to_be_focused()
    panel.get_by_role("radio", name="Chart").focus()
    page.keyboard.press("ArrowRight")
    expect(panel.get_by_role("radio", name="Table")).to_be_checked()
    expect(panel.locator(".ag-row").first).to_be_visible(timeout=DRAWN)
    expect(panel).to_have_attribute("data-state", "finished", timeout=DRAWN)


@pytest.mark.parametrize("path", ["/", "/d/finance", "/d/operations", "/d/customer_care", "/nothing"])
def test_no_serious_finding_of_accessibility(page: Page, stack: Stack, path: str) -> None:
    """An axe scan of every kind of page and of chart, of every kind of page in both colour schemes."""
    open_page(page, stack, ADMIN, path)
    if path.startswith("/d/"):
        expect_all_finished(page)
    both = path not in {"/d/finance", "/d/operations"}
    for width in looks(page, DESK, schemes=("light", "dark") if both else ("light",)):
        assert not serious_findings(page), width


def test_rows_that_wait_for_a_connection_can_still_be_read(tab: Tab, stack: Stack, small: str) -> None:
    page = tab.page
    open_page(page, stack, OPS, small)
    expect_all_finished(page)
    tab.panel("small_days").get_by_text("Table", exact=True).click()
    expect(tab.panel("small_days").locator(".ag-cell").first).to_be_visible(timeout=DRAWN)
    page.get_by_role("button", name="Close", exact=True).click()
    expect(tab.connection).to_have_text("Closed")
    page.get_by_role("button", name="Run all").click()
    expect(page.locator("[data-drawn=kept]")).to_have_count(3, timeout=DRAWN)
    for width in looks(page, DESK):
        assert not serious_findings(page), width
