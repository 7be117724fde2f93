"""A table changes while a page is open: its panels show the new rows in place, and the page says so."""

import datetime
import re

import pytest
from playwright.sync_api import Locator, expect

from tests.e2e.accessibility import looks, serious_findings
from tests.e2e.conftest import DRAWN
from tests.e2e.turns.conftest import LIVE, PANELS, TurningPage

pytestmark = pytest.mark.e2e

RECORD = """(topics) => {
    window.flashes = [];
    const look = () => {
        for (const topic of topics) {
            const panel = document.querySelector(`[data-topic=${topic}]`);
            const shown = (selector) => [...panel.querySelectorAll(selector)].some((each) => each.checkVisibility());
            const body = panel.querySelector(panel.dataset.view === "table" ? ".panel-table" : ".panel-chart");
            const empty = !body.querySelector(".headline-figure, .trace, .ag-cell");
            if (shown(".panel-skeleton, .panel-empty, .panel-trouble")) window.flashes.push(`${topic} has a cover`);
            if (empty || getComputedStyle(body).visibility !== "visible") window.flashes.push(`${topic} is empty`);
            if (Number(getComputedStyle(body).opacity) < 1) window.flashes.push(`${topic} is dim`);
        }
        requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
}"""
"""Notes in every frame which panels do not show rows in full."""


def summary(site: TurningPage) -> Locator:
    return site.page.locator("#page-state")


def test_panels_show_the_new_rows_in_place_and_the_page_says_so(site: TurningPage) -> None:
    before = {topic: site.value(topic) for topic in ("turn_rows", "turn_figure")}
    points = site.points("turn_chart")
    runs = site.tab.count("run")
    site.page.evaluate(RECORD, LIVE)
    moment = site.change()
    site.turned(*LIVE)
    for topic, text in before.items():
        assert site.value(topic) != text
    assert site.points("turn_chart") != points
    assert site.page.evaluate("window.flashes") == []
    hour = datetime.datetime.fromisoformat(moment).astimezone().strftime("%H:%M")
    expect(summary(site)).to_have_text(re.compile(f"^New data at {hour}"), timeout=DRAWN)
    expect(summary(site)).to_have_attribute("role", "status")
    expect(site.tab.panel("turn_chart").locator(".panel-detail")).to_contain_text("new data as of")
    assert site.tab.count("run") == runs


def test_zoom_stays_and_another_question_resets_it(site: TurningPage) -> None:
    chart = site.tab.panel("turn_chart").locator(".js-plotly-plot")
    box = chart.locator(".nsewdrag").bounding_box()
    assert box
    left, width, middle = box["x"], box["width"], box["y"] + box["height"] / 2
    site.page.mouse.move(left + width / 4, middle)
    site.page.mouse.down()
    site.page.mouse.move(left + width / 2, middle, steps=5)
    site.page.mouse.up()
    zoomed = chart.evaluate("chart => chart._fullLayout.xaxis.range.join()")
    points = site.points("turn_chart")
    site.change()
    site.turned("turn_chart")
    assert site.points("turn_chart") != points
    assert chart.evaluate("chart => chart._fullLayout.xaxis.range.join()") == zoomed
    field = site.page.get_by_label("Least", exact=True).first
    field.fill("1")
    field.blur()
    site.tab.ask_all_with(["turn_chart"], least="1")
    site.tab.is_finished("turn_chart")
    assert chart.evaluate("chart => chart._fullLayout.xaxis.range.join()") != zoomed


def test_what_is_open_and_where_one_reads_stays(site: TurningPage) -> None:
    """An open menu, the page's place and a table's own."""
    site.page.set_viewport_size({"width": 1000, "height": 600})
    rows = site.tab.panel("turn_rows")
    rows.scroll_into_view_if_needed()
    viewport = rows.locator(".ag-body-viewport")
    viewport.evaluate("element => (element.scrollTop = 1500)")
    expect(rows.locator(".ag-row[row-index='40']")).to_be_visible()
    rows.get_by_role("button", name="More for").click()
    top = site.page.evaluate("scrollY")
    value = rows.locator(".ag-row[row-index='40'] .ag-cell[col-id='c1']")
    before = value.inner_text()
    site.change()
    site.turned("turn_rows")
    expect(value).not_to_have_text(before)
    expect(site.page.get_by_role("menuitem", name="Run again")).to_be_visible()
    assert viewport.evaluate("element => element.scrollTop") == 1500
    assert site.page.evaluate("scrollY") == top


def test_a_number_card_has_room_for_both_its_times(site: TurningPage) -> None:
    site.change()
    site.turned("turn_figure")
    detail = site.tab.panel("turn_figure").locator(".panel-detail")
    expect(detail).to_contain_text(re.compile(r"as of \S+ +· +loaded \d\d:\d\d"), timeout=DRAWN)
    for width in (1440, 1280, 800, 390):
        site.page.set_viewport_size({"width": width, "height": 900})
        assert detail.evaluate("detail => detail.scrollWidth <= detail.clientWidth"), width


def test_the_table_behind_a_chart_shows_the_new_rows(site: TurningPage) -> None:
    panel = site.tab.panel("turn_chart")
    panel.get_by_text("Table", exact=True).click()
    value = panel.locator(".ag-row[row-index='0'] .ag-cell[col-id='c1']")
    before = value.inner_text()
    site.change()
    site.turned("turn_chart")
    expect(value).not_to_have_text(before)


def test_a_report_that_is_not_live_offers_its_new_rows(site: TurningPage) -> None:
    panel, points = site.tab.panel("turn_asked"), site.points("turn_asked")
    site.change()
    button = panel.get_by_role("button", name="New data · Show it")
    expect(button).to_be_visible(timeout=DRAWN)
    site.turned(*LIVE)
    expect(panel).to_have_attribute("data-state", "finished")
    expect(summary(site)).to_contain_text("to show in 1 panel")
    assert site.points("turn_asked") == points
    for width in looks(site.page):
        assert site.page.evaluate("document.documentElement.scrollWidth") <= width
        assert not serious_findings(site.page)
    site.page.set_viewport_size({"width": 390, "height": 844})
    box = button.bounding_box()
    assert box
    assert box["height"] >= 44
    button.click()
    expect(button).to_have_count(0)
    site.tab.is_finished("turn_asked")
    assert not site.tab.runs("turn_asked")[-1]["refresh"]
    assert site.points("turn_asked") != points


def test_leaving_the_page_ends_its_watches(site: TurningPage) -> None:
    run_ids = {site.tab.runs(topic)[-1]["runId"] for topic in PANELS}
    site.page.get_by_role("link", name="Home").first.click()
    site.tab.until(lambda: run_ids <= unwatched(site))
    assert site.tab.count("unwatch") == 1


def test_another_question_ends_the_watch_of_the_one_before(site: TurningPage) -> None:
    first = site.tab.run_again("turn_chart")
    site.tab.is_finished("turn_chart")
    second = site.tab.run_again("turn_chart")
    site.tab.until(lambda: first in unwatched(site))
    assert second not in unwatched(site)


def unwatched(site: TurningPage) -> set[str]:
    return {run_id for m in site.tab.sent if m["action"] == "unwatch" for run_id in m["runIds"]}
