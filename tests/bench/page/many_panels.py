"""A page of ours with 45 panels: what is on the screen first, then all of them, scrolled by."""

import re
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dashboard.gateway.client import LISTING_TTL
from tests.bench.page.browsers import Screen, tab
from tests.bench.page.cases import Browsers, Site
from tests.bench.page.load import DRAWN_MS, Panels, Tab
from tests.e2e.conftest import FINANCE, REPO, Stack

COUNT = 45
SCREEN = Screen(1440, 1000)
PANELS = Panels("[data-topic]", "[data-state=finished]", 4, on_screen=True)
_REPORTS = REPO / "sql" / "reports" / "finance"
_ORDER = re.compile(r"^order: (\d+)$", re.MULTILINE)
_LISTED_SECONDS = 60


@contextmanager
def published(stack: Stack, texts: Mapping[str, str]) -> Iterator[None]:
    """Meanwhile these files are reports of the Finance page, by their names."""
    s3, token = stack.client("s3"), stack.id_token(FINANCE)
    try:
        for name, text in texts.items():
            s3.put_object(Bucket="pushboard", Key=_key(name), Body=text.encode())

        def listed() -> bool:
            answer = stack.rest("/reports", token).text
            return all(f'"{name}"' in answer for name in texts)

        stack.until(listed, _LISTED_SECONDS, "the reports to be listed")
        known_at = time.monotonic() + LISTING_TTL
        stack.until(lambda: time.monotonic() > known_at, _LISTED_SECONDS, "the dashboard to have read them")
        yield
    finally:
        for name in texts:
            s3.delete_object(Bucket="pushboard", Key=_key(name))


def _key(name: str) -> str:
    return f"sql/reports/finance/{name}.sql"


def copies() -> Mapping[str, str]:
    """So many copies of the page's reports, by name and each ordered behind all originals, that it has 45 panels."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(_REPORTS.glob("*.sql"))}
    shown = [name for name, text in texts.items() if "\nhidden: true\n" not in text]
    copies = {}
    for number in range(COUNT - len(shown)):
        original, lap = shown[number % len(shown)], number // len(shown) + 1
        order = f"order: {lap * 1000 + int(_ORDER.search(texts[original])[1])}"
        copies[f"{original}_{lap}"] = _ORDER.sub(order, texts[original])
    return copies


def measured(browsers: Browsers, site: Site, trace: Path | None = None) -> Mapping[str, float]:
    """The measures of one load, which may be traced, and after every panel was scrolled by."""
    with browsers.warm(site) as context, tab(context) as page:
        page.set_viewport_size({"width": SCREEN.width, "height": SCREEN.height})
        load = Tab(page, PANELS)
        measures = load.load(site.url, trace)
        panels = _scroll(load)
        assert panels >= COUNT, f"the page has {panels} panels"
        return {**measures, "all_longest_task": load.call("longestTask"), "heap": load.heap()}


def _scroll(load: Tab) -> int:
    """Goes down by screens, each until it is drawn, and returns how many panels there are in the end."""
    while not load.call("scroll"):
        load.call("loaded", DRAWN_MS)
    return int(load.call("counted")["panels"])
