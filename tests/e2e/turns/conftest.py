"""A page of small panels whose rows differ with every statement, and the event that their table has changed."""

import datetime
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import ADMIN, DRAWN, Stack, open_page
from tests.e2e.reports import publishing
from tests.e2e.tab import Tab

TABLE = "public.nyc_yellow_taxi"
HEADER = """/*---
title: {title}
cache: 1h
order: {order}
parameters:
  least: {{type: text, label: Least, default: "0"}}
chart: {chart}
{more}---*/
"""
CHART = """SELECT n AS x, n * n + random() AS y
FROM (
    SELECT DISTINCT passenger_count AS n FROM nyc_yellow_taxi WHERE passenger_count >= CAST(:least AS integer)
) AS counts
ORDER BY 1
"""
FIGURE = """SELECT CAST(100 + 800 * random() AS decimal(10, 6)) AS figure
FROM nyc_yellow_taxi WHERE passenger_count >= CAST(:least AS integer) LIMIT 1
"""
ROWS = """SELECT row_number() OVER (ORDER BY pickup_date) AS place, random() AS value
FROM nyc_yellow_taxi WHERE passenger_count >= CAST(:least AS integer) LIMIT 200
"""
PANELS = {
    "turn_chart": ("Turning chart", "{type: line, x: x, y: y}", "", CHART),
    "turn_rows": ("Turning rows", "{type: table}", "", ROWS),
    "turn_figure": ("Turning figure", "{type: number, value: figure}", "size: quarter\n", FIGURE),
    "turn_asked": ("Turning when asked", "{type: bar, x: x, y: y}", "live: false\n", CHART),
}
LIVE = ["turn_chart", "turn_rows", "turn_figure"]


@pytest.fixture(scope="module")
def turning(stack: Stack) -> Iterator[str]:
    """The address of the page."""
    with publishing(stack) as publish:
        for order, (name, (title, chart, more, sql)) in enumerate(PANELS.items(), 1):
            publish(f"turning/{name}", HEADER.format(title=title, order=order, chart=chart, more=more) + sql)
        stack.until(lambda: all(f'"{name}"' in stack.reports() for name in PANELS), 60, "the reports to be known")
        yield "/d/turning"


@dataclass
class TurningPage:
    """The open page, and the bus."""

    tab: Tab
    stack: Stack

    @property
    def page(self) -> Page:
        return self.tab.page

    def change(self) -> str:
        """Says on the bus that the table has changed; returns when."""
        moment = datetime.datetime.now(datetime.UTC).isoformat()
        detail = json.dumps({"tables": [TABLE], "at": moment})
        entry = {"Source": "pushboard.tables", "DetailType": "Tables Changed", "Detail": detail}
        assert self.stack.client("events").put_events(Entries=[entry])["FailedEntryCount"] == 0
        return moment

    def statements(self, topic: str) -> list[str]:
        """The statements that answered the panel's newest run, in their order."""
        run_id = self.tab.runs(topic)[-1]["runId"]
        ends = (m for m in self.tab.received if m["type"] == "finished" and m.get("runId") == run_id)
        return list(dict.fromkeys(m["statementId"] for m in ends))

    def turned(self, *topics: str) -> None:
        """Waits until each panel has another answer to the same run, and shows it."""
        for topic in topics:
            self.tab.until(lambda topic=topic: len(self.statements(topic)) > 1)
            expect(self.tab.panel(topic)).to_have_attribute("data-state", "finished", timeout=DRAWN)

    def value(self, topic: str) -> str:
        """A value on the screen that differs with every statement."""
        return str(self.tab.panel(topic).locator(VALUE[topic]).first.inner_text())

    def points(self, topic: str) -> str:
        """The values of the chart on the screen."""
        chart = self.tab.panel(topic).locator(".js-plotly-plot")
        return str(chart.evaluate("chart => JSON.stringify(chart._fullData.map(trace => Array.from(trace.y)))"))


VALUE = {
    "turn_figure": ".headline-figure",
    "turn_rows": ".ag-row[row-index='0'] .ag-cell[col-id='c1']",
}

OpenTurning = Callable[[], TurningPage]


@pytest.fixture
def open_turning(stack: Stack, turning: str, page: Page) -> OpenTurning:
    """Opens the page for an administrator, and waits until all is drawn and watched."""

    def opened() -> TurningPage:
        site = TurningPage(Tab(page), stack)
        open_page(page, stack, ADMIN, turning)
        for panel in site.tab.page.locator("[data-topic]").all():
            panel.scroll_into_view_if_needed()
        site.tab.is_finished(*PANELS)
        page.evaluate("scrollTo(0, 0)")
        return site

    return opened


@pytest.fixture
def site(open_turning: OpenTurning) -> TurningPage:
    return open_turning()
