"""From a click to the drawn chart, of statements that take 0.2 s and 5 s: ours, a blocking callback, a polling one.

The blocking Dash callback is the floor: nobody tells sooner than an answer that was waited for. The polling one is
Dash's background callback with its own interval. All three wait as long, ask the same, draw twelve bars, and stand in
one browser; each round every page has its go.
"""

import importlib.util
import json
import statistics
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, sync_playwright

from tests.bench import bounds, requirements
from tests.bench.latency.answers import report
from tests.bench.latency.callback_page import name_of
from tests.bench.outcome.measures import KILOBYTES, Measure, of_goes, percentile
from tests.bench.page.browsers import Screen, profile, tab
from tests.bench.page.load import DRAWN_MS, Panels, Tab
from tests.bench.page.plain_site import served
from tests.bench.scale.site import Site, site
from tests.bench.tables import Table
from tests.e2e import clients
from tests.e2e.conftest import ADMIN

OURS, BLOCKING, POLLING = "ours", "blocking", "polling"
SCREEN = Screen(1440, 1000)
DEPARTMENT = "latency"
BARS = Path(__file__).with_name("bars.js").read_text(encoding="utf-8")

OVER_THE_FLOOR_MS = 120
"""The target: so much later than the blocking callback a chart of ours is drawn, at the median."""

OF_POLLING = 1 / 8
"""The target: such a share of what the polling callback comes later."""

NEEDED = ("diskcache", "multiprocess", "psutil")
"""Of Dash's extra `diskcache`, without which there are no background callbacks to compare with."""

Goes = Mapping[str, Sequence[Mapping[str, float]]]
"""By page: the milliseconds, requests and kilobytes of each go."""


@dataclass(frozen=True)
class Button:
    """An open page with one chart under measurement, and how its button is pressed."""

    name: str
    tab: Tab
    press: Callable[[Page], None]

    def start(self) -> None:
        """Presses the button of the page, which comes to the front."""
        self.tab.page.bring_to_front()
        self.tab.call("armBars")
        self.press(self.tab.page)

    def go(self) -> Mapping[str, float]:
        """The milliseconds from one click until its chart is drawn, and the traffic meanwhile."""
        traffic = self.tab.traffic
        before = traffic.requests, traffic.received, traffic.sent
        self.start()
        took = self.tab.call("barsDrawn", DRAWN_MS)
        sent_and_received = traffic.received - before[1] + traffic.sent - before[2]
        return {"took": took, "requests": traffic.requests - before[0], "kilobytes": sent_and_received / 1000}


def suite() -> Iterator[object]:
    """A table and measures for each length of a statement."""
    executable = requirements.browser()
    missing = [name for name in NEEDED if not importlib.util.find_spec(name)]
    if missing:
        raise requirements.NotMeasured(
            f"Dash's background callbacks need {', '.join(missing)}: make bench installs them."
        )
    with ExitStack() as opened:
        folder = opened.enter_context(tempfile.TemporaryDirectory(prefix="pushboard-bench-"))
        running = opened.enter_context(site(bounds.TRIP_ROWS))
        running.publish({f"{DEPARTMENT}/{_report(seconds)}": report(seconds) for seconds in bounds.CLICKS})
        urls = {
            BLOCKING: opened.enter_context(served("tests.bench.latency.blocking_page:server", {})),
            POLLING: opened.enter_context(
                served("tests.bench.latency.polling_page:server", {"LATENCY_CACHE": str(Path(folder) / "cache")})
            ),
        }
        context = opened.enter_context(
            profile(opened.enter_context(sync_playwright()), executable, SCREEN, _cookies(running))
        )
        for seconds in bounds.CLICKS:
            goes = _measured(context, running, urls, seconds)
            yield _table(seconds, goes)
            yield from _measures(seconds, goes)


def _cookies(running: Site) -> Sequence[Mapping[str, str]]:
    with clients.sign_in(running.stack, ADMIN) as session:
        return [{"name": one.name, "value": str(one.value), "url": running.stack.url} for one in session.cookies]


def _report(seconds: float) -> str:
    return name_of(seconds).replace("-", "_")


def _measured(context: BrowserContext, running: Site, urls: Mapping[str, str], seconds: float) -> Goes:
    with ExitStack() as opened:
        buttons = [opened.enter_context(_ours(context, running, seconds))]
        buttons += [opened.enter_context(_plain(context, name, url, seconds)) for name, url in urls.items()]
        for button in buttons:
            button.tab.call("loaded", DRAWN_MS)
        _warm_up(buttons)
        goes: dict[str, list[Mapping[str, float]]] = {button.name: [] for button in buttons}
        for _ in range(bounds.CLICKS[seconds]):
            for button in buttons:
                goes[button.name].append(button.go())
    return goes


def _warm_up(buttons: Sequence[Button]) -> None:
    """All at once: Chromium keeps compiled code from the second drawing on, and the first was the page's own."""
    for button in buttons:
        button.start()
    for button in buttons:
        button.tab.call("barsDrawn", DRAWN_MS)


@contextmanager
def _ours(context: BrowserContext, running: Site, seconds: float) -> Iterator[Button]:
    """Our page of both reports; the panel of this one is run again by its menu."""
    panel = f"[data-topic={_report(seconds)}]"

    def press(page: Page) -> None:
        page.locator(panel).get_by_role("button", name="More for").click()
        page.get_by_role("menuitem", name="Run again", exact=True).click()

    with _opened(context, f"{running.stack.url}/d/{DEPARTMENT}", Panels(panel, "[data-state=finished]", 1)) as tab_:
        yield Button(OURS, tab_, press)


@contextmanager
def _plain(context: BrowserContext, name: str, url: str, seconds: float) -> Iterator[Button]:
    graph = name_of(seconds)
    with _opened(context, url, Panels(f"#{graph}", ".dash-graph", 1)) as tab_:
        yield Button(name, tab_, lambda page: page.locator(f"#run-{graph}").click())


@contextmanager
def _opened(context: BrowserContext, url: str, panels: Panels) -> Iterator[Tab]:
    with tab(context) as page:
        opened = Tab(page, panels)
        page.add_init_script(f"({BARS})({json.dumps(panels.panel)});")
        page.goto(url, wait_until="commit", timeout=DRAWN_MS)
        yield opened


def _values(goes: Sequence[Mapping[str, float]], key: str) -> list[float]:
    return [go[key] for go in goes]


def _measures(seconds: float, goes: Goes) -> Iterator[Measure]:
    took = {name: _values(each, "took") for name, each in goes.items()}
    medians = {name: statistics.median(values) for name, values in took.items()}
    at = f"{seconds:g}_s"
    yield of_goes(f"drawn_{at}_to_polling", took[OURS], "ms", took[POLLING])
    yield of_goes(f"drawn_{at}_to_blocking", took[OURS], "ms", took[BLOCKING])
    yield Measure(
        f"over_the_floor_{at}",
        medians[OURS] - medians[BLOCKING],
        "ms",
        goes=len(took[OURS]),
        beside=medians[POLLING] - medians[BLOCKING],
        at_most=OVER_THE_FLOOR_MS,
        ratio_at_most=OF_POLLING,
        is_compared=False,
    )
    for key, unit in (("requests", "requests"), ("kilobytes", KILOBYTES)):
        yield of_goes(f"{key}_{at}", _values(goes[OURS], key), unit, _values(goes[POLLING], key))


def _table(seconds: float, goes: Goes) -> Table:
    floor = statistics.median(_values(goes[BLOCKING], "took"))
    lines = [
        (
            name,
            f"{statistics.median(took):,.0f} ms",
            f"{percentile(took, 90):,.0f} ms",
            f"{statistics.median(took) - floor:,.0f} ms",
            f"{statistics.median(_values(each, 'requests')):g}",
            f"{statistics.median(_values(each, 'kilobytes')):.1f} kB",
        )
        for name, each in goes.items()
        for took in [_values(each, "took")]
    ]
    head = ("page", "click to drawn", "90th percentile", "over the floor", "requests", "sent and received")
    return Table(f"A statement of {seconds:g} s, medians of {bounds.CLICKS[seconds]} clicks", head, lines)
