"""What a viewer does on a page that is drawn: a click on a mark beside a choice in the filter bar, and a large pivot.

A click that sets a filter must redraw no later than the same change by the filter's control, and a pivot of 50,000 rows
must not hold up the page for 200 ms, be it drawn, sorted or scrolled.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.bench import bounds
from tests.bench.outcome.measures import Measure, of_goes
from tests.bench.page.browsers import tab
from tests.bench.page.cases import OURS, WARM_UPS, Browsers, Site
from tests.bench.page.load import Panels, Tab
from tests.bench.page.many_panels import published
from tests.bench.requirements import browser
from tests.bench.site import running
from tests.e2e import clients
from tests.e2e.conftest import FINANCE, Stack

DEPENDENT = ("revenue", "revenue_by_day", "revenue_by_distance", "revenue_by_hour", "revenue_steps", "trip_cost")
"""The panels of the Finance page that the filter of payments narrows."""

TWO_CHOSEN = "payments=Card,Other"
"""Of these, a click on the one and the choice that takes the other away leave the same value: both draw the same."""

LONGEST_TASK_MS = 200
PIVOT = "pivot_of_many_rows"
_PIVOT_TEXT = """/*---
title: Pivot of many rows
size: full
cache: 1h
chart: {type: pivot, rows: [zone, kind], columns: trip_month, values: [fares, trips]}
columns:
  fares: {format: currency}
  trips: {format: thousands, bar: true}
---*/
WITH ten AS (SELECT 0 AS d UNION ALL SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4
    UNION ALL SELECT 5 UNION ALL SELECT 6 UNION ALL SELECT 7 UNION ALL SELECT 8 UNION ALL SELECT 9),
numbers AS (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d AS n
    FROM ten AS a, ten AS b, ten AS c, ten AS d, ten AS e)
SELECT 'Zone ' || CAST(n % 250 AS varchar) AS zone, 'Kind ' || CAST(n % 4 AS varchar) AS kind,
    1 + n % 24 AS trip_month, CAST(n AS decimal(12, 2)) AS fares, n % 100 AS trips
FROM numbers WHERE n < 50000
"""
_MIDDLE = """slice => {
    const box = slice.closest(".pielayer").getBoundingClientRect();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const radius = Math.min(box.width, box.height) / 2;
    for (let degrees = 10; degrees < 360; degrees += 10) {
        const angle = (degrees * Math.PI) / 180;
        const place = [x + 0.8 * radius * Math.cos(angle), y + 0.8 * radius * Math.sin(angle)];
        if (document.elementFromPoint(...place) === slice) return place;
    }
    throw new Error("the slice is nowhere");
}"""
_SCROLL = """panel => new Promise(resolve => {
    const rows = panel.querySelector(".ag-body-viewport"), columns = panel.querySelector(".ag-center-cols-viewport");
    let step = 0;
    (function next() {
        if (++step > 60) return setTimeout(resolve, 300);
        rows.scrollTop += 400;
        columns.scrollLeft += 60;
        requestAnimationFrame(next);
    })();
})"""


def suite() -> Iterator[Measure]:
    """A click beside a choice, in turn, and the longest tasks of a pivot."""
    executable = browser()
    with (
        tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder,
        _stack(Path(folder)) as (stack, site),
        sync_playwright() as playwright,
        closing(Browsers(playwright, executable)) as browsers,
    ):
        yield _clicks(browsers, site)
        with published(stack, {PIVOT: _PIVOT_TEXT}):
            yield from _pivot(browsers, site)


@contextmanager
def _stack(folder: Path) -> Iterator[tuple[Stack, Site]]:
    stack = Stack(folder / "var", ("--rows", str(bounds.TRIP_ROWS)))
    with running(stack), clients.sign_in(stack, FINANCE) as session:
        cookies = [{"name": one.name, "value": one.value, "url": stack.url} for one in session.cookies]
        yield stack, Site(OURS, f"{stack.url}/d/finance", cookies)


def _clicks(browsers: Browsers, site: Site) -> Measure:
    ways: dict[Callable[[Page], None], list[float]] = {_click: [], _choose: []}
    for way in ways:
        _changed(browsers, site, way)  # two loads in all, as many as Chromium needs to keep compiled code
    for _ in range(bounds.CLICKS_AND_CHOICES):
        for way, took in ways.items():
            took.append(_changed(browsers, site, way))
    return of_goes("click_to_last_redraw", ways[_click], "s", ways[_choose], ratio_at_most=1.1)


def _changed(browsers: Browsers, site: Site, way: Callable[[Page], None]) -> float:
    """Seconds until the panels that depend on a filter are drawn again, of results that are cached."""
    panels = Panels(", ".join(f"[data-topic={name}]" for name in DEPENDENT), "[data-state=finished]", len(DEPENDENT))
    with browsers.warm(site) as context, tab(context) as page:
        measured = Tab(page, panels)
        measured.load(f"{site.url}?{TWO_CHOSEN}")
        return measured.change(way)["change"] / 1000


def _click(page: Page) -> None:
    """The slice of those who paid by card, in the middle of its ring."""
    x, y = page.locator("[data-topic=payment_mix] .slice path").first.evaluate(_MIDDLE)
    page.mouse.click(x, y)


def _choose(page: Page) -> None:
    """Takes the other of the two values away, which is one click too."""
    chosen = page.locator(".filters .mantine-Pill-root", has_text="Other")
    chosen.locator("button").dispatch_event("click")


def _pivot(browsers: Browsers, site: Site) -> Iterator[Measure]:
    tasks: dict[str, list[float]] = {"drawn": [], "sorted": [], "scrolled": []}
    for number in range(WARM_UPS + bounds.INTERACTIONS):
        measured = _pivot_tasks(browsers, site)
        if number >= WARM_UPS:
            for name, longest in zip(tasks, measured, strict=True):
                tasks[name].append(longest)
    for name, goes in tasks.items():
        yield of_goes(f"pivot_{name}_longest_task", goes, "ms", at_most=LONGEST_TASK_MS)


def _pivot_tasks(browsers: Browsers, site: Site) -> Sequence[float]:
    """The longest task until a pivot is drawn, while it is sorted, and while it is scrolled down and across."""
    with browsers.warm(site) as context, tab(context) as page:
        measured = Tab(page, Panels(f"[data-topic={PIVOT}]", "[data-state=finished]", 1))
        drawn = measured.load(f"{site.url}#{PIVOT}")["longest_task"]
        panel = page.locator(f"[data-topic={PIVOT}]")
        since = page.evaluate("performance.now()")
        panel.locator(".ag-header-cell[col-id=c2]").click()
        panel.locator(".ag-header-cell[col-id=c2][aria-sort=ascending]").wait_for()
        panel.locator(".ag-row[row-index='0'] .ag-cell").first.wait_for()
        sorted_ = measured.call("longestTask", since)
        since = page.evaluate("performance.now()")
        panel.evaluate(_SCROLL)
        return drawn, sorted_, measured.call("longestTask", since)
