"""Pages in a real browser, and when each of their panels was redrawn: ours by its own word, the plain by figures.

Both scripts write to `window.__redraws`: the panel, when its rows were read, and when it was redrawn, in milliseconds
since 1970. Ours leaves out when rows were read: a turn that ends after a load shows it.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from playwright.sync_api import BrowserContext, Page

from tests.bench.page.browsers import tab
from tests.bench.turn.plain_tabs import Run, is_of_panel
from tests.e2e.tab import Tab

PANELS = "[data-topic], .dash-graph"
"""The panels of a page of ours, and the graphs of the plain one: its grid does not tell when it was redrawn."""

OURS_SCRIPT = """(() => {
  window.__redraws = [];
  new MutationObserver((records) => {
    const at = performance.timeOrigin + performance.now();
    for (const { target, oldValue } of records) {
      if (oldValue && !target.dataset.turning) window.__redraws.push([target.dataset.topic, at, at]);
    }
  }).observe(document, { subtree: true, attributeFilter: ["data-turning"], attributeOldValue: true });
})();"""
"""A panel has `data-turning` from the word that its tables changed until its new chart or rows are on the screen."""

PLAIN_SCRIPT = """(() => {
  window.__redraws = [];
  const seen = new Map();
  (function frame() {
    for (const plot of document.querySelectorAll(".js-plotly-plot")) {
      const panel = plot.closest(".dash-graph")?.id;
      const readAt = plot._fullLayout?.meta?.readAt;
      if (!panel || !readAt || seen.get(panel) === readAt) continue;
      seen.set(panel, readAt);
      window.__redraws.push([panel, readAt, performance.timeOrigin + performance.now()]);
    }
    requestAnimationFrame(frame);
  })();
})();"""
"""A figure of `refreshing_page` names when it was read; Plotly draws it in the task that sets its full layout."""


@dataclass
class BrowserPage:
    """An open page, and what it and the site say to one another."""

    tab: Tab

    @property
    def page(self) -> Page:
        return self.tab.page

    @property
    def panels(self) -> int:
        """How many panels it has, once they are there."""
        return int(self.page.evaluate("panels => document.querySelectorAll(panels).length", PANELS))

    def is_redrawn_since(self, moment: float) -> bool:
        """Whether all its panels were."""
        return 0 < self.panels <= len(self.redraws_since(moment))

    def redraws_since(self, moment: float) -> Mapping[str, float]:
        """When each panel was first redrawn with rows read since then; both in seconds since 1970."""
        first: dict[str, float] = {}
        for panel, read_at, at in self.page.evaluate("window.__redraws"):
            if read_at / 1000 > moment:
                first.setdefault(panel, at / 1000)
        return first

    def traffic(self) -> Counter[str]:
        """What there was so far: `requests`, `messages` of the socket, and its `heartbeats`."""
        heartbeats = sum(message["type"] == "heartbeat" for message in self.tab.received)
        messages = len(self.tab.sent) + len(self.tab.received) - heartbeats
        return Counter(requests=len(self.tab.requests), messages=messages, heartbeats=heartbeats)

    def runs(self) -> Sequence[Run]:
        """The newest watched run of each panel, and of each report that fills a filter, as the page sent it."""
        newest = {message["topicName"]: message for message in self.tab.sent if message.get("watch")}
        return list(newest.values())


def watches_all_panels(page: BrowserPage) -> bool:
    """Whether a page of ours watches the run of each of its panels."""
    return sum(map(is_of_panel, page.runs())) == page.panels


@contextmanager
def browser_pages(context: BrowserContext, addresses: Sequence[str], script: str) -> Iterator[Sequence[BrowserPage]]:
    """A tab for each address, with one of the scripts above; closed afterwards."""
    with ExitStack() as opened:
        pages = [BrowserPage(Tab(opened.enter_context(tab(context)))) for _ in addresses]
        for page, address in zip(pages, addresses, strict=True):
            page.page.add_init_script(script)
            page.page.goto(address, wait_until="commit")
        yield pages


def is_drawn(page: BrowserPage) -> bool:
    """Whether all panels of one of our pages show the rows of their runs."""
    count = "document.querySelectorAll('[data-topic][data-state=finished]:not([data-turning])').length"
    return 0 < page.panels <= int(page.page.evaluate(count))
