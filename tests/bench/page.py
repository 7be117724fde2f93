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

from playwright.sync_api import sync_playwright

from tests.bench import many_panels
from tests.bench.page_cases import CASES, FRESH_MONTHS, OURS, PLAIN, Browsers, Contestant, Measures, Site
from tests.bench.page_tables import described
from tests.bench.plain_site import plain_site
from tests.browser import on_this_machine
from tests.e2e import clients
from tests.e2e.conftest import FINANCE, Stack

MANY = f"{OURS}-many"
NAMES = (*(f"{site}-{case}" for case in CASES for site in (OURS, PLAIN)), MANY)
"""Everything that is measured, in this order."""

MOST_LOADS = len(FRESH_MONTHS) // 2


@dataclass(frozen=True)
class Options:
    """`only` holds parts of names; `trace` is where a trace of one more load goes; `var` a folder kept between runs."""

    rows: int = 300_000
    loads: int = 5
    only: Sequence[str] = ()
    trace: Path | None = None
    var: Path | None = None

    def wants(self, name: str) -> bool:
        """Whether this is to be measured."""
        return not self.only or any(part in name for part in self.only)


def suite(options: Options) -> str:
    """The tables of all that was asked for."""
    executable = on_this_machine()
    assert executable, "No Chromium was found: python -m tests.browser installs one."
    with (
        tempfile.TemporaryDirectory(prefix="pushboard-bench-") as folder,
        _sites(options, Path(folder)) as (stack, sites),
        sync_playwright() as playwright,
        closing(Browsers(playwright, executable)) as browsers,
    ):
        measured = dict(_measured(options, stack, sites, browsers))
        return described(_machine(browsers, sites[0]), measured)


@contextmanager
def _sites(options: Options, folder: Path) -> Iterator[tuple[Stack, Sequence[Site]]]:
    """Ours, signed in, and the plain page where it is wanted."""
    with ExitStack() as running:
        stack = Stack(options.var or folder / "var", ("--rows", str(options.rows))).start()
        running.callback(stack.stop)
        session = running.enter_context(clients.sign_in(stack, FINANCE))
        cookies = [{"name": cookie.name, "value": cookie.value, "url": stack.url} for cookie in session.cookies]
        sites = [Site(OURS, f"{stack.url}/d/finance", cookies)]
        if any(options.wants(name) for name in NAMES if name.startswith(PLAIN)):
            sites.append(Site(PLAIN, running.enter_context(plain_site(stack, folder)) + "/"))
        yield stack, sites


def _measured(
    options: Options, stack: Stack, sites: Sequence[Site], browsers: Browsers
) -> Iterator[tuple[str, Sequence[Measures]]]:
    """Each name with the measures of its loads; the first of them is traced as well, in a load of its own."""
    trace = options.trace
    for case, months in CASES.items():
        contestants = [Contestant(site, case, browsers, months()) for site in sites]
        wanted = [each for each in contestants if options.wants(each.name)]
        yield from _rounds(wanted, options).items()
        if trace and wanted:
            wanted[0].trace(trace)
            trace = None
    if options.wants(MANY):
        many_panels.publish(stack)
        many_panels.measured(browsers, sites[0])  # fills the caches
        yield MANY, [many_panels.measured(browsers, sites[0]) for _ in range(options.loads)]


def _rounds(contestants: Sequence[Contestant], options: Options) -> Mapping[str, Sequence[Measures]]:
    """The loads of one case, all contestants in turn."""
    for contestant in contestants:
        contestant.warm_up()
    loads = {contestant.name: [] for contestant in contestants}
    for number in range(1, options.loads + 1):
        for contestant in contestants:
            loads[contestant.name].append(contestant.go())
            _tell(f"{contestant.name} {number} of {options.loads}: {loads[contestant.name][-1]['last']:,.0f} ms")
    return loads


def _tell(progress: str) -> None:
    sys.stderr.write(f"{progress}\n")


def _machine(browsers: Browsers, site: Site) -> str:
    """What the figures belong to."""
    load = ", ".join(f"{average:.1f}" for average in os.getloadavg())
    with browsers.warm(site) as context:
        version = context.browser.version if context.browser else "of an unknown version"
    return f"{os.cpu_count()} processors, load {load} (1, 5, 15 minutes), Chromium {version}"
