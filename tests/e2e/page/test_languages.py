"""Another locale: a viewer chooses his language and his time zone, and everything is written so."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.accessibility import serious_findings
from tests.e2e.conftest import ADMIN, DRAWN, Stack, expect_all_finished, open_page
from tests.e2e.reports import Publish

pytestmark = pytest.mark.e2e

TOKYO = ZoneInfo("Asia/Tokyo")

AMOUNTS = """/*---
title: {en: Amounts, de: Beträge}
currency: EUR
chart: {type: line, x: day, y: [amount]}
columns:
  amount: {format: currency}
---*/
SELECT CAST('2015-12-06' AS date) AS day, CAST('1234567.50' AS decimal(12, 2)) AS amount
UNION ALL SELECT CAST('2015-12-07' AS date), CAST('4000000' AS decimal(12, 2))
"""

WAYS = """/*---
title: Ways
parameters:
  way:
    type: choice
    label: Way
    choices: [Any, Card, Cash]
    labels: {Any: {en: Any, de: Alle}, Card: {en: Card, de: Karte}, Cash: {en: Cash, de: Bar}}
    default: Any
chart: {type: bar, x: way, y: n, click: {filter: {way: way}}}
columns:
  way: {labels: {Card: {en: Card, de: Karte}, Cash: {en: Cash, de: Bar}}}
---*/
SELECT way, 3 AS n FROM (SELECT 'Card' AS way UNION SELECT 'Cash') AS ways WHERE :way IN ('Any', way) ORDER BY way
"""


def test_another_locale(page: Page, stack: Stack, publish: Publish) -> None:
    """From the browser's English to German words and Tokyo's time, and on to Arabic, whose page is mirrored."""
    began = datetime.now(TOKYO)
    publish("amounts/amounts_for_tests", AMOUNTS)
    stack.until(lambda: "amounts_for_tests" in stack.reports(), 60, "the report")
    open_page(page, stack, ADMIN, "/d/amounts")
    ticks = page.locator(".ytick text")
    is_written(page, ticks, "en-US", "€4 M")
    choose(page, "de-DE", "Asia/Tokyo")
    is_written(page, ticks, "de-DE", "4 Mio. €")
    expect(page.locator(".panel h2")).to_have_text("Beträge")
    expect(page.locator(".xtick text").first).to_contain_text("6. Dez.")
    expect(page.get_by_role("button", name="Alle ausführen")).to_be_visible()
    page.get_by_role("radio", name="Tabelle").check(force=True)
    expect(page.locator(".ag-cell[col-id=c1]").first).to_have_text("1.234.567,50 €")
    hours = f"{began:%H}|{datetime.now(TOKYO):%H}"
    expect(page.locator(".panel-detail")).to_contain_text(re.compile(rf" ({hours}):\d\d:\d\d"))
    choose(page, "ar-EG", "")
    is_written(page, ticks, "ar-EG", "٤ مليون")
    bar, content = (page.locator(one).bounding_box() for one in (".side-bar", "#content"))
    assert bar
    assert content
    assert bar["x"] > content["x"]
    page.locator(".preferences summary").click()
    assert serious_findings(page) == []


def test_values_are_read_in_words_and_stay_what_they_are(page: Page, stack: Stack, publish: Publish) -> None:
    """On the axis, in the list, on the chip, in the table, which is sorted as it is read; the address has the value."""
    publish("labels/ways_for_tests", WAYS)
    stack.until(lambda: "ways_for_tests" in stack.reports(), 60, "the report")
    open_page(page, stack, ADMIN, "/d/labels")
    choose(page, "de-DE", "")
    expect_all_finished(page, at_least=1)
    expect(page.locator(".xtick text")).to_have_text(["Karte", "Bar"])
    expect(page.locator(".filters input").first).to_have_value("Alle")
    page.locator(".barlayer .point").first.click(force=True)
    chip = page.get_by_role("button", name="Way: Karte. Zurücknehmen")
    expect(chip).to_be_visible(timeout=DRAWN)
    expect(page).to_have_url(re.compile(r"way=Card$"), timeout=DRAWN)
    expect(page.locator(".filters input").first).to_have_value("Karte")
    chip.click()
    page.get_by_role("radio", name="Tabelle").check(force=True)
    cells = page.locator(".ag-cell[col-id=c0]")
    expect(cells).to_have_text(["Karte", "Bar"], timeout=DRAWN)
    page.locator(".ag-header-cell[col-id=c0]").click()
    expect(page.locator(".ag-row[row-index='0'] .ag-cell[col-id=c0]")).to_have_text("Bar")


def choose(page: Page, language: str, zone: str) -> None:
    """By the menu of the side bar, whose list of zones the browser fills; only the words differ by language."""
    menu = page.locator(".preferences")
    menu.locator("summary").click()
    menu.locator("[name=language]").select_option(language)
    menu.locator("[name=time_zone]").select_option(zone)
    with page.expect_navigation():
        menu.locator("button").click()


def is_written(page: Page, ticks: Locator, tag: str, tick: str) -> None:
    """The page's panels have drawn in a language; the spaces within a tick do not break."""
    expect(page.locator("html")).to_have_attribute("lang", tag)
    expect_all_finished(page, at_least=1)
    expect(ticks.filter(has_text=re.compile(tick.replace(" ", r"\s")))).to_have_count(1)
