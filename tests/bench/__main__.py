"""`make bench`: ours and the alternatives, measured in turn in one run, and a table for each suite.

No test: how fast a machine is says nothing about whether the code is right.
"""

import argparse
import functools
from pathlib import Path

from tests.bench import downloads, exports, imports, page

SUITES = ("imports", "exports", "downloads", "page")


def main() -> None:
    """Runs the suites that were asked for."""
    options = _options()
    suites = {
        "imports": imports.suite,
        "exports": functools.partial(exports.suite, options.export_rows),
        "downloads": functools.partial(downloads.suite, options.download_rows),
        "page": functools.partial(page.suite, _page_options(options)),
    }
    for name in options.suites:
        print(suites[name](), flush=True)


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
    group.add_argument(
        "--loads", type=int, default=default.loads, choices=range(1, page.MOST_LOADS + 1), help="loads of each"
    )
    group.add_argument("--only", nargs="+", default=(), help=f"parts of these names: {', '.join(page.NAMES)}")
    group.add_argument("--trace", type=Path, help="a file for a performance trace of one load more")
    group.add_argument("--var", type=Path, help="a folder for the site's data, kept for the next run")


def _page_options(options: argparse.Namespace) -> page.Options:
    return page.Options(options.rows, options.loads, options.only, options.trace, options.var)


if __name__ == "__main__":
    main()
