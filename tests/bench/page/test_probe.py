"""What `probe.js` takes for drawn, and for drawn again, on a page whose panels the test draws itself."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.bench.page.load import Panels, Tab

pytestmark = pytest.mark.e2e

ADDRESS = "http://probe.test/"
PAGE = """<!doctype html><button>Change</button>
<section data-topic="a" data-state="running"><div class="headline-figure"></div></section>
<section data-topic="b" data-state="running"><div class="panel-empty" style="display: none">No rows.</div></section>
"""
POLICY = {"Content-Security-Policy": "default-src 'self'; style-src 'unsafe-inline'"}
SOON = 2_000
"""Milliseconds after which a panel that nobody draws is given up: more than the probe waits for quiet."""

PAGE_DEADLINE = 250_000
"""Milliseconds that nothing here takes: what waits so long fails by pytest's own limit."""

FIGURE = "document.querySelector('.headline-figure').textContent = '{}'"
FINISH = "document.querySelector('[data-topic={}]').dataset.state = 'finished'"
SHOW = "document.querySelector('.panel-empty').style.display = '{}'"


@pytest.fixture
def tab(browser: Browser) -> Iterator[Tab]:
    """A page of two panels that run, and the probe in it."""
    context = browser.new_context()
    context.route(ADDRESS, lambda route: route.fulfill(body=PAGE, content_type="text/html", headers=POLICY))
    page = context.new_page()
    opened = Tab(page, Panels("[data-topic]", "[data-state=finished]", 2))
    page.goto(ADDRESS)
    yield opened
    context.close()


def draw_both(page: Page) -> None:
    """Both panels end, one with a figure and one without rows."""
    for step in (FIGURE.format(1), FINISH.format("a"), SHOW.format("block"), FINISH.format("b")):
        page.evaluate(step)


def test_a_panel_is_drawn_once_its_run_has_ended_and_its_drawing_shows(tab: Tab) -> None:
    """Neither the state alone is enough, nor the words for no rows while they are hidden."""
    tab.page.evaluate(FIGURE.format(1))
    with pytest.raises(AssertionError, match="not drawn: a running, b running"):
        tab.call("loaded", SOON)
    tab.page.evaluate(FINISH.format("a"))
    tab.page.evaluate(FINISH.format("b"))
    with pytest.raises(AssertionError, match="not drawn: b"):
        tab.call("loaded", SOON)
    tab.page.evaluate(SHOW.format("block"))
    times = tab.call("loaded", SOON)
    assert 0 < times["first"] < times["last"]


def test_a_plot_without_a_mark_is_not_drawn(tab: Tab) -> None:
    draw_both(tab.page)
    tab.page.evaluate("document.querySelector('[data-topic=a]').innerHTML = '<div class=js-plotly-plot>axes</div>'")
    with pytest.raises(AssertionError, match="not drawn: a"):
        tab.call("loaded", SOON)
    tab.page.evaluate("document.querySelector('.js-plotly-plot').innerHTML = '<svg><g class=trace></g></svg>'")
    assert tab.call("loaded", SOON)["last"] > 0


def test_a_failed_panel_ends_the_wait_with_its_words(tab: Tab) -> None:
    draw_both(tab.page)
    tab.page.evaluate("document.querySelector('[data-topic=b]').innerHTML = '<p role=alert>Too busy.</p>'")
    tab.page.evaluate("document.querySelector('[data-topic=b]').dataset.state = 'failed'")
    with pytest.raises(AssertionError, match=r"not drawn: b failed Too busy\."):
        tab.call("loaded", PAGE_DEADLINE)


def test_a_panel_missing_from_the_page_is_waited_for(tab: Tab) -> None:
    draw_both(tab.page)
    tab.page.evaluate("document.querySelector('[data-topic=b]').remove()")
    with pytest.raises(AssertionError, match="1 panels were seen"):
        tab.call("loaded", SOON)


def test_a_change_is_over_once_every_panel_was_drawn_again(tab: Tab) -> None:
    """It is counted from the last click, since the one before may only have opened a calendar."""
    draw_both(tab.page)
    tab.call("loaded", SOON)
    tab.call("arm")
    tab.page.get_by_role("button").click()
    tab.page.evaluate(FIGURE.format(2))
    tab.page.get_by_role("button").click()
    with pytest.raises(AssertionError, match="not drawn: a finished, b finished"):
        tab.call("changed", SOON)
    tab.page.evaluate(FIGURE.format(3))
    with pytest.raises(AssertionError, match="not drawn: b"):
        tab.call("changed", SOON)
    tab.page.evaluate("document.querySelector('.panel-empty').textContent = 'Still none.'")
    assert tab.call("changed", SOON)["took"] > 0
