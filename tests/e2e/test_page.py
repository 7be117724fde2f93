"""The page as viewers and authors live with it: filters as a link, reports that change under it, runs elsewhere."""

import re
from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import ADMIN, DRAWN, FINANCE, OPS, Stack, expect_all_finished, sign_in

pytestmark = pytest.mark.e2e

Publish = Callable[[str, str], None]
REPORT = """/*---
title: Fresh from the file
chart: {type: table}
---*/
SELECT 1 AS one
"""
SLOW = """/*---
title: Slow
---*/
SELECT count(*) AS n FROM nyc_yellow_taxi a CROSS JOIN nyc_yellow_taxi b CROSS JOIN nyc_yellow_taxi c
WHERE a.fare_amount + b.fare_amount + c.fare_amount = 1
"""


@pytest.fixture
def publish(stack: Stack) -> Iterator[Publish]:
    """Publishes report files as an author does, by copying them to S3; they are gone after the test."""
    s3, keys = stack.client("s3"), set()

    def put(path: str, text: str) -> None:
        keys.add(f"sql/reports/{path}.sql")
        s3.put_object(Bucket="pushboard", Key=f"sql/reports/{path}.sql", Body=text.encode())

    yield put
    for key in keys:
        s3.delete_object(Bucket="pushboard", Key=key)


def choose_month(page: Page, name: str) -> None:
    """In the calendar that is open."""
    page.get_by_role("button", name=name, exact=False).locator("visible=true").first.click()


def test_one_month_moves_all_panels_but_the_one_with_its_own(page: Page, stack: Stack) -> None:
    """The shared filter changes every panel, an own one holds, and the address reproduces both."""
    sign_in(page, stack, FINANCE, "/d/finance?revenue_by_day.month=2015-03")
    expect_all_finished(page)
    own, shared = page.locator("[data-topic=revenue_by_day]"), page.locator("[data-topic=revenue] .headline-figure")
    expect(own.locator(".own-mark")).to_have_text("own filters")
    before = shared.inner_text()
    page.get_by_label("Trip month").locator("visible=true").first.click()
    choose_month(page, "Jul")
    expect(shared).not_to_have_text(before, timeout=DRAWN)
    expect_all_finished(page)
    expect(page).to_have_url(re.compile(r"month=2015-07.*revenue_by_day\.month=2015-03"))
    july = shared.inner_text()
    page.reload()
    expect_all_finished(page)
    expect(shared).to_have_text(july)
    expect(own.locator(".xaxislayer-above")).to_contain_text("Mar")


def test_a_link_with_nonsense_falls_back_and_says_so(page: Page, stack: Stack) -> None:
    sign_in(page, stack, FINANCE, "/d/finance?month=2015-99&colour=red")
    expect(page.get_by_text("defaults were taken: month=2015-99, colour=red")).to_be_visible(timeout=DRAWN)
    expect_all_finished(page)


def test_a_saved_report_stands_on_the_open_page_and_says_when_it_breaks(
    page: Page, stack: Stack, publish: Publish
) -> None:
    """Without a reload: a new panel, its new title, its mistake with file and line for authors, and its end."""
    sign_in(page, stack, ADMIN, "/d/finance")
    expect_all_finished(page)
    publish("finance/fresh_for_tests", REPORT)
    fresh = page.locator("[data-topic=fresh_for_tests]")
    expect(fresh).to_have_attribute("data-state", "finished", timeout=DRAWN)
    publish("finance/fresh_for_tests", REPORT.replace("Fresh from the file", "Another title"))
    expect(fresh.get_by_role("heading", name="Another title")).to_be_visible(timeout=DRAWN)
    publish("finance/fresh_for_tests", REPORT.replace("chart:", "chrat:"))
    expect(fresh).to_contain_text(
        "finance/fresh_for_tests.sql, line 3: unknown key 'chrat' (did you mean 'chart'?)", timeout=DRAWN
    )
    expect(page.locator("[data-topic=revenue]")).to_have_attribute("data-state", "finished", timeout=DRAWN)


def test_a_viewer_is_told_of_a_broken_report_calmly(page: Page, stack: Stack, publish: Publish) -> None:
    publish("finance/broken_for_tests", REPORT.replace("title", "tilte"))
    sign_in(page, stack, FINANCE, "/d/finance")
    broken = page.locator("[data-topic=broken_for_tests]")
    expect(broken).to_contain_text("has a mistake in its file", timeout=DRAWN)
    expect(broken).not_to_contain_text("line")


def test_what_ends_on_another_page_is_told_with_a_way_back(page: Page, stack: Stack, publish: Publish) -> None:
    """The run goes on while its viewer is elsewhere, and a corner says that it ended."""
    publish("operations/slow_page_for_tests", SLOW)
    sign_in(page, stack, OPS, "/d/operations")
    slow = page.locator("[data-topic=slow_page_for_tests]")
    slow.scroll_into_view_if_needed(timeout=DRAWN)
    expect(slow).to_have_attribute("data-state", "running", timeout=DRAWN)
    expect(slow.locator(".panel-elapsed")).to_have_text(re.compile(r"[2-9]\.\d s"), timeout=DRAWN)
    page.locator(".side-bar").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Home")).to_be_visible()
    data = stack.client("redshift-data")
    started = data.list_statements(Status="STARTED", StatementName="pushboard/")["Statements"]
    for statement in started:
        data.cancel_statement(Id=statement["Id"])
    expect(page.get_by_text("Slow ended without a result")).to_be_visible(timeout=DRAWN)
    page.get_by_role("link", name="Show operations").click()
    expect(page.get_by_role("heading", name="Operations")).to_be_visible(timeout=DRAWN)
    slow.scroll_into_view_if_needed(timeout=DRAWN)
    expect(slow).to_have_attribute("data-state", "running", timeout=DRAWN)
    slow.get_by_role("button", name="More for").click()
    page.get_by_role("menuitem", name="Cancel this run").locator("visible=true").click()
    expect(slow).to_have_attribute("data-state", "cancelled", timeout=DRAWN)


def test_an_author_sees_the_sql_with_its_values(page: Page, stack: Stack) -> None:
    sign_in(page, stack, ADMIN, "/d/finance")
    expect_all_finished(page)
    page.locator("[data-topic=revenue_by_day]").get_by_role("button", name="More for").click()
    page.get_by_role("menuitem", name="Show the SQL").locator("visible=true").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("nyc_yellow_taxi")
    expect(dialog).to_contain_text(":month = 2015-12")


def test_home_finds_reports_and_remembers_runs(page: Page, stack: Stack) -> None:
    sign_in(page, stack, FINANCE, "/d/finance")
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
    sign_in(page, stack, FINANCE)
    expect(page.locator("#connection-line")).to_contain_text("Live", timeout=DRAWN)
    publish("finance/heard_for_tests", REPORT)
    expect(page.locator(".home-card").get_by_text("Fresh from the file")).to_be_visible(timeout=DRAWN)
    assert not errors


def test_the_keyboard_alone_is_enough(page: Page, stack: Stack) -> None:
    """Sign in, change a filter, run again, open the table: without a mouse."""
    page.goto(stack.url + "/d/finance")
    page.keyboard.type(FINANCE)
    page.keyboard.press("Tab")
    page.keyboard.type("Taxi-2015!")
    page.keyboard.press("Enter")
    expect_all_finished(page)
    figure = page.locator("[data-topic=revenue] .headline-figure")
    before = figure.inner_text()
    page.get_by_label("Trip month").locator("visible=true").first.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Dec", exact=False).locator("visible=true").first).to_be_visible()
    page.get_by_role("button", name="Jul", exact=False).locator("visible=true").first.focus()
    page.keyboard.press("Enter")
    expect(figure).not_to_have_text(before, timeout=DRAWN)
    panel = page.locator("[data-topic=revenue_by_day]")
    expect_all_finished(page)
    panel.get_by_role("button", name="More for").focus()
    page.keyboard.press("Enter")
    again = page.get_by_role("menuitem", name="Run again")
    expect(again).to_be_visible()
    page.keyboard.press("ArrowDown")
    expect(again).to_be_focused()
    known = stack.statements()
    page.keyboard.press("Enter")
    stack.until(lambda: stack.statements() - known, 60, "another statement")
    expect(panel.get_by_role("status")).to_have_text("Finished", timeout=DRAWN)
    panel.get_by_role("radio", name="Chart").focus()
    page.keyboard.press("ArrowRight")
    expect(panel.locator(".ag-row").first).to_be_visible(timeout=DRAWN)
    expect(panel.get_by_role("status")).to_have_text("Finished", timeout=DRAWN)


PAGES = {
    "light": ("/", "/d/finance", "/d/operations", "/d/customer_care", "/nothing"),
    "dark": ("/", "/d/customer_care", "/nothing"),
}


@pytest.mark.parametrize("scheme", PAGES)
def test_no_serious_finding_of_accessibility(browser: Browser, stack: Stack, scheme: str) -> None:
    """An axe scan of every kind of page in both colour schemes, and of every kind of chart."""
    context = browser.new_context(viewport={"width": 1440, "height": 1600}, color_scheme=scheme)
    page = context.new_page()
    sign_in(page, stack, ADMIN)
    for path in PAGES[scheme]:
        page.goto(stack.url + path)
        expect(page.locator("#content h1")).to_be_visible(timeout=DRAWN)
        if path.startswith("/d/"):
            expect_all_finished(page)
        assert not serious_findings(page), path
    context.close()


def serious_findings(page: Page) -> list[tuple[str, str]]:
    """The rules that are broken badly, each with the first place."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"][:200]) for one in found if one["impact"] in {"serious", "critical"}]
