"""What one keeps of the pages: saved views, favourites, and the search that leads to any of them. By the keyboard."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import DESK, PHONE, looks, serious_findings
from tests.e2e.conftest import ADMIN, DRAWN, OPS, Stack, expect_all_finished, open_page
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

NAME = "Closing the month for tests"


def press(control: Locator, key: str = "Enter") -> None:
    control.focus()
    expect(control).to_be_focused()
    control.press(key)


def find(page: Page, words: str) -> None:
    """Goes to what the search finds first."""
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search pages, panels and views")
    expect(field).to_be_focused(timeout=DRAWN)
    page.keyboard.type(words)
    expect(page.get_by_role("option", selected=True)).to_contain_text(re.compile(words.split()[0], re.IGNORECASE))
    page.keyboard.press("Enter")
    expect(field).to_have_count(0)


@pytest.fixture
def no_favourites(stack: Stack) -> Iterator[None]:
    """None is left for the tests that follow."""
    yield
    db = stack.client("dynamodb")
    for item in db.scan(TableName="client_connections")["Items"]:
        if item["sk"]["S"].startswith("favourite#"):
            db.delete_item(TableName="client_connections", Key={"pk": item["pk"], "sk": item["sk"]})


def expect_no_serious_findings(page: Page) -> None:
    for width in looks(page, DESK, PHONE):
        assert not serious_findings(page), width


def opened_views(page: Page) -> Locator:
    press(page.get_by_role("button", name="Views", exact=True))
    dialog = page.get_by_role("dialog", name="Views of Small")
    expect(dialog.get_by_label("Name")).to_be_focused(timeout=DRAWN)
    return dialog


def save_for_the_department(page: Page) -> None:
    """Fills in the dialog by keyboard: the name, the switch behind it, and Enter."""
    page.keyboard.type(NAME)
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")


def test_a_view_is_saved_shared_found_changed_and_deleted(tab: Tab, other: Page, stack: Stack, small: str) -> None:
    page, name = tab.page, tab.page.locator(".open-view")
    open_page(page, stack, OPS, f"{small}?month=2015-11")
    expect_all_finished(page)
    dialog = opened_views(page)
    expect_no_serious_findings(page)
    save_for_the_department(page)
    expect(name).to_have_text(f"View: {NAME}")
    expect(page).to_have_url(re.compile(r"\?month=2015-11&view=[0-9a-f-]{36}$"))

    open_page(other, stack, ADMIN, "/exports")
    find(other, "closing month")
    expect(other.locator(".open-view")).to_contain_text(NAME, timeout=DRAWN)
    expect(other.get_by_label("Trip month")).to_have_text("November 2015")

    press(page.get_by_label("Trip month").locator("visible=true").first)
    press(page.get_by_role("button", name="Jul", exact=False).locator("visible=true").first)
    tab.ask_all_with(["small_trips"], month="2015-07")
    press(name.get_by_role("button", name="Changed · Save"))
    expect(name).to_have_text(f"View: {NAME}")
    page.goto(page.url.replace("month=2015-07", "month=2015-07&zone=5"))
    expect(page.get_by_text(f"The view “{NAME}” asks for something that cannot be used here")).to_be_visible()

    opened_views(page)
    press(dialog.get_by_role("button", name=f"Delete {NAME}"))
    page.keyboard.press("Enter")
    expect(dialog).not_to_contain_text(NAME)
    page.keyboard.press("Escape")
    expect(dialog.or_(name)).to_have_count(0)


@pytest.mark.usefixtures("no_favourites")
def test_a_favourite_stands_on_the_home_page_and_the_search_leads_to_its_panel(
    tab: Tab, stack: Stack, small: str
) -> None:
    page = tab.page
    open_page(page, stack, OPS, small)
    expect_all_finished(page)
    for topic in ("small_hours", "small_trips"):
        star = tab.panel(topic).get_by_role("button", name="Favourite:")
        press(star)
        expect(star).to_have_attribute("aria-pressed", "true")
    page.locator(".side-bar").get_by_role("link", name="Home").click()
    expect(page.get_by_role("heading", name="Favourites")).to_be_visible(timeout=DRAWN)
    tab.is_finished("small_trips", "small_hours")
    assert tab.topics() == ["small_trips", "small_hours"]
    expect(tab.panel("small_trips")).to_contain_text("Small · Trip month 2015-12")
    page.keyboard.press("Control+k")
    expect(page.get_by_role("option", name="When the city rides").first).to_be_visible(timeout=DRAWN)
    expect_no_serious_findings(page)
    page.keyboard.press("Escape")
    page.set_viewport_size({"width": DESK, "height": 500})
    find(page, "rides small")
    expect(tab.panel("small_hours")).to_be_focused(timeout=DRAWN)
    expect(tab.panel("small_hours")).to_be_in_viewport(ratio=0.5)
    expect(page).to_have_url(f"{stack.url}{small}#small_hours")
