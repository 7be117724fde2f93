"""Pages of files: tabs, and clicks that narrow the page, lead on and come back, with the mouse."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page
from tests.e2e.reports import Publish
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

DAYS = "SELECT '2015-12-01'::date + n AS day, n + 1 AS trips FROM (SELECT 0 AS n UNION SELECT 1 UNION SELECT 2) AS days"
WAYS = """/*---
title: Ways
parameters: {days: {type: daterange, label: Days, default: 2015-12-01}}
chart: {type: bar, x: way, y: n, click: {filter: {way: way}}}
---*/
SELECT way, 3 AS n FROM (SELECT 'Card' AS way UNION SELECT 'Cash') AS ways WHERE :days_from <= :days_to
ORDER BY way
"""
NARROWED = """/*---
title: Narrowed
parameters: {way: {type: choice, label: Way, choices: [Any, Card, Cash], default: Any}}
chart: {type: number, value: n}
---*/
SELECT CASE :way WHEN 'Any' THEN 2 ELSE 1 END AS n
"""
DAILY = f"""/*---
title: Daily
chart: {{type: bar, x: day, y: trips, click: {{filter: {{days: day}}}}}}
---*/
{DAYS} ORDER BY day
"""
LEADING = f"""/*---
title: Leading
chart: {{type: bar, x: day, y: trips, click: {{open: clicks/more, with: {{days: day}}}}}}
---*/
{DAYS} ORDER BY day
"""
PAGE = "title: Clicked\npanels: [click_ways, click_narrowed, click_daily, click_leading]\n"
MORE = """title: More of it
tabs:
  - {title: Ways, panels: [click_ways]}
  - {title: In words, text: Some **bold** words., panels: [click_narrowed]}
"""


@pytest.fixture
def clicks(stack: Stack, publish: Publish) -> None:
    reports = {"ways": WAYS, "narrowed": NARROWED, "daily": DAILY, "leading": LEADING}
    for name, text in reports.items():
        publish(f"clicks/click_{name}", text.replace("default: 2015-12-01", "default: ['2015-12-01', '2015-12-03']"))
    publish("pages/clicks/index.yaml", PAGE)
    publish("pages/clicks/more.yaml", MORE)
    stack.until(lambda: all(word in stack.reports() for word in ("clicks/more", "click_leading")), 60, "the page")


def bars(tab: Tab, topic: str) -> Locator:
    return tab.panel(topic).locator(".barlayer .point")


def click_bar(tab: Tab, topic: str, at: int) -> None:
    expect(bars(tab, topic).nth(at)).to_be_visible(timeout=DRAWN)
    box = bars(tab, topic).nth(at).bounding_box()
    assert box
    tab.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def expect_query(page: Page, words: str) -> None:
    expect(page).to_have_url(re.compile(re.escape(words) + "$"), timeout=DRAWN)


def test_a_click_narrows_what_depends_on_it_and_a_second_takes_it_back(tab: Tab, stack: Stack, clicks: None) -> None:
    open_page(tab.page, stack, ADMIN, "/d/clicks")
    tab.is_finished("click_ways", "click_narrowed", "click_daily", "click_leading")
    before = {topic: len(tab.runs(topic)) for topic in ("click_ways", "click_daily", "click_leading")}
    figure = tab.panel("click_narrowed").locator(".headline-figure")
    click_bar(tab, "click_ways", 0)
    chip = tab.page.get_by_role("button", name="Way: Card. Take back")
    expect(chip).to_be_visible(timeout=DRAWN)
    expect(figure).to_have_text("1", timeout=DRAWN)
    expect_query(tab.page, "/d/clicks?way=Card")
    click_bar(tab, "click_ways", 0)
    expect(figure).to_have_text("2", timeout=DRAWN)
    expect(chip).to_have_count(0)
    click_bar(tab, "click_ways", 1)
    expect_query(tab.page, "/d/clicks?way=Cash")
    tab.page.go_back()
    expect(figure).to_have_text("2", timeout=DRAWN)
    assert {topic: len(tab.runs(topic)) for topic in before} == before, "nothing else depends on it"


def test_a_range_is_drawn_on_days_and_a_click_leads_on_and_back(tab: Tab, stack: Stack, clicks: None) -> None:
    open_page(tab.page, stack, ADMIN, "/d/clicks")
    tab.is_finished("click_ways", "click_narrowed", "click_daily", "click_leading")
    first, second = (bars(tab, "click_daily").nth(at).bounding_box() for at in (0, 1))
    assert first
    assert second
    tab.page.mouse.move(first["x"], first["y"])
    tab.page.mouse.down()
    tab.page.mouse.move(second["x"] + second["width"] / 2, second["y"], steps=4)
    tab.page.mouse.up()
    expect(
        tab.page.get_by_role("button", name=re.compile("^Days: 2015-1[12]-.*,2015-12-02. Take back"))
    ).to_be_visible()
    click_bar(tab, "click_leading", 2)
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("More of it", timeout=DRAWN)
    expect_query(tab.page, "/d/clicks/more?days=2015-12-03%2C2015-12-03")
    tab.page.go_back()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Clicked", timeout=DRAWN)


def test_a_tab_runs_when_it_is_opened(tab: Tab, stack: Stack, clicks: None) -> None:
    open_page(tab.page, stack, ADMIN, "/d/clicks/more")
    tab.is_finished("click_ways")
    assert tab.runs("click_narrowed") == []
    tab.page.get_by_role("tab", name="Ways").press("ArrowRight")
    expect(tab.page.get_by_role("tab", name="In words")).to_be_focused()
    expect(tab.page.get_by_text("Some bold words.")).to_be_visible()
    tab.is_finished("click_narrowed")
    expect_query(tab.page, "/d/clicks/more?tab=in-words")
    expect(tab.panel("click_ways")).to_be_hidden()
