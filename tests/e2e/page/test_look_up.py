"""The sample's page for a single trip: days by words, choices that depend on another, Apply, defaults by group."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

ALL = ["Card", "Cash", "No charge", "Dispute", "Other"]


def test_it_begins_with_the_last_days_and_the_ways_of_paying_of_ones_group(tab: Tab, stack: Stack) -> None:
    open_page(tab.page, stack, ADMIN, "/d/customer_care/trips")
    tab.is_finished("trips_one_by_one")
    expect(tab.page.locator(".filters")).to_contain_text("Dec 25, 2015 \u2013 Dec 31, 2015")
    expect(tab.page.locator(".filters .mantine-Pill-label")).to_have_text(ALL)


def test_nothing_is_asked_until_apply_and_rates_are_those_of_the_company(tab: Tab, stack: Stack) -> None:
    page = tab.page
    open_page(page, stack, ADMIN, "/d/customer_care/trips")
    tab.is_finished("trips_one_by_one")
    before = stack.statements()
    choose(page, "Meter company", "Creative Mobile")
    apply = page.get_by_role("button", name="Apply")
    expect(apply).to_be_enabled()
    apply.click()
    tab.until(lambda: len(stack.statements()) >= len(before) + 2)
    tab.is_finished("trips_one_by_one")
    companies = tab.panel("trips_one_by_one").locator(".ag-center-cols-container [col-id=c6]")
    expect(companies.first).to_have_text("Creative Mobile", timeout=DRAWN)
    page.get_by_label("Rate", exact=True).locator("visible=true").click()
    rates = page.get_by_role("option").locator("visible=true")
    expect(rates.first).to_have_text("All rates")
    expect(rates.nth(1)).to_have_text("Standard")


def choose(page: Page, label: str, value: str) -> None:
    page.get_by_label(label).locator("visible=true").first.click()
    page.get_by_role("option", name=value).locator("visible=true").click()


def test_days_are_chosen_by_drawing_over_them_and_asked_for_by_apply(tab: Tab, stack: Stack) -> None:
    page = tab.page
    open_page(page, stack, ADMIN, "/d/customer_care/trips")
    tab.is_finished("cases_by_day")
    tab.is_finished("trips_one_by_one")
    plot = tab.panel("cases_by_day").locator(".nsewdrag").first.bounding_box()
    assert plot
    middle = plot["y"] + plot["height"] / 2
    page.mouse.move(plot["x"] + plot["width"] * 0.4, middle)
    page.mouse.down()
    page.mouse.move(plot["x"] + plot["width"] * 0.45, middle, steps=5)
    page.mouse.up()
    expect(page.locator("#click-chips .chip")).to_contain_text("Days: 2015-05-")
    expect(page.locator(".filters")).not_to_contain_text("Dec 31, 2015")
    page.get_by_role("button", name="Apply").click()
    tab.until(lambda: "days=2015-05-" in page.url)
    tab.is_finished("trips_one_by_one")
    first = tab.panel("trips_one_by_one").locator(".ag-center-cols-container [col-id=c0]").first
    expect(first).to_contain_text(re.compile("(May|Jun) .*2015"), timeout=DRAWN)
