"""Reports that change while a page is open: each page learns of it, and only what changed is laid out anew."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page
from tests.e2e.reports import REPORT, Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e


def test_a_published_report_leaves_pages_without_reports_as_they_are(
    page: Page, stack: Stack, publish: Publish
) -> None:
    """The side bar of each has the new department; its own content stays."""
    pages = {"/exports": "Exports", "/audit": "Audit", "/operations": "Runs"}
    open_page(page, stack, ADMIN, "/")
    tabs = {path: Tab(page.context.new_page()) for path in pages}
    for path, tab in tabs.items():
        tab.page.goto(stack.url + path)
        tab.is_live()
    publish("newcomers/first_for_tests", REPORT)
    for path, tab in tabs.items():
        tab.until(lambda tab=tab: any(m["type"] == "reports" for m in tab.received))
        expect(department(tab.page, "Newcomers")).to_be_visible(timeout=DRAWN)
        expect(tab.page.locator("#content h1")).to_have_text(pages[path])
        expect(tab.page.get_by_text("Nothing here")).to_have_count(0)


def test_a_change_whose_request_fails_twice_arrives_all_the_same(tab: Tab, stack: Stack, publish: Publish) -> None:
    failures: list[Route] = []

    def fail_twice(route: Route) -> None:
        if "reports-changed" not in (route.request.post_data or "") or len(failures) == 2:
            return route.continue_()
        failures.append(route)
        return route.fulfill(status=503)

    open_page(tab.page, stack, ADMIN, "/exports")
    tab.is_live()
    tab.page.route("**/_dash-update-component*", fail_twice)
    publish("latecomers/second_for_tests", REPORT)
    expect(department(tab.page, "Latecomers")).to_be_visible(timeout=DRAWN)
    assert len(failures) == 2
    tab.page.unroute_all(behavior="ignoreErrors")


def department(page: Page, title: str) -> Locator:
    """The link of a department in the side bar."""
    return page.locator(".side-bar").get_by_role("link", name=title)
