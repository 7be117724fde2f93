"""The Finance page beside the same page as a Dash tutorial would write it: when panels are drawn, and at what price.

Each round loads ours and the plain page in turn, so that a busy moment of the machine hits both. docs/benchmarks.md
tells what is measured, and what it must come to.
"""

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

from tests.bench import requirements
from tests.bench.page import many_panels
from tests.bench.page.browsers import START_MS
from tests.bench.page.case_tables import case_table, ratios
from tests.bench.page.cases import CASES, MOST_LOADS, OURS, PLAIN, WARM_UPS, Browsers, Contestant, Measures, Site
from tests.bench.page.plain_site import plain_site
from tests.bench.site import running
from tests.e2e import clients
from tests.e2e.conftest import FINANCE, Stack

MANY = f"{OURS}-many"
NAMES = (*(f"{site}-{case}" for case in CASES for site in (OURS, PLAIN)), MANY)
"""Everything that is measured, in this order."""


def part_of_names(text: str) -> str:
    """The text, which `only` takes; raises ValueError where no name has it."""
    if not any(text in name for name in NAMES):
        raise ValueError(text)
    return text


@dataclass(frozen=True)
class Options:
    """`only` holds parts of names; `trace` is where a trace of one more load goes; `var` a folder kept between runs."""

    rows: int = 300_000
    loads: int = 3
    only: Sequence[str] = ()
    trace: Path | None = None
    var: Path | None = None

    def wants(self, name: str) -> bool:
        """Whether this is to be measured."""
        return not self.only or any(part in name for part in self.only)


def suite(options: Options) -> Iterator[object]:
    """What is to be printed, as soon as it is known: the machine, a table for each case, and the ratios last."""
    executable = requirements.browser()
    with (
        tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder,
        _sites(options, Path(folder)) as (stack, sites),
        sync_playwright() as playwright,
        closing(Browsers(playwright, executable)) as browsers,
    ):
        yield _machine(playwright, executable)
        measured: dict[str, Sequence[Measures]] = {}
        for case, loads in _measured(options, stack, sites, browsers):
            measured |= loads
            yield case_table(case, loads)
        yield from ratios(measured)


@contextmanager
def _sites(options: Options, folder: Path) -> Iterator[tuple[Stack, Sequence[Site]]]:
    """Ours, signed in, and the plain page where it is wanted."""
    with ExitStack() as opened:
        stack = Stack(options.var or folder / "var", ("--rows", str(options.rows)))
        if options.var:
            opened.callback(stack.start().stop)
        else:
            opened.enter_context(running(stack))
        session = opened.enter_context(clients.sign_in(stack, FINANCE))
        cookies = [{"name": cookie.name, "value": cookie.value, "url": stack.url} for cookie in session.cookies]
        sites = [Site(OURS, f"{stack.url}/d/finance", cookies)]
        if any(options.wants(name) for name in NAMES if name.startswith(PLAIN)):
            sites.append(Site(PLAIN, opened.enter_context(plain_site(stack, folder)) + "/"))
        yield stack, sites


def _measured(
    options: Options, stack: Stack, sites: Sequence[Site], browsers: Browsers
) -> Iterator[tuple[str, Mapping[str, Sequence[Measures]]]]:
    """Each case with the loads of its sites, by name; the first is traced as well, in a load of its own."""
    trace = options.trace
    for case, months in CASES.items():
        contestants = [Contestant(site, case, browsers, months()) for site in sites]
        wanted = [each for each in contestants if options.wants(each.name)]
        if not wanted:
            continue
        yield case, _rounds(wanted, min(options.loads, MOST_LOADS.get(case, options.loads)))
        if trace:
            wanted[0].trace(trace)
            trace = None
    if options.wants(MANY):
        yield "many", {MANY: _many(options, stack, sites[0], browsers, trace)}


def _rounds(contestants: Sequence[Contestant], count: int) -> Mapping[str, Sequence[Measures]]:
    """The loads of one case, all contestants in turn."""
    for contestant in contestants:
        contestant.warm_up()
    loads = {contestant.name: [] for contestant in contestants}
    for number in range(1, count + 1):
        for contestant in contestants:
            loads[contestant.name].append(contestant.go())
            _tell(f"{contestant.name} {number} of {count}", loads[contestant.name][-1])
    return loads


def _many(options: Options, stack: Stack, site: Site, browsers: Browsers, trace: Path | None) -> Sequence[Measures]:
    """The loads of the page with 45 panels, after those that fill the caches, Chromium's compiled code among them."""
    loads: list[Measures] = []
    with many_panels.published(stack, many_panels.copies()):
        for _ in range(max(1, WARM_UPS - browsers.warm_loads[site.name])):
            many_panels.measured(browsers, site)
        for number in range(1, options.loads + 1):
            loads.append(many_panels.measured(browsers, site))
            _tell(f"{MANY} {number} of {options.loads}", loads[-1])
        if trace:
            many_panels.measured(browsers, site, trace)
    return loads


def _tell(load: str, measures: Measures) -> None:
    sys.stderr.write(f"{load}: drawn after {measures['last']:,.0f} ms\n")


def _machine(playwright: Playwright, executable: str) -> str:
    """What the figures belong to, and what else the machine did just before."""
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"], timeout=START_MS)
    version = browser.version
    browser.close()
    return f"{os.cpu_count()} processors, load {load} (1, 5, 15 minutes), Chromium {version}"
