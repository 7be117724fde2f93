"""When `bars.js` takes a chart for drawn: once its bars are others than before the last click."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.bench.latency.suite import BARS
from tests.bench.page.load import Panels, Tab

pytestmark = pytest.mark.e2e

ADDRESS = "http://bars.test/"
PAGE = """<!doctype html><button>Run</button>
<div id="chart" class="dash-graph"><svg><g class="bars"><path d="M0 0V1"/><path d="M2 0V2"/></g></svg></div>
"""
MOVE = "document.querySelector('#chart path').setAttribute('d', 'M0 0V{}')"
SOON = 1_000


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A page with a button and two bars, under measurement."""
    context = browser.new_context()
    context.route(ADDRESS, lambda route: route.fulfill(body=PAGE, content_type="text/html"))
    page = context.new_page()
    opened = Tab(page, Panels("#chart", ".dash-graph", 1))
    page.add_init_script(f"({BARS})({json.dumps('#chart')});")
    page.goto(ADDRESS)
    yield opened
    context.close()


def test_a_plot_that_is_only_touched_is_not_drawn(tab: Tab) -> None:
    """As Dash does while a callback is under way."""
    tab.call("armBars")
    tab.page.get_by_role("button").click()
    tab.page.evaluate("document.querySelector('#chart').dataset.dashIsLoading = true")
    with pytest.raises(AssertionError, match="no new bars were drawn"):
        tab.call("barsDrawn", SOON)


def test_it_is_drawn_with_the_last_new_bars_after_the_last_click(tab: Tab) -> None:
    tab.call("armBars")
    for _ in range(2):
        tab.page.get_by_role("button").click()
    first = tab.page.evaluate(f"{MOVE.format(5)}, performance.now()")
    later = f"setTimeout(() => {{ {MOVE.format(6)}; window.moved = performance.now(); }}, 100)"
    tab.page.evaluate(later)
    took = tab.call("barsDrawn", 30 * SOON)
    moved = tab.page.evaluate("window.moved")
    assert first < moved
    assert took > 0
    assert tab.page.evaluate("document.querySelector('#chart path').getAttribute('d')") == "M0 0V6"


def test_bars_that_change_without_a_click_are_none_of_it(tab: Tab) -> None:
    tab.call("armBars")
    tab.page.evaluate(MOVE.format(5))
    with pytest.raises(AssertionError, match="no new bars were drawn"):
        tab.call("barsDrawn", SOON)
