"""A page of ours with 45 panels: what is on the screen first, then all of them, scrolled by."""

import re
from collections.abc import Mapping

from tests.bench.browsers import Screen, tab
from tests.bench.page_cases import Browsers, Site
from tests.bench.page_load import DRAWN_MS, Panels, Tab
from tests.e2e.conftest import FINANCE, REPO, Stack

COUNT = 45
SCREEN = Screen(1440, 1000)
PANELS = Panels("[data-topic]", "[data-state=finished]", 4, on_screen=True)
_REPORTS = REPO / "sql" / "reports" / "finance"
_ORDER = re.compile(r"^order: (\d+)$", re.MULTILINE)
_LISTED_SECONDS = 60


def publish(stack: Stack) -> None:
    """Adds copies of the Finance page's reports below them, until there are 45 panels."""
    texts = {file.stem: file.read_text(encoding="utf-8") for file in sorted(_REPORTS.glob("*.sql"))}
    shown = [name for name, text in texts.items() if "\nhidden: true\n" not in text]
    s3, token = stack.client("s3"), stack.id_token(FINANCE)
    names = []
    for number in range(COUNT - len(shown)):
        original, lap = shown[number % len(shown)], number // len(shown) + 1
        names.append(f"{original}_{lap}")
        text = _ORDER.sub(lambda match, lap=lap: f"order: {lap * 1000 + int(match[1])}", texts[original])
        s3.put_object(Bucket="pushboard", Key=f"sql/reports/finance/{names[-1]}.sql", Body=text.encode())
    listed = lambda: all(f'"{name}"' in stack.rest("/reports", token).text for name in names)  # noqa: E731
    stack.until(listed, _LISTED_SECONDS, "the copies to be listed")


def measured(browsers: Browsers, site: Site) -> Mapping[str, float]:
    """The measures of one load, and after every panel was scrolled by."""
    with browsers.warm(site, SCREEN) as context, tab(context) as page:
        load = Tab(page, PANELS)
        measures = load.load(site.url)
        panels = _scroll(load)
        assert panels >= COUNT, f"the page has {panels} panels"
        return {**measures, "all_longest_task": load.call("longestTask"), "heap": load.heap()}


def _scroll(load: Tab) -> int:
    """Goes down by screens, each until it is drawn, and returns how many panels there are in the end."""
    while not load.call("scroll"):
        load.call("loaded", DRAWN_MS)
    return int(load.call("counted")["panels"])
