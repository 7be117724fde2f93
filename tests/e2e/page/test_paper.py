"""A page on paper: all panels, light and unclipped, with its filters on top; and the screen as it was afterwards."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pypdf
import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.e2e.conftest import OPS, Stack, expect_all_finished, open_page
from tests.e2e.reports import SMALL, Publish, copy_of
from tests.e2e.tab import Tab

pytestmark = pytest.mark.e2e

PHONE: ViewportSize = {"width": 390, "height": 700}
ROWS, ON_PAPER, FEW = 120, 50, 60


def table(title: str, rows: int) -> str:
    """The file of a report of numbered rows, with a total."""
    return f"""/*---
title: {title}
groups: [operations]
size: full
order: 99
chart: {{type: table}}
columns:
  place: {{label: Place}}
  amount: {{total: sum}}
---*/
WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < {rows})
SELECT 'row ' || CAST(n AS VARCHAR) || '.' AS place, n * 1000 AS amount FROM r ORDER BY n
"""


TITLES = ["Trips", "Hours, miles and fares by day", "When the city rides", "Numbered rows", "A few rows"]

COUNT_PRINTS = "window.prints = 0; window.print = () => { window.prints += 1; };"
CLIPPED = """bodies => bodies.flatMap(body => {
    const outer = body.getBoundingClientRect();
    const isClipped = ({ left, right, bottom }) =>
        left < outer.left - 1 || right > outer.right + 1 || bottom > outer.bottom + 1;
    const inner = [...body.querySelectorAll(".main-svg, .sparkline, .headline, .paper-table")];
    return inner.filter(each => isClipped(each.getBoundingClientRect())).map(each =>
        `${each.getAttribute("class")} ${JSON.stringify(each.getBoundingClientRect())} in ${JSON.stringify(outer)}`);
})"""

SIZES = "bodies => bodies.map(body => [body.offsetWidth, body.offsetHeight])"


@pytest.fixture
def phone(page: Page) -> Iterator[Page]:
    """A narrow dark screen, whose prints are counted."""
    page.emulate_media(color_scheme="dark")
    page.set_viewport_size(PHONE)
    page.add_init_script(COUNT_PRINTS)
    yield page
    page.emulate_media(color_scheme="light")


def text_of(page: Page, folder: Path) -> list[str]:
    """The text of each sheet as the browser prints the page now."""
    page.pdf(path=folder / "page.pdf", prefer_css_page_size=True, print_background=True)
    sheets = pypdf.PdfReader(folder / "page.pdf").pages
    return [unicodedata.normalize("NFKC", sheet.extract_text()) for sheet in sheets]  # ligatures as letters


def test_all_panels_are_printed_also_those_that_nobody_has_scrolled_to(
    phone: Page, tab: Tab, stack: Stack, publish: Publish, tmp_path: Path
) -> None:
    """In a department of its own, which no other test opens."""
    for shipped in SMALL:
        publish(f"paper/paper_{shipped}", copy_of(shipped))
    publish("paper/numbered_rows", table("Numbered rows", ROWS))
    publish("paper/few_rows", table("A few rows", FEW))
    ids = ["numbered_rows", "few_rows", *(f"paper_{shipped}" for shipped in SMALL)]
    stack.until(lambda: all(f'"{one}"' in stack.reports() for one in ids), 60, "the reports to be listed")
    open_page(phone, stack, OPS, "/d/paper")
    phone.get_by_role("button", name="Print").click()
    tab.until(lambda: phone.evaluate("window.prints") == 1)
    sheets = text_of(phone, tmp_path)
    whole = "\n".join(sheets)
    for title in TITLES:
        assert title in whole
    assert whole.count("as of") == 1 + len(TITLES), "of all of them and of each"
    assert {"Mon", "Sun", "Dec 6"} <= set(whole.split("\n")), "the charts have their axes"
    assert "Trip month: December 2015" in sheets[0]
    assert "Data as of" in sheets[0]
    assert "Printed" in sheets[0]
    assert whole.count(f"row {ON_PAPER}.") == 2
    assert whole.count(f"row {FEW}.") == 1, "a table that is there at once has all its rows"
    assert f"The first {ON_PAPER} of {ROWS} rows" in whole
    for rows in (ROWS, FEW):
        assert f"Total {sum(range(rows + 1)) * 1000:,}" in whole.replace("\n", " "), "of all rows"
    for number, sheet in enumerate(sheets, 1):
        assert f"{number} / {len(sheets)}" in sheet
    assert "Copy link" not in whole


def test_paper_is_light_and_clips_nothing_and_the_screen_is_as_before(phone: Page, stack: Stack, small: str) -> None:
    open_page(phone, stack, OPS, small)
    expect_all_finished(phone)
    bodies = phone.locator(".panel-body")
    before = bodies.evaluate_all(SIZES)
    phone.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert bodies.evaluate_all(CLIPPED) == []
    expect(phone.locator("html")).to_have_attribute("data-mantine-color-scheme", "light")
    expect(phone.locator(".panel").first).to_have_css("background-color", "rgb(255, 255, 255)")
    expect(phone.locator(".side-bar")).to_be_hidden()
    phone.evaluate("dispatchEvent(new Event('afterprint'))")
    expect(phone.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    expect(phone.locator(".paper-facts")).to_have_count(0)
    assert bodies.evaluate_all(SIZES) == before
    assert bodies.evaluate_all(CLIPPED) == []
