"""`make bench`: ours and the alternatives, measured in turn in one run, and a table for each suite.

No test: how fast a machine is says nothing about whether the code is right.
"""

import argparse
import signal
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.bench import calls, downloads, exports, imports, runs, statements
from tests.bench.page import suite as page
from tests.bench.turn import suite as turn

SUITES = ("calls", "imports", "exports", "downloads", "page", "runs", "statements", "turn")


def main() -> None:
    """Runs the suites that were asked for. SIGTERM ends the processes that were started, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("terminated"))
    options = _options()
    suites: dict[str, Callable[[], Iterable[object]]] = {
        "calls": lambda: [calls.suite()],
        "imports": lambda: [imports.suite()],
        "exports": lambda: [exports.suite(options.export_rows)],
        "downloads": lambda: [downloads.suite(options.download_rows)],
        "page": lambda: page.suite(_page_options(options)),
        "runs": lambda: [runs.suite()],
        "statements": lambda: [statements.suite()],
        "turn": turn.suite,
    }
    for name in options.suites:
        for part in suites[name]():
            print(part, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="How fast, and in how much memory.")
    parser.add_argument("suites", nargs="*", default=SUITES, choices=SUITES, help="all, if none is named")
    parser.add_argument("--export-rows", type=int, default=5_000_000, help="rows of an export, up to ten million")
    parser.add_argument("--download-rows", type=int, default=1_000_000, help="rows of a download, up to ten million")
    _add_page(parser.add_argument_group("page"))
    return parser.parse_args()


def _add_page(group: argparse._ArgumentGroup) -> None:
    default = page.Options()
    group.add_argument("--rows", type=int, default=default.rows, help="trips behind the page")
    group.add_argument("--loads", type=_count, default=default.loads, help="loads of each (uncached: up to five)")
    parts = f"parts of these names: {', '.join(page.NAMES)}"
    group.add_argument("--only", nargs="+", default=(), type=page.part_of_names, metavar="NAME", help=parts)
    group.add_argument("--trace", type=Path, help="a file for a performance trace of one load more")
    group.add_argument("--var", type=Path, help="a folder for the site's data, kept for the next run")


def _count(text: str) -> int:
    """A number from one on; raises ValueError for anything else."""
    count = int(text)
    if count < 1:
        raise ValueError(text)
    return count


def _page_options(options: argparse.Namespace) -> page.Options:
    return page.Options(options.rows, options.loads, options.only, options.trace, options.var)


if __name__ == "__main__":
    main()
